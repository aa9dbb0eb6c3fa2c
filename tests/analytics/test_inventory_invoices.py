"""Files of invoice lines are read as demand, without what was cancelled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tillhand_analytics.adapters.invoice_files import read_demand
from tillhand_analytics.commands import evaluate_inventory
from tillhand_analytics.domain.inventory.invoices import kept_quantities
from tillhand_analytics.errors import BadFigure

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def kept(*lines: tuple[int, int, int, bool]) -> list[int]:
    quantity, customer, goods, cancels = (np.array(each) for each in zip(*lines, strict=True))
    found: list[int] = kept_quantities(quantity, customer, goods, cancels.astype(np.bool_)).tolist()
    return found


def test_a_cancellation_takes_the_latest_line_of_its_quantity() -> None:
    assert kept((5, 1, 7, False), (5, 1, 7, False), (9, 1, 7, False), (-5, 1, 7, True)) == [5, 0, 9, 0]


def test_a_part_that_is_cancelled_comes_off_the_latest_lines() -> None:
    assert kept((4, 1, 7, False), (6, 1, 7, False), (-8, 1, 7, True)) == [2, 0, 0]


def test_what_another_bought_is_not_taken() -> None:
    assert kept((4, 1, 7, False), (4, 2, 8, False), (-4, 2, 7, True), (-4, -1, 7, True)) == [4, 4, 0, 0]


def test_a_cancellation_of_more_than_was_bought_takes_all_of_it() -> None:
    assert kept((4, 1, 7, False), (-9, 1, 7, True), (3, 1, 7, False)) == [0, 0, 3]


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
    found = read_demand(tmp_path)
    assert found.file == "lines.csv"
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
    assert read_demand(tmp_path / "a.csv").units.tolist() == read_demand(tmp_path / "a.parquet").units.tolist()
    assert read_demand(tmp_path).file == "a.parquet"


@pytest.mark.parametrize(
    ("content", "message"),
    [("a,b\n1,2\n", "no column InvoiceNo"), (HEAD, "no line with goods"), ("", "cannot be read")],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(content)
    with pytest.raises(BadFigure, match=message):
        read_demand(path)


def test_a_missing_file_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadFigure, match="no file of invoice lines"):
        read_demand(tmp_path)
    with pytest.raises(BadFigure, match=r"gone\.parquet cannot be read"):
        read_demand(tmp_path / "gone.parquet")


@pytest.mark.parametrize(("field", "value"), [("level", 0.4), ("lead_times", (0,)), ("least_sale_days", 0)])
def test_an_evaluation_that_cannot_be_names_the_field(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(BadFigure) as refused:
        evaluate_inventory(tmp_path, **{field: value})  # type: ignore[arg-type]  # the wrong value is the point
    assert refused.value.field == field
