"""Explains a ledger of invoice lines to the last unit, for `tillhand sales evaluate`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from tillhand_analytics.adapters.retail_ledger import ledger_file, read_ledger
from tillhand_analytics.domain.sales.ledger import Account, Ledger, explained

BEST: Final = 5


def evaluate_sales(data: Path) -> dict[str, Any]:
    """Gross and net sales of a ledger, what explains the difference, and the best sellers before and after.

    Amounts are in millionths of the currency. The rule behind `net_micros` was chosen to give the net figure given for
    UCI Online Retail: agreement with that is no check of it. Raises `BadFigure` where the file cannot be read as
    invoice lines.
    """
    file = ledger_file(data)
    ledger = read_ledger(file)
    account = explained(ledger)
    return {
        "data": file.name,
        "rows": len(ledger.quantity),
        "gross_micros": account.gross_micros,
        "net_micros": account.net_of_whole_micros,
        "net_of_parts_micros": account.net_micros,
        "total_micros": account.total_micros,
        "unexplained_micros": account.unexplained_micros,
        "classes": [asdict(each) for each in account.classes],
        "best_sellers": _best(ledger, account),
    }


def _best(ledger: Ledger, account: Account) -> dict[str, list[dict[str, Any]]]:
    """Codes of goods by units, as invoiced and with cancellations matched."""
    invoiced = np.where(ledger.goods & ~ledger.cancels & (ledger.unit_price_micros > 0), ledger.quantity, 0)
    return {"invoiced": _first(ledger, invoiced), "kept": _first(ledger, account.net_units)}


def _first(ledger: Ledger, units: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[dict[str, Any]]:
    by_code = np.bincount(ledger.code, weights=units, minlength=len(ledger.codes))
    best = np.argsort(-by_code, kind="stable")[:BEST]
    return [{"code": ledger.codes[at], "units": int(by_code[at])} for at in best.tolist()]
