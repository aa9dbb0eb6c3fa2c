"""The arms of an experiment, with their running totals at each look; what cannot be is refused with its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats, Ints
from tillhand_analytics.errors import BadFigure

FEWEST_ARMS: Final = 2
MOST_ARMS: Final = 10
_ROUNDING: Final = 1e-6
"""How far totals that were made of rounded deviations may be off."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm; arrays have one entry for each look, the oldest first, and only grow.

    `revenue` and `revenue_squares` are sums over visitors of their revenue in minor units and of its square; both are
    None where revenue is not compared. `share` is the part of all visitors that the arm was meant to get.
    """

    name: str
    visitors: Ints
    conversions: Ints
    revenue: Floats | None = None
    revenue_squares: Floats | None = None
    share: float = 1.0


def checked(arms: Sequence[Arm]) -> tuple[Arm, ...]:
    """The arms with shares that add up to 1. Raises BadFigure naming the field that is wrong."""
    if not FEWEST_ARMS <= len(arms) <= MOST_ARMS:
        raise BadFigure(f"There must be {FEWEST_ARMS} to {MOST_ARMS} arms.", field="body.arms")
    if len({arm.name for arm in arms}) < len(arms):
        raise BadFigure("Two arms have the same name.", field="body.arms")
    looks = len(arms[0].visitors)
    for place, arm in enumerate(arms):
        _check(arm, f"body.arms.{place}", looks)
    if len({arm.revenue is None for arm in arms}) > 1:
        raise BadFigure("Revenue must be given for all arms or for none.", field="body.arms")
    whole = sum(arm.share for arm in arms)
    return tuple(
        Arm(arm.name, arm.visitors, arm.conversions, arm.revenue, arm.revenue_squares, arm.share / whole)
        for arm in arms
    )


def _check(arm: Arm, field: str, looks: int) -> None:
    if not (np.isfinite(arm.share) and arm.share > 0):
        raise BadFigure("A share must be above 0.", field=f"{field}.share")
    totals: dict[str, Ints | Floats | None] = {
        "visitors": arm.visitors,
        "conversions": arm.conversions,
        "revenue_minor": arm.revenue,
        "revenue_deviation_minor": arm.revenue_squares,
    }
    if looks == 0 or any(values is not None and len(values) != looks for values in totals.values()):
        raise BadFigure("All arms must have the same looks, and one at least.", field=f"{field}.looks")
    for name, values in totals.items():
        if values is not None:
            _check_totals(values, field, name)
    _refuse(arm.conversions > arm.visitors, field, "conversions", "There are more conversions than visitors.")
    _check_revenue(arm, field)


def _check_totals(values: Ints | Floats, field: str, name: str) -> None:
    _refuse(~np.isfinite(values) | (values < 0), field, name, "Totals must be numbers from 0 up.")
    fallen = np.diff(values, prepend=values[:1]) < -_ROUNDING * np.abs(values)
    _refuse(fallen, field, name, "Totals must not fall from look to look.")


def _check_revenue(arm: Arm, field: str) -> None:
    if (arm.revenue is None) != (arm.revenue_squares is None):
        raise BadFigure("Revenue and its deviation come together.", field=f"{field}.looks")
    if arm.revenue is None or arm.revenue_squares is None:
        return
    least = arm.revenue**2 / np.maximum(arm.visitors, 1)
    impossible = arm.revenue_squares < least * (1 - _ROUNDING)
    _refuse(impossible, field, "revenue_deviation_minor", "No revenues of so many visitors spread like this.")


def _refuse(wrong: Bools, field: str, name: str, reason: str) -> None:
    """Name the first look that is wrong."""
    if wrong.any():
        raise BadFigure(reason, field=f"{field}.looks.{int(np.argmax(wrong))}.{name}")
