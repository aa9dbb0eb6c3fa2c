"""Reorder points are measured at the terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.cli.shell import WITHOUT_ENV_FILE, run


@pytest.fixture(scope="module")
def invoices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sales of 40 SKUs over 300 days."""
    random = np.random.default_rng(5)
    day, goods = np.nonzero(random.random((300, 40)) < 0.3)
    stamps = np.datetime64("2026-01-01T09:00") + day.astype("timedelta64[D]")
    frame = pl.DataFrame(
        {
            "InvoiceNo": [str(place) for place in range(len(day))],
            "StockCode": [f"{10_000 + place}" for place in goods],
            "Quantity": random.geometric(0.3, len(day)),
            "InvoiceDate": stamps.astype(str),
            "UnitPrice": np.full(len(day), 2.5),
            "CustomerID": np.full(len(day), 7),
        }
    )
    path = tmp_path_factory.mktemp("sales") / "lines.parquet"
    frame.write_parquet(path)
    return path


async def test_an_evaluation_puts_conformal_beside_textbook(invoices: Path) -> None:
    ended = await run("inventory", "evaluate", "--data", str(invoices), "--json", env=WITHOUT_ENV_FILE)
    assert ended.code == 0, ended.err
    assert (ended.json["skus"], ended.json["days"], ended.json["training_days"]) == (40, 300, 150)
    assert [row["lead_time_days"] for row in ended.json["lead_times"]] == [7, 14, 28]
    for row in ended.json["lead_times"]:
        assert abs(row["conformal_coverage"] - 0.95) < 0.04
        assert 0.5 < row["textbook_coverage"] < 1
        assert row["judged"] > 400


async def test_a_table_is_shown_to_people(invoices: Path) -> None:
    ended = await run(
        *("inventory", "evaluate", "--data", str(invoices.parent), "--lead-time", "10", "--level", "0.9"),
        env=WITHOUT_ENV_FILE,
    )
    assert ended.code == 0, ended.err
    assert "40 of 40 SKUs" in ended.out
    assert "10 days" in ended.out
    assert "0.900" in ended.out


async def test_what_cannot_be_measured_is_a_line_and_an_exit_code(invoices: Path) -> None:
    ended = await run("inventory", "evaluate", "--data", str(invoices), "--level", "1.5", env=WITHOUT_ENV_FILE)
    assert ended.code == 2
    assert ended.err == "tillhand: The level must be above 0.5 and below 1.\n"
