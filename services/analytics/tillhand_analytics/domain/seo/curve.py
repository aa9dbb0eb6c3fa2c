"""How often a result at a position is clicked: the shop's own curve by engine, device and kind of query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import ENGINES, Floats, Ints
from tillhand_analytics.domain.seo.curve_fit import Cells, fitted, trusted
from tillhand_analytics.domain.seo.pairs import Pairs, numbered, summed
from tillhand_analytics.domain.seo.windows import Window

KNOTS: Final[Floats] = np.array([1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 50, 100], dtype=np.float64)
"""Positions between which the curve is straight in logarithms of both."""
_LOG_KNOTS: Final[Floats] = np.log(KNOTS)
_LEVEL_CLICKS: Final = 10.0
_SHAPE_CLICKS: Final = 50.0
_PASSES: Final = 3


@dataclass(frozen=True, slots=True)
class Curves:
    """Logarithms of the click-through rate by group and knot. `clicks` and `impressions` are what each group rests on.

    A group is an engine, a device and whether the query asks for the shop itself. `dispersion` is the variance of the
    logarithm of what pairs get by what the curve says, chance apart.
    """

    devices: int
    levels: Floats
    clicks: Floats
    impressions: Floats
    dispersion: float

    @property
    def main_device(self) -> int:
        """The device with the most clicks on Google."""
        every = np.arange(self.devices)
        return int(np.argmax(self.clicks[self.group(0, every, 0)])) if len(every) else 0

    def group(self, engine: Ints | int, device: Ints | int, brand: Ints | int) -> Ints:
        """The place of a group."""
        return np.asarray((engine * self.devices + device) * 2 + brand, dtype=np.int64)

    def rate(self, group: Ints, position: Floats) -> Floats:
        """Clicks for each impression at a position of at least 1."""
        low, share = _placed(position)
        logs = (1 - share) * self.levels[group, low] + share * self.levels[group, low + 1]
        return np.minimum(np.exp(logs), 1.0)


def curves(pairs: Pairs, window: Window) -> Curves:
    """Fit the curves to the rows of a window.

    One curve of all queries that do not ask for the shop is fitted first: Poisson, smooth in logarithms, weighted so
    that no page counts for more than chance and the spread between pages allow, and blind to pages that are far off
    (`curve_fit`). Each group then moves away from it as far as its own clicks say, first in level and then in shape,
    with gamma priors worth 10 and 50 clicks, and never rises with the position (isotonic regression). A group without
    a click has the curve of all.
    """
    searches = pairs.searches
    devices = max(len(searches.devices), 1)
    rows = pairs.within(window)
    low, share = _placed(searches.position[rows])
    group = (pairs.engine[pairs.row[rows]] * devices + searches.device[rows]) * 2 + pairs.brand[pairs.row[rows]]
    cells = _cells(pairs, rows, group, low, share)
    common = fitted(cells.only(cells.group % 2 == 0), _LOG_KNOTS)
    groups = 2 * devices * len(ENGINES)
    levels = _grouped(cells, common.levels, common.dispersion, groups)
    return Curves(
        devices=devices,
        levels=levels,
        clicks=summed(cells.group, cells.clicks, groups),
        impressions=summed(cells.group, cells.impressions, groups),
        dispersion=common.dispersion,
    )


def _placed(position: Floats) -> tuple[Ints, Floats]:
    """The knot before a position, and how far on the way to the next one it is; beyond the last knot, above 1."""
    log = np.log(np.maximum(position, 1.0))
    low = np.clip(np.searchsorted(_LOG_KNOTS, log, side="right") - 1, 0, len(KNOTS) - 2)
    return low, (log - _LOG_KNOTS[low]) / (_LOG_KNOTS[low + 1] - _LOG_KNOTS[low])


def _cells(pairs: Pairs, rows: Ints, group: Ints, low: Ints, share: Floats) -> Cells:
    """Rows of one pair and group between the same knots, added up."""
    searches, spans = pairs.searches, len(KNOTS) - 1
    groups = int(group.max(initial=0)) + 1
    key = (pairs.row[rows] * groups + group) * spans + low
    keys, code = numbered(key)
    owner, span = np.divmod(keys, spans)
    pair, of_group = np.divmod(owner, groups)
    shown = summed(code, searches.impressions[rows], len(keys))
    return Cells(
        pair=pair,
        group=of_group,
        low=span,
        share=ratio(summed(code, searches.impressions[rows] * share, len(keys)), shown),
        clicks=summed(code, searches.clicks[rows], len(keys)),
        impressions=shown,
    )


def _grouped(cells: Cells, common: Floats, dispersion: float, groups: int) -> Floats:
    """The curve of each group: its level, then its shape, both drawn towards the common one."""
    expected = cells.expected(common)
    level = np.ones(groups)
    trust = np.ones(len(expected))
    for _ in range(_PASSES):
        clicks, due = summed(cells.group, trust * cells.clicks, groups), summed(cells.group, trust * expected, groups)
        level = (clicks + _LEVEL_CLICKS) / (due + _LEVEL_CLICKS)
        trust = trusted(cells, expected * level[cells.group], dispersion)
    expected = expected * level[cells.group]
    clicks, due = _by_knot(cells, trust * cells.clicks, groups), _by_knot(cells, trust * expected, groups)
    shape = (clicks + _SHAPE_CLICKS) / (due + _SHAPE_CLICKS)
    raw = common[None, :] + np.log(level)[:, None] + np.log(shape)
    return np.stack([_falling(of_group, weight) for of_group, weight in zip(raw, due + 1.0, strict=True)])


def _by_knot(cells: Cells, values: Floats, groups: int) -> Floats:
    knots = len(KNOTS)
    before = summed(cells.group * knots + cells.low, values * (1 - cells.share), groups * knots)
    after = summed(cells.group * knots + cells.low + 1, values * cells.share, groups * knots)
    return (before + after).reshape(groups, knots)


def _falling(levels: Floats, weights: Floats) -> Floats:
    falling: Floats = isotonic_regression(levels, weights=weights, increasing=False).x
    return falling
