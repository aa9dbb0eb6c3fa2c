"""A ledger is explained at the terminal."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.cli.shell import WITHOUT_ENV_FILE, run


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mistaken order, its cancellation, a sale that stands, and postage."""
    path = tmp_path_factory.mktemp("ledger") / "lines.csv"
    pl.DataFrame(
        {
            "InvoiceNo": ["1", "2", "C3", "4", "4"],
            "StockCode": ["10001", "10002", "10002", "10001", "POST"],
            "Description": ["Mug", "Rug", "Rug", "Mug", "Postage"],
            "Quantity": [3, 8_000, -8_000, 1, 1],
            "InvoiceDate": [f"2026-01-0{day} 09:00:00" for day in (1, 2, 2, 3, 3)],
            "UnitPrice": [2.5, 1.04, 1.04, 2.5, 18.0],
            "CustomerID": [7, 8, 8, 7, 7],
            "Country": ["Germany"] * 5,
        }
    ).write_csv(path)
    return path


async def test_every_row_of_a_ledger_has_a_class(ledger: Path) -> None:
    ended = await run("sales", "evaluate", "--data", str(ledger), "--json", env=WITHOUT_ENV_FILE)
    assert ended.code == 0, ended.err
    assert ended.json["rows"] == 5
    assert (ended.json["gross_micros"], ended.json["net_micros"]) == (8_330_000_000, 10_000_000)
    assert ended.json["unexplained_micros"] == 0
    amounts = {row["name"]: row["amount_micros"] for row in ended.json["classes"]}
    assert sum(amounts.values()) == ended.json["total_micros"] == 28_000_000
    assert amounts["cancelled_whole"] == -8_320_000_000
    best = ended.json["best_sellers"]
    assert best["invoiced"][0] == {"code": "10002", "units": 8_000}
    assert best["kept"][0] == {"code": "10001", "units": 4}


async def test_a_person_reads_exact_amounts(ledger: Path) -> None:
    ended = await run("sales", "evaluate", "--data", str(ledger.parent), env=WITHOUT_ENV_FILE)
    assert ended.code == 0, ended.err
    assert "Gross sales 8,330.00, net of matched cancellations 10.00" in ended.out
    assert "unexplained 0.00" in ended.out


async def test_a_file_that_is_no_ledger_is_a_line_and_an_exit_code(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text("a,b\n1,2\n", "utf-8")
    ended = await run("sales", "evaluate", "--data", str(tmp_path), env=WITHOUT_ENV_FILE)
    assert ended.code == 2
    assert ended.err == "tillhand: lines.csv has no column InvoiceNo.\n"
