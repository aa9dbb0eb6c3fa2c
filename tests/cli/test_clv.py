"""`tillhand clv`: published figures beside ours, and what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.cli.shell import WITHOUT_ENV_FILE, Ended, run
from tests.fakes.buyers import buyers
from tillhand_analytics.commands import evaluate_clv
from tillhand_analytics.domain.customers.bgnbd import BgNbd
from tillhand_analytics.errors import BadFigure
from tillhand_cli.__main__ import app


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in the layout of CDNOW, with customers of our own."""
    random = np.random.default_rng(6)
    seen = buyers(BgNbd(0.9, 5.0, 0.8, 2.5), 600, age=39, ahead=0, seed=6).known
    summary, sample = ["ID,frequency,recency,T"], []
    for who, (times, last, age) in enumerate(zip(seen.frequency, seen.recency, seen.age, strict=True)):
        summary.append(f"{who + 1},{times},{last:.2f},{age}")
        first = np.datetime64("1997-09-30") - int(age * 7)
        days = [
            0,
            *np.unique(random.integers(1, int(last * 7) + 2, times)),
            int(age * 7) + int(random.integers(1, 270)),
        ]
        sample += [
            f" {who:05} {who:04} {str(first + int(day)).replace('-', '')}  1 {random.gamma(6, 5):7.2f}" for day in days
        ]
    (tmp_path / "cdnow_customers_summary.csv").write_text("\n".join(summary) + "\n")
    (tmp_path / "CDNOW_sample.txt").write_text("\n".join(sample) + "\n")
    return tmp_path


def evaluate(folder: Path, *arguments: str) -> Ended:
    done = CliRunner().invoke(app, ["clv", "evaluate", "--data", str(folder), *arguments])
    assert done.exception is None, done.output
    return Ended(done.exit_code, done.stdout, done.stderr)


def test_the_report_is_one_json_document(data: Path) -> None:
    report = evaluate(data, "--json").json
    assert report["customers"] == 600
    assert report["bgnbd"]["published"]["log_likelihood"] == -9582.4
    assert report["bgnbd"]["ours"].keys() == report["bgnbd"]["published"].keys()
    assert report["bgnbd"]["agrees"] is False
    assert report["bgnbd"]["seconds"] > 0
    assert report["holdout"]["purchases"]["came"] >= 600
    assert {"model", "naive"} <= report["holdout"]["purchases"].keys()


def test_a_person_reads_tables(data: Path) -> None:
    shown = evaluate(data).out
    assert "differs from what is published" in shown
    assert "preferred:" in shown


async def test_a_failure_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    ended = await run("clv", "evaluate", "--data", str(tmp_path), "--json", env=WITHOUT_ENV_FILE)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("tillhand: cdnow_customers_summary.csv cannot be read")
    assert "Traceback" not in ended.err


def gone(folder: Path) -> None:
    (folder / "CDNOW_sample.txt").unlink()


def another_header(folder: Path) -> None:
    file = folder / "cdnow_customers_summary.csv"
    file.write_text(file.read_text().replace("recency", "last", 1))


def no_number(folder: Path) -> None:
    file = folder / "cdnow_customers_summary.csv"
    file.write_text("ID,frequency,recency,T\n1,often,1,2\n")


def negative(folder: Path) -> None:
    (folder / "cdnow_customers_summary.csv").write_text("ID,frequency,recency,T\n1,1,-1,2\n")


def later_than_the_end(folder: Path) -> None:
    (folder / "cdnow_customers_summary.csv").write_text("ID,frequency,recency,T\n1,1,3,2\n")


def no_day(folder: Path) -> None:
    (folder / "CDNOW_sample.txt").write_text(" 00004 0001 19971301  2   29.33\n")


def a_column_short(folder: Path) -> None:
    (folder / "CDNOW_sample.txt").write_text(" 00004 0001 19970101  2\n")


def empty(folder: Path) -> None:
    (folder / "CDNOW_sample.txt").write_text("")


def binary(folder: Path) -> None:
    (folder / "CDNOW_sample.txt").write_bytes(b"\xff\xfe\x00")


def few(folder: Path) -> None:
    (folder / "CDNOW_sample.txt").write_text(" 00004 0001 19970101  2   29.33\n")


@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        (gone, "CDNOW_sample.txt cannot be read"),
        (another_header, "cdnow_customers_summary.csv: the column recency is missing"),
        (no_number, "cdnow_customers_summary.csv, line 2: frequency"),
        (negative, "cdnow_customers_summary.csv, line 2: recency"),
        (later_than_the_end, "cdnow_customers_summary.csv: recency lies after T"),
        (no_day, "CDNOW_sample.txt, line 1: date"),
        (a_column_short, "CDNOW_sample.txt, line 1: 5 columns are needed"),
        (empty, "CDNOW_sample.txt: there is no row"),
        (binary, "CDNOW_sample.txt is not text"),
        (few, "0 customers came back"),
    ],
)
def test_what_cannot_be_used_is_named(data: Path, spoil: Callable[[Path], None], names: str) -> None:
    spoil(data)
    with pytest.raises(BadFigure) as refused:
        evaluate_clv(data)
    assert names in refused.value.detail
