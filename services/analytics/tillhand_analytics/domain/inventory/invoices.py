"""Invoices in which a cancellation is an invoice of its own, with the same goods in negative numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from tillhand_analytics.domain.records import UNKNOWN, Bools, Ints


def kept_quantities(quantity: Ints, customer: Ints, goods: Ints, cancels: Bools) -> Ints:
    """What was not cancelled of each line, lines being in the order of time; 0 for cancellations themselves.

    A cancellation takes the customer's latest earlier line of the same goods with exactly its quantity, and where there
    is none the latest lines until its quantity is used up. What was bought before the first invoice, or by a customer
    who is not known (-1), cannot be matched, and takes nothing.
    """
    kept = np.where(cancels, 0, np.maximum(quantity, 0))
    taking = cancels & (quantity < 0) & (customer != UNKNOWN)
    wanted = set(zip(customer[taking].tolist(), goods[taking].tolist(), strict=True))
    bought: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(customer.tolist(), goods.tolist(), strict=True)):
        if key not in wanted:
            continue
        if taking[row]:
            _take(kept, bought[key], -int(quantity[row]))
        elif kept[row] > 0:
            bought[key].append(row)
    return kept


def _take(kept: Ints, bought: Sequence[int], units: int) -> None:
    """Take units out of earlier lines."""
    same = [row for row in bought if kept[row] == units]
    for row in same[-1:] or reversed(bought):
        taken = min(units, int(kept[row]))
        kept[row] -= taken
        units -= taken
        if units == 0:
            return
