"""`tillhand forecast`: scores of every model beside the published ones, and what cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tillhand_analytics.commands import evaluate_forecasts
from tillhand_analytics.errors import BadFigure
from tillhand_cli.__main__ import app

STEPS = 170


def row(name: str, values: np.ndarray) -> str:
    return ",".join([name, *(f"{value:.3f}" for value in values)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in the layout of the competition, with series of our own and scores of one benchmark."""
    random = np.random.default_rng(9)
    train, test = ["id,V1"], ["id,V1"]
    for at in range(8):
        season = 20 * np.sin(np.arange(STEPS + 13) * 2 * np.pi / 52)
        series = 200 + season + np.cumsum(random.normal(0, 1, STEPS + 13))
        train.append(row(f"W{at}", series[:STEPS]))
        test.append(row(f"W{at}", series[STEPS:]))
    (tmp_path / "Weekly-train.csv").write_text("\n".join(train) + "\n")
    (tmp_path / "Weekly-test.csv").write_text("\n".join(test) + "\n")
    (tmp_path / "published_point_scores.csv").write_text(
        "method,sMAPE_Weekly,MASE_Weekly,OWA_Weekly\nNaive,9.5,2.5,1.0\n"
    )
    return tmp_path


def test_every_model_is_scored_and_the_default_was_chosen_without_what_came_after(data: Path) -> None:
    told = CliRunner().invoke(app, ["forecast", "evaluate", "--data", str(data), "--origins", "4", "--json"])
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    assert report["models"]["naive"]["published"] == {"smape": 9.5, "mase": 2.5, "owa": 1.0}
    assert report["models"]["naive"]["owa"] == 1.0
    assert report["default_owa"] == report["models"]["default"]["owa"]
    lines = (data / "Weekly-test.csv").read_text().splitlines()
    spoilt = [lines[0], *(row(line.split(",")[0], np.full(13, 1.0)) for line in lines[1:])]
    (data / "Weekly-test.csv").write_text("\n".join(spoilt) + "\n")
    again = evaluate_forecasts(data, origins=4, benchmark_intervals=False)
    assert (again["default"], again["choice"]) == (report["default"], report["choice"])
    assert again["default_owa"] != report["default_owa"]


def test_a_person_reads_a_table(data: Path) -> None:
    asked = ["forecast", "evaluate", "--data", str(data), "--origins", "4", "--no-benchmark-intervals"]
    told = CliRunner().invoke(app, asked, env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    assert "8 series, 13 weeks ahead" in told.output
    assert "The default is" in told.output


def gone(data: Path) -> None:
    (data / "Weekly-test.csv").unlink()


def no_number(data: Path) -> None:
    (data / "Weekly-train.csv").write_text("id,V1\nW0,1,two\n")


def another_series(data: Path) -> None:
    (data / "Weekly-test.csv").write_text("id,V1\n" + row("X", np.ones(13)) + "\n")


def a_week_short(data: Path) -> None:
    lines = (data / "Weekly-test.csv").read_text().splitlines()
    (data / "Weekly-test.csv").write_text("\n".join([*lines[:1], lines[1].rpartition(",")[0], *lines[2:]]) + "\n")


def no_column(data: Path) -> None:
    (data / "published_point_scores.csv").write_text("method,sMAPE_Weekly\nNaive,9\n")


@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        (gone, "Weekly-test.csv cannot be read"),
        (no_number, "Weekly-train.csv, line 2: a value is no number"),
        (another_series, "is in one of them alone"),
        (a_week_short, "the series W0 has 12 values, not 13"),
        (no_column, "published_point_scores.csv: the column MASE_Weekly is missing"),
    ],
)
def test_what_cannot_be_used_is_named(data: Path, spoil: Callable[[Path], None], names: str) -> None:
    spoil(data)
    with pytest.raises(BadFigure) as refused:
        evaluate_forecasts(data)
    assert names in refused.value.detail
