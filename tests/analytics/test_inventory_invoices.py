"""Files of invoice lines are read as demand, without what was cancelled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tillhand_analytics.adapters.retail_ledger import ledger_file, read_ledger
from tillhand_analytics.commands import evaluate_inventory
from tillhand_analytics.domain.inventory.invoices import Demand, demand_of
from tillhand_analytics.errors import BadFigure

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def read(path: Path) -> Demand:
    return demand_of(read_ledger(ledger_file(path)))


def test_demand_is_read_from_a_file_of_lines(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(
        HEAD
        + "1,10001,a,3,2026-01-01 09:00:00,1.5,7,UK\n"
        + "2,POST,b,1,2026-01-02 09:00:00,9.0,7,UK\n"
        + "3,10002,c,4,2026-01-03 09:00:00,1.5,8,UK\n"
        + "C4,10002,c,-4,2026-01-03 10:00:00,1.5,8,UK\n"
        + "5,10001,a,2,2026-01-04 09:00:00,1.5,,UK\n"
        + "6,10001,a,2,2026-01-04 09:30:00,0,,UK\n"
    )
    found = read(tmp_path)
    assert found.skus == ("10001", "10002")
    assert found.first_day == np.datetime64("2026-01-01")
    assert found.units.tolist() == [[3, 0, 0, 2], [0, 0, 0, 0]]


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    rows = [
        (str(place), "10001", "a", 1 + place % 3, f"2026-01-{1 + place:02} 08:00:00", 2.0, 5, "UK")
        for place in range(9)
    ]
    frame = pl.DataFrame(rows, schema=HEAD.strip().split(","), orient="row")
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_csv(tmp_path / "a.csv")
    assert read(tmp_path / "a.csv").units.tolist() == read(tmp_path / "a.parquet").units.tolist()
    assert ledger_file(tmp_path).name == "a.parquet"


@pytest.mark.parametrize(
    ("content", "message"),
    [("a,b\n1,2\n", "no column InvoiceNo"), (HEAD, "no line with goods"), ("", "cannot be read")],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(content)
    with pytest.raises(BadFigure, match=message):
        read(path)


def test_a_folder_may_hold_other_tables_too(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(HEAD + "1,01001,a,3,2026-01-01 09:00:00,1.5,7,UK\n")
    (tmp_path / "other.csv").write_text("day,degrees\n2026-01-01,4\n")
    pl.DataFrame({"day": [1]}).write_parquet(tmp_path / "other.parquet")
    assert read(tmp_path).skus == ("01001",)


def test_what_a_line_does_not_say_is_nothing_sold(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(
        HEAD
        + "1,10001,a,3,2026-01-01 09:00:00,1.5,,UK\n"
        + "2,10001,a,,2026-01-01 09:00:00,1.5,7,UK\n"
        + "3,10001,a,3,2026-01-01 09:00:00,,7,UK\n"
        + "4,10001,a,3,,1.5,7,UK\n"
        + ",,a,3,2026-01-01 09:00:00,1.5,7,UK\n"
    )
    assert read(tmp_path).units.tolist() == [[3]]


def test_a_missing_file_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadFigure, match="no file of invoice lines"):
        read(tmp_path)
    with pytest.raises(BadFigure, match=r"gone\.parquet cannot be read"):
        read(tmp_path / "gone.parquet")


@pytest.mark.parametrize(("field", "value"), [("level", 0.4), ("lead_times", (0,)), ("least_sale_days", 0)])
def test_an_evaluation_that_cannot_be_names_the_field(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(BadFigure) as refused:
        evaluate_inventory(tmp_path, **{field: value})  # type: ignore[arg-type]  # the wrong value is the point
    assert refused.value.field == field
