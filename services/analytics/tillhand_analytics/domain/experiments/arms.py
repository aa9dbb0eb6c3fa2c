"""The arms of an experiment, with their running totals at each look; what cannot be is refused with its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Floats, Ints
from tillhand_analytics.errors import BadFigure

FEWEST_ARMS: Final = 2
MOST_ARMS: Final = 10
_ROUNDING: Final = 1e-9


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
        raise BadFigure(f"There must be {FEWEST_ARMS} to {MOST_ARMS} arms.", field="arms")
    if len({arm.name for arm in arms}) < len(arms):
        raise BadFigure("Two arms have the same name.", field="arms")
    looks = len(arms[0].visitors)
    for place, arm in enumerate(arms):
        _check(arm, f"arms[{place}]", looks)
    if len({arm.revenue is None for arm in arms}) > 1:
        raise BadFigure("Revenue must be given for all arms or for none.", field="arms")
    whole = sum(arm.share for arm in arms)
    return tuple(
        Arm(arm.name, arm.visitors, arm.conversions, arm.revenue, arm.revenue_squares, arm.share / whole)
        for arm in arms
    )


def _check(arm: Arm, field: str, looks: int) -> None:
    if not (np.isfinite(arm.share) and arm.share > 0):
        raise BadFigure("A share must be above 0.", field=f"{field}.share")
    series: dict[str, Ints | Floats | None] = {
        "visitors": arm.visitors,
        "conversions": arm.conversions,
        "revenue_minor": arm.revenue,
        "revenue_squares": arm.revenue_squares,
    }
    for name, values in series.items():
        if values is not None:
            _check_totals(values, f"{field}.{name}", looks)
    if (arm.conversions > arm.visitors).any():
        raise BadFigure("There are more conversions than visitors.", field=f"{field}.conversions")
    _check_squares(arm, field)


def _check_totals(values: Ints | Floats, field: str, looks: int) -> None:
    if len(values) != looks or looks == 0:
        raise BadFigure("All arms must have the same looks, and one at least.", field=field)
    if not np.isfinite(values).all() or (values < 0).any():
        raise BadFigure("Totals must be numbers from 0 up.", field=field)
    if (np.diff(values) < 0).any():
        raise BadFigure("Totals must not fall from look to look.", field=field)


def _check_squares(arm: Arm, field: str) -> None:
    if (arm.revenue is None) != (arm.revenue_squares is None):
        raise BadFigure("Revenue and its squares come together.", field=f"{field}.revenue_squares")
    if arm.revenue is None or arm.revenue_squares is None:
        return
    least = arm.revenue**2 / np.maximum(arm.visitors, 1)
    if (arm.revenue_squares < least * (1 - _ROUNDING)).any():
        raise BadFigure("No revenues of so many visitors have these squares.", field=f"{field}.revenue_squares")
