"""Classes of goods: by what they earn (ABC), by how evenly they sell (XYZ), by the shape of their demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.inventory.panel import Matrix, Panel
from tillhand_analytics.domain.inventory.velocity import divided
from tillhand_analytics.domain.inventory.windows import weekly
from tillhand_analytics.domain.records import Floats, Texts

A_SHARE: Final = 0.80
B_SHARE: Final = 0.95
X_VARIATION: Final = 0.5
Y_VARIATION: Final = 1.0
LEAST_WEEKS: Final = 8
ADI_CUT: Final = 1.32
CV2_CUT: Final = 0.49
DemandClass = Literal["smooth", "erratic", "intermittent", "lumpy", "none"]
_SHAPES: Final = np.array(["smooth", "erratic", "intermittent", "lumpy", "none"])


@dataclass(frozen=True, slots=True)
class Pareto:
    """ABC classes: `share` is a SKU's part of all revenue, `cumulative` that of it and of all that earn more.

    A SKU without positive revenue is of class C, and its share is 0.
    """

    classes: Texts
    share: Floats
    cumulative: Floats


@dataclass(frozen=True, slots=True)
class Evenness:
    """XYZ classes by `variation`, the standard deviation of weekly demand by its mean; None and NaN without demand."""

    classes: tuple[str | None, ...]
    variation: Floats


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
    share = earned / (earned.sum() or 1.0)
    up_to = np.cumsum(share[order])
    before = up_to - share[order]
    names = np.where(before < a_share - 1e-12, "A", np.where(before < b_share - 1e-12, "B", "C"))
    classes, cumulative = np.empty(len(order), "<U1"), np.empty(len(order))
    classes[order] = np.where(earned[order] > 0, names, "C")
    cumulative[order] = np.minimum(up_to, 1.0)
    return Pareto(tuple(classes.tolist()), share, cumulative)


def xyz_of(panel: Panel) -> Evenness:
    """XYZ over the weeks in which a SKU could be bought on at least one day, of which there must be eight.

    X varies by at most half of its mean, Y by at most all of it, Z by more.
    """
    return evenness(weekly(panel.units), weekly(panel.available) > 0)


def evenness(sums: Matrix, counted: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Evenness:
    """XYZ of weekly sums, over the weeks that are counted."""
    weeks = counted.sum(axis=1).astype(np.float64)
    total = np.einsum("ij->i", sums, dtype=np.float64)
    squares = np.einsum("ij,ij->i", sums, sums, dtype=np.float64)
    mean = divided(total, weeks)
    variance = np.maximum(divided(squares, weeks) - mean * mean, 0.0)
    variation = divided(np.sqrt(variance), mean)
    variation[weeks < LEAST_WEEKS] = np.nan
    names = np.where(variation <= X_VARIATION, "X", np.where(variation <= Y_VARIATION, "Y", "Z"))
    known = ~np.isnan(variation)
    return Evenness(
        tuple(name if seen else None for name, seen in zip(names.tolist(), known.tolist(), strict=True)), variation
    )


def shape_of(panel: Panel) -> Shape:
    """The demand class of Syntetos, Boylan and Croston (2005): intervals of 1.32 days, squared variation of 0.49.

    The interval is the available days by the days with demand; the variation is that of the demand of those days.
    Without any demand the class is `none`.
    """
    sold = np.count_nonzero(panel.units, axis=1).astype(np.float64)
    total = np.einsum("ij->i", panel.units, dtype=np.float64)
    squares = np.einsum("ij,ij->i", panel.units, panel.units, dtype=np.float64)
    interval = divided(panel.available.sum(axis=1).astype(np.float64), sold)
    mean = divided(total, sold)
    variation = divided(np.maximum(divided(squares, sold) - mean * mean, 0.0), mean * mean)
    seldom, varied = interval >= ADI_CUT, variation >= CV2_CUT
    place = np.where(sold > 0, 2 * seldom + varied, 4)
    return Shape(tuple(_SHAPES[place].tolist()), interval, variation)
