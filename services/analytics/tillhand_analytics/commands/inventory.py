"""Measures reorder points on published sales, for `tillhand inventory evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from tillhand_analytics import errors
from tillhand_analytics.adapters.retail_ledger import ledger_file, read_ledger
from tillhand_analytics.domain.inventory.invoices import demand_of
from tillhand_analytics.domain.inventory.trial import chosen_beforehand, demand_panel, tried

LEAD_TIMES: Final = (7, 14, 28)
LEVEL: Final = 0.95
LEAST_SALE_DAYS: Final = 20


def evaluate_inventory(
    data: Path,
    *,
    level: float = LEVEL,
    lead_times: Sequence[int] = LEAD_TIMES,
    least_sale_days: int = LEAST_SALE_DAYS,
) -> dict[str, Any]:
    """How often stock would have sufficed over the lead time, conformal beside textbook, and for how much stock.

    The first half of the days is training: it chooses the SKUs, those with demand on at least `least_sale_days` of
    them. Every week of the second half is an origin; each point is made of what was known then. Raises `BadFigure`.
    """
    _checked(level, lead_times, least_sale_days)
    file = ledger_file(data)
    found = demand_of(read_ledger(file))
    training = found.units.shape[1] // 2
    rows = chosen_beforehand(found.units, training, least_sale_days)
    if rows.size == 0:
        raise errors.BadFigure("No SKU has demand on so many training days.", field="least_sale_days")
    panel = demand_panel(found.first_day, tuple(found.skus[row] for row in rows), found.units[rows])
    trials = tried(panel, lead_times, level, training)
    return {
        "data": file.name,
        "level": level,
        "days": panel.days,
        "training_days": training,
        "least_sale_days": least_sale_days,
        "skus_known": len(found.skus),
        "skus": len(rows),
        "lead_times": [asdict(trial) for trial in trials],
    }


def _checked(level: float, lead_times: Sequence[int], least_sale_days: int) -> None:
    if not 0.5 < level < 1:  # noqa: PLR2004  # half of the lead times is no service level
        raise errors.BadFigure("The level must be above 0.5 and below 1.", field="level")
    if not lead_times or min(lead_times) < 1:
        raise errors.BadFigure("A lead time must be at least one day.", field="lead_times")
    if least_sale_days < 1:
        raise errors.BadFigure("At least one day of sales must be asked for.", field="least_sale_days")
