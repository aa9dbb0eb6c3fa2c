"""Cancellations that are rows of their own are matched to sales, and every row of a ledger is explained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_analytics.adapters.retail_ledger import read_ledger
from tillhand_analytics.domain.sales.ledger import Account, Ledger, explained, statement
from tillhand_analytics.errors import BadFigure

SHARED = Path(__file__).parents[3] / "shared" / "data" / "sales" / "online_retail.parquet"
Row = tuple[str, str, int, int, float, int | None]
"""Invoice, stock code, quantity, hour, price, customer."""


def ledger_of(rows: Sequence[Row], folder: Path) -> Ledger:
    """The rows as the file has them, read as the file is read."""
    frame = pl.DataFrame(
        {
            "InvoiceNo": [row[0] for row in rows],
            "StockCode": [row[1] for row in rows],
            "Description": ["" for _ in rows],
            "Quantity": [row[2] for row in rows],
            "InvoiceDate": [f"2011-01-{1 + row[3] // 24:02d} {row[3] % 24:02d}:00:00" for row in rows],
            "UnitPrice": [row[4] for row in rows],
            "CustomerID": pl.Series([row[5] for row in rows], dtype=pl.Int64),
            "Country": ["United Kingdom" for _ in rows],
        },
        schema_overrides={
            "InvoiceNo": pl.String,
            "StockCode": pl.String,
            "Quantity": pl.Int64,
            "UnitPrice": pl.Float64,
        },
    )
    frame.write_parquet(folder / "ledger.parquet")
    return read_ledger(folder / "ledger.parquet")


def classes(account: Account) -> dict[str, tuple[int, int, float]]:
    """Rows, units and amount of each class that holds any."""
    return {each.name: (each.rows, each.units, each.amount_micros / 1e6) for each in account.classes if each.rows}


def test_a_cancellation_of_a_whole_sale_strikes_out_the_latest_one(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("1", "12345", 6, 0, 2.5, 7),
        ("2", "12345", 6, 5, 3.0, 7),
        ("C3", "12345", -6, 6, 3.0, 7),
        ("4", "12345", 6, 9, 3.0, 7),
    ]
    account = explained(ledger_of(rows, tmp_path))
    assert list(account.net_units) == [6, 0, 0, 6]
    assert account.net_of_whole_micros == 33_000_000
    assert classes(account) == {"sales": (3, 18, 51.0), "cancelled_whole": (1, -6, -18.0)}


def test_a_cancellation_of_a_part_takes_units_off_the_latest_sales(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("1", "12345", 10, 0, 2.0, 7),
        ("2", "12345", 3, 1, 2.0, 7),
        ("C3", "12345", -5, 2, 2.0, 7),
    ]
    account = explained(ledger_of(rows, tmp_path))
    assert list(account.net_units) == [8, 0, 0]
    assert account.net_of_whole_micros == account.gross_micros == 26_000_000
    assert account.net_micros == 16_000_000
    assert classes(account)["cancelled_in_part"] == (1, -5, -10.0)


def test_a_sale_is_struck_out_once_and_what_is_left_over_is_told(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("1", "12345", 6, 0, 2.0, 7),
        ("C2", "12345", -6, 1, 2.0, 7),
        ("C3", "12345", -6, 2, 2.0, 7),
    ]
    account = explained(ledger_of(rows, tmp_path))
    assert list(account.net_units) == [0, 0, 0]
    assert classes(account)["cancelled_unmatched"] == (1, -6, -12.0)


def test_a_cancellation_of_more_than_was_bought_takes_all_of_it_and_nothing_later(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("1", "12345", 4, 0, 2.0, 7),
        ("2", "12345", 5, 1, 2.0, 7),
        ("C3", "12345", -11, 2, 2.0, 7),
        ("4", "12345", 3, 3, 2.0, 7),
    ]
    account = explained(ledger_of(rows, tmp_path))
    assert list(account.net_units) == [0, 0, 0, 3]
    assert classes(account)["cancelled_unmatched"] == (1, -2, -4.0)


def test_a_whole_sale_is_cancelled_at_another_price_too_and_the_difference_is_told(tmp_path: Path) -> None:
    rows: list[Row] = [("1", "12345", 4, 0, 2.0, 7), ("C2", "12345", -4, 1, 1.5, 7)]
    found = classes(explained(ledger_of(rows, tmp_path)))
    assert found["cancelled_whole"] == (1, -4, -8.0)
    assert found["price_differences"] == (1, 0, 2.0)


@pytest.mark.parametrize(
    ("sale", "cancellation"),
    [
        (("1", "12345", 6, 5, 2.0, 7), ("C2", "12345", -6, 4, 2.0, 7)),
        (("1", "12345", 6, 0, 2.0, 7), ("C2", "12345", -6, 1, 2.0, 8)),
        (("1", "12345", 6, 0, 2.0, 7), ("C2", "12346", -6, 1, 2.0, 7)),
        (("1", "12345", 6, 0, 2.0, 7), ("C2", "12345", -5, 1, 1.0, 7)),
        (("1", "12345", 6, 0, 2.0, None), ("C2", "12345", -6, 1, 2.0, None)),
    ],
    ids=["earlier than the sale", "another customer", "other goods", "a part at another price", "nobody"],
)
def test_what_belongs_to_no_earlier_sale_stays_unmatched(sale: Row, cancellation: Row, tmp_path: Path) -> None:
    account = explained(ledger_of([sale, cancellation], tmp_path))
    assert account.net_micros == account.gross_micros
    assert classes(account)["cancelled_unmatched"][0] == 1


def test_postage_stock_corrections_gifts_and_bad_debt_have_classes_of_their_own(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("1", "POST", 1, 0, 18.0, 7),
        ("C2", "POST", -1, 1, 18.0, 7),
        ("3", "12345", -40, 1, 0.0, None),
        ("4", "12345", 2, 1, 0.0, 7),
        ("A5", "B", 1, 1, -11062.06, None),
    ]
    account = explained(ledger_of(rows, tmp_path))
    assert classes(account) == {
        "charges": (1, 1, 18.0),
        "charges_back": (1, -1, -18.0),
        "removals": (1, -40, 0.0),
        "free_goods": (1, 2, 0.0),
        "adjustments": (1, 1, -11062.06),
    }
    assert account.unexplained_micros == 0


row = st.tuples(
    st.sampled_from(("1", "2", "C3", "C4", "A5")),
    st.sampled_from(("12345", "12346", "POST")),
    st.integers(-8, 8),
    st.integers(0, 48),
    st.sampled_from((0.0, 0.001, 1.25, 2.5, -3.0)),
    st.sampled_from((7, 8, None)),
)


@given(st.lists(row, min_size=1, max_size=40))
def test_every_row_is_explained_and_no_sale_gives_more_than_it_has(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    ledger = ledger_of(rows, tmp_path_factory.mktemp("ledger"))
    account = explained(ledger)
    matches, amount = account.matches, ledger.amount_micros
    taken = matches.taken(len(rows))
    worth = int((matches.units * ledger.unit_price_micros[matches.sale]).sum())
    assert account.unexplained_micros == 0
    assert sum(each.rows for each in account.classes if each.name in _WHOLE_ROWS) <= len(rows)
    assert account.net_micros + worth == account.gross_micros
    assert account.net_micros <= account.net_of_whole_micros <= account.gross_micros
    assert (matches.units > 0).all()
    assert (taken <= np.maximum(ledger.quantity, 0)).all()
    given_back = np.zeros(len(rows), dtype=np.int64)
    np.add.at(given_back, matches.cancellation, matches.units)
    assert (given_back <= np.maximum(-ledger.quantity, 0)).all()
    assert (ledger.at[matches.sale] <= ledger.at[matches.cancellation]).all()
    assert (ledger.customer[matches.sale] == ledger.customer[matches.cancellation]).all()
    assert (ledger.code[matches.sale] == ledger.code[matches.cancellation]).all()
    assert sum(each.amount_micros for each in account.classes) == int(amount.sum())


_WHOLE_ROWS = {"sales", "free_goods", "removals", "charges", "charges_back", "adjustments"}


@given(st.lists(row, min_size=1, max_size=25))
def test_pairs_of_the_second_pass_have_one_price_and_leave_nothing_that_would_match(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    ledger = ledger_of(rows, tmp_path_factory.mktemp("ledger"))
    account = explained(ledger)
    parts = ~account.matches.whole
    price = ledger.unit_price_micros
    assert (price[account.matches.sale[parts]] == price[account.matches.cancellation[parts]]).all()
    left = np.where(ledger.cancels & ledger.goods & (price > 0) & ~ledger.adjusts, -ledger.quantity, 0)
    np.subtract.at(left, account.matches.cancellation, account.matches.units)
    for at in np.flatnonzero((left > 0) & (ledger.customer >= 0)):
        earlier = (ledger.at < ledger.at[at]) & (ledger.customer == ledger.customer[at])
        same = earlier & (ledger.code == ledger.code[at]) & (price == price[at])
        assert account.net_units[same].sum() == 0


@pytest.mark.parametrize("broken", ["Quantity", "CustomerID"])
def test_a_file_without_a_column_is_refused_by_name(broken: str, tmp_path: Path) -> None:
    ledger_of([("1", "12345", 6, 0, 2.5, 7)], tmp_path)
    frame = pl.read_parquet(tmp_path / "ledger.parquet").drop(broken)
    frame.write_parquet(tmp_path / "ledger.parquet")
    with pytest.raises(BadFigure) as refused:
        read_ledger(tmp_path / "ledger.parquet")
    assert refused.value.field == broken


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.parquet").write_bytes(b"PAR?")
    with pytest.raises(BadFigure):
        read_ledger(tmp_path / "ledger.parquet")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="wants ../shared/data")
def test_net_sales_of_online_retail_are_the_figure_given_for_it_for_which_the_rule_was_chosen() -> None:
    ledger = read_ledger(SHARED)
    account = explained(ledger)
    assert account.gross_micros == 10_271_034_610_000
    assert account.net_of_whole_micros == 9_847_274_660_000
    assert account.net_micros == 9_786_717_470_000
    assert account.total_micros == 9_747_747_934_000
    assert account.unexplained_micros == 0
    assert list(statement(account).columns[-1].values)[-1] == 0


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="wants ../shared/data")
def test_an_order_cancelled_within_minutes_is_no_best_seller_of_online_retail() -> None:
    ledger = read_ledger(SHARED)
    account = explained(ledger)
    craft = ledger.codes.index("23843")
    sold = ledger.code == craft
    assert ledger.quantity[sold & ~ledger.cancels].sum() == 80_995
    assert account.net_units[sold].sum() == 0
    units = np.bincount(ledger.code, weights=np.where(ledger.goods & ~ledger.cancels, ledger.quantity, 0))
    assert craft in np.argsort(-units)[:2]
    assert craft not in np.argsort(-np.bincount(ledger.code, weights=account.net_units))[:100]
