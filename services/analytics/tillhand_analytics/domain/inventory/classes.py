"""Classes of goods: by what they earn (ABC), by how evenly they sell (XYZ), by the shape of their demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.panel import Matrix, Panel
from tillhand_analytics.domain.inventory.windows import weekly, weekly_days
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints, Texts

A_SHARE: Final = 0.80
B_SHARE: Final = 0.95
X_VARIATION: Final = 0.5
Y_VARIATION: Final = 1.0
LEAST_WEEKS: Final = 8
ADI_CUT: Final = 1.32
CV2_CUT: Final = 0.49
_ABC: Final = np.array(["A", "B", "C"])
_XYZ: Final = np.array(["X", "Y", "Z", None], dtype=np.object_)
_SHAPES: Final = np.array(["smooth", "erratic", "intermittent", "lumpy", "none"])


@dataclass(frozen=True, slots=True)
class Pareto:
    """ABC classes: `share` is a SKU's part of all revenue, `cumulative` that of it and of all that earn more.

    `place` is 0 for A, 1 for B, 2 for C. A SKU without positive revenue is of class C, and its share is 0.
    """

    place: Ints
    share: Floats
    cumulative: Floats

    @property
    def classes(self) -> Texts:
        """The classes by name."""
        return tuple(_ABC[self.place].tolist())


@dataclass(frozen=True, slots=True)
class Evenness:
    """XYZ classes by `variation`, the standard deviation of weekly demand by its mean; NaN where that says nothing."""

    variation: Floats

    @property
    def classes(self) -> tuple[str | None, ...]:
        """The classes by name, None where the variation is not known."""
        place = (self.variation > X_VARIATION).astype(np.int64) + (self.variation > Y_VARIATION)
        return tuple(_XYZ[np.where(np.isnan(self.variation), 3, place)].tolist())


@dataclass(frozen=True, slots=True)
class Shape:
    """Demand classes with what decides them: `interval` in days (ADI) and `variation` of sizes (squared CV)."""

    classes: Texts
    interval: Floats
    variation: Floats


def abc_of(revenue_minor: Floats, a_share: float = A_SHARE, b_share: float = B_SHARE) -> Pareto:
    """ABC: A are the SKUs that earn the first 80 % of revenue, B those up to 95 %, C the others.

    The SKU that crosses a limit still belongs to the better class, so that A is never empty where anything was sold.
    """
    earned = np.maximum(np.nan_to_num(revenue_minor), 0.0)
    order = np.argsort(-earned, kind="stable")
    up_to = np.cumsum(earned[order])  # whole amounts, so that sums are exact and no limit is missed by rounding
    total = float(up_to[-1]) if len(up_to) else 0.0
    before = up_to - earned[order]
    place = (before >= a_share * total).astype(np.int64) + (before >= b_share * total)
    classes, cumulative = np.empty(len(order), np.int64), np.zeros(len(order))
    classes[order] = np.where(earned[order] > 0, place, 2)
    cumulative[order] = up_to / (total or 1.0)
    return Pareto(classes, earned / (total or 1.0), cumulative)


def xyz_of(panel: Panel) -> Evenness:
    """XYZ over the weeks in which a SKU could be bought on at least one day, of which there must be eight.

    X varies by at most half of its mean, Y by at most all of it, Z by more.
    """
    return evenness(weekly(panel.units), weekly_days(panel.available) > 0)


def evenness(sums: Matrix, counted: Bools) -> Evenness:
    """XYZ of weekly sums, over the weeks that are counted."""
    weeks = np.count_nonzero(counted, axis=1).astype(np.float64)
    total = np.einsum("ij->i", sums, dtype=np.float64)
    squares = np.einsum("ij,ij->i", sums, sums, dtype=np.float64)
    mean = ratio(total, weeks)
    variance = np.maximum(ratio(squares, weeks) - mean * mean, 0.0)
    variation = ratio(np.sqrt(variance), mean)
    variation[weeks < LEAST_WEEKS] = np.nan
    return Evenness(variation)


def shape_of(panel: Panel) -> Shape:
    """The demand class of Syntetos, Boylan and Croston (2005): intervals of 1.32 days, squared variation of 0.49.

    The interval is the available days by the days with demand; the variation is that of the demand of those days.
    Without any demand the class is `none`.
    """
    sold = np.count_nonzero(panel.units, axis=1).astype(np.float64)
    total = np.einsum("ij->i", panel.units, dtype=np.float64)
    squares = np.einsum("ij,ij->i", panel.units, panel.units, dtype=np.float64)
    interval = ratio(np.count_nonzero(panel.available, axis=1).astype(np.float64), sold)
    mean = ratio(total, sold)
    variation = ratio(np.maximum(ratio(squares, sold) - mean * mean, 0.0), mean * mean)
    seldom, varied = interval >= ADI_CUT, variation >= CV2_CUT
    place = np.where(sold > 0, 2 * seldom + varied, 4)
    return Shape(tuple(_SHAPES[place].tolist()), interval, variation)
