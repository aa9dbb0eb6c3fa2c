"""A ledger of invoice lines in which cancellations are rows of their own, and the classes that explain all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from tillhand_analytics.domain.records import Bools, Ints, Moments, Texts
from tillhand_analytics.domain.sales.counting import sums
from tillhand_analytics.domain.sales.matching import Matches, Movements, matched
from tillhand_analytics.domain.tables import Column, Table

Sort = Literal["sales", "free_goods", "removals", "cancellations", "charges", "charges_back", "adjustments"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
MICROS_PER_UNIT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Ledger:
    """Invoice lines in the order of the file. Prices are millionths of the currency, so that sums are exact.

    `customer` is -1 where there is none. `cancels` marks lines of cancelling invoices, `adjusts` those of corrections
    of the books; `goods` says whether a line is about goods, and not about postage, fees or vouchers.
    """

    invoices: Texts
    codes: Texts
    customers: Texts
    invoice: Ints
    code: Ints
    customer: Ints
    at: Moments
    quantity: Ints
    unit_price_micros: Ints
    cancels: Bools
    adjusts: Bools
    goods: Bools

    @property
    def amount_micros(self) -> Ints:
        """Of each line, signed."""
        amount: Ints = self.quantity * self.unit_price_micros
        return amount


def sorted_rows(ledger: Ledger) -> Ints:
    """The sort of each line, as a place in SORTS; every line has exactly one."""
    priced, taken = ledger.unit_price_micros > 0, ledger.quantity < 0
    choices = (
        ledger.adjusts | (ledger.unit_price_micros < 0),
        ~ledger.goods & ledger.cancels,
        ~ledger.goods,
        ledger.cancels,
        taken,
        priced & (ledger.quantity > 0),
    )
    names: tuple[Sort, ...] = ("adjustments", "charges_back", "charges", "cancellations", "removals", "sales")
    places = [np.int64(SORTS.index(name)) for name in names]
    return np.select(choices, places, default=np.int64(SORTS.index("free_goods"))).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Explained:
    """One class of the statement; the amounts of all classes are the sum of the ledger."""

    name: str
    about: str
    rows: int
    units: int
    amount_micros: int


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger explained. `net_of_whole_micros` is gross sales less the sales that were struck out as a whole, and
    `net_micros` that less what was taken back in part; `net_units` are what is left of each line that is a sale.

    `unexplained_micros` is the sum of the ledger less that of all classes.
    """

    classes: tuple[Explained, ...]
    matches: Matches
    net_units: Ints
    gross_micros: int
    net_of_whole_micros: int
    net_micros: int
    total_micros: int
    unexplained_micros: int


def explained(ledger: Ledger) -> Account:
    """Match cancellations to sales, and explain every line of a ledger."""
    sort = sorted_rows(ledger)
    pairs = matched(_movements(ledger, sort))
    amount = ledger.amount_micros
    sale = _is(sort, "sales")
    classes = (
        _class("sales", "Goods sold, as they were invoiced.", ledger, sale),
        *_cancellations(ledger, sort, pairs),
        _class("free_goods", "Goods without a price.", ledger, _is(sort, "free_goods")),
        _class(
            "removals",
            "Goods taken out without a cancellation: damaged, lost, counted anew.",
            ledger,
            _is(sort, "removals"),
        ),
        _class("charges", "Postage, fees, vouchers and other codes that are no goods.", ledger, _is(sort, "charges")),
        _class("charges_back", "Such charges cancelled.", ledger, _is(sort, "charges_back")),
        _class("adjustments", "Corrections of the books, such as bad debt.", ledger, _is(sort, "adjustments")),
    )
    net_units = np.where(sale, ledger.quantity, 0) - pairs.taken(len(sort))
    gross = int(amount[sale].sum())
    worth = pairs.units * ledger.unit_price_micros[pairs.sale]
    whole = gross - int(worth[pairs.whole].sum())
    total = int(amount.sum())
    told = sum(each.amount_micros for each in classes)
    net = int((net_units * ledger.unit_price_micros).sum())
    return Account(classes, pairs, net_units, gross, whole, net, total, total - told)


def _is(sort: Ints, name: Sort) -> Bools:
    chosen: Bools = sort == SORTS.index(name)
    return chosen


def _movements(ledger: Ledger, sort: Ints) -> Movements:
    """Goods sold and cancelled at a price, by time; what has one time stands as in the file."""
    cancelled = _is(sort, "cancellations") & (ledger.quantity < 0) & (ledger.unit_price_micros > 0)
    rows = np.flatnonzero(_is(sort, "sales") | cancelled)
    rows = rows[np.argsort(ledger.at[rows], kind="stable")]
    return Movements(
        rows, ledger.customer[rows], ledger.code[rows], ledger.unit_price_micros[rows], ledger.quantity[rows]
    )


def _class(name: str, about: str, ledger: Ledger, chosen: Bools) -> Explained:
    amount, units = ledger.amount_micros[chosen], ledger.quantity[chosen]
    return Explained(name, about, int(chosen.sum()), int(units.sum()), int(amount.sum()))


def _cancellations(ledger: Ledger, sort: Ints, pairs: Matches) -> tuple[Explained, ...]:
    """Cancelled goods at the prices of the sales that they match, what is beside these prices, and the rest."""
    price = ledger.unit_price_micros
    found = []
    for whole, name, about in (
        (True, "cancelled_whole", "Sales struck out as a whole, at their own prices."),
        (False, "cancelled_in_part", "Units taken back from larger sales, or from several."),
    ):
        chosen = pairs.whole == whole
        sale, units = pairs.sale[chosen], pairs.units[chosen]
        rows = len(np.unique(pairs.cancellation[chosen]))
        found.append(Explained(name, about, rows, -int(units.sum()), -int((units * price[sale]).sum())))
    differs = price[pairs.sale] != price[pairs.cancellation]
    other = int((pairs.units * (price[pairs.sale] - price[pairs.cancellation])).sum())
    found.append(Explained("price_differences", "Cancelled at another price than sold.", int(differs.sum()), 0, other))
    left = np.where(_is(sort, "cancellations"), ledger.quantity, 0)
    left += sums(pairs.cancellation, pairs.units, len(sort))
    open_rows = _is(sort, "cancellations") & ((left != 0) | (ledger.quantity == 0))
    found.append(
        Explained(
            "cancelled_unmatched",
            "Cancellations, or units of them, for which no earlier sale is in the ledger.",
            int(open_rows.sum()),
            int(left.sum()),
            int((left * price).sum()),
        )
    )
    return tuple(found)


def statement(account: Account) -> Table:
    """The classes as a table, and the sum that is left to explain."""
    rows = (
        *account.classes,
        Explained("unexplained", "What no class explains.", 0, 0, account.unexplained_micros),
    )
    return Table(
        "ledger",
        (
            Column("class", "text", "Name of the class.", [row.name for row in rows]),
            Column("about", "text", "What is in it.", [row.about for row in rows]),
            Column("rows", "integer", "Lines of the ledger.", np.array([row.rows for row in rows])),
            Column("units", "integer", "Units, signed.", np.array([row.units for row in rows])),
            Column(
                "amount_micros",
                "integer",
                "Amount in millionths of the currency, signed.",
                np.array([row.amount_micros for row in rows]),
            ),
        ),
    )
