"""How far sums over the horizon are off on mock shops: one model a level, one a series, and what is made to add up.

    python -m benchmarks.forecast_levels [--seeds 21,22,23] [--skus 400] [--horizon 28]

Models are chosen at each point of the past from the points before it. Errors are shares of what came (WAPE), of all
series of a level; the shops are none of those on which a parameter was chosen.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.domain.forecasting.choosing import NAIVES, leader, record
from tillhand_analytics.domain.inventory.panel import panel_of
from tillhand_analytics.domain.records import Floats
from tillhand_analytics.domain.sales_forecast.expected import Expected, ends_of, expected
from tillhand_analytics.domain.sales_forecast.history import MEASURES, history_of
from tillhand_analytics.domain.sales_forecast.trials import backtest_table
from tillhand_analytics.domain.sales_forecast.walking import Tried, earlier_of, walked
from tillhand_mockshop.generator import build

SEEDS: Final = (21, 22, 23)
LEVEL: Final = 0.9
LEVELS: Final = ("total", "category", "sku")


def main() -> None:
    """Print a line a measure and level, over all shops."""
    asked = _arguments()
    print(f"{len(asked.seeds)} shops of {asked.skus} SKUs, {asked.horizon} days ahead, {LEVEL:.0%} intervals")
    for measure in MEASURES:
        found, took = [], []
        for seed in asked.seeds:
            shop = columns(build(seed=seed, skus=asked.skus))
            began = time.perf_counter()
            found.append(expected(walked(history_of(shop, panel_of(shop), measure), asked.horizon)))
            took.append(time.perf_counter() - began)
        print(f"\n{measure}: a forecast took {np.median(took):.2f} s at the median")
        print(f"{'level':<9} {'naive':>6} {'a series':>9} {'a level':>8} {'adds up':>8} {'coverage':>9}")
        for level in LEVELS:
            figures = np.mean([_figures(each, level) for each in found], axis=0)
            print("{:<9} {:6.3f} {:9.3f} {:8.3f} {:8.3f} {:9.3f}".format(level, *figures))


def _figures(found: Expected, level: str) -> tuple[float, ...]:
    """The better naive forecast, a model a series, a model a level, what adds up, and what its intervals held."""
    table = {column.name: column.values for column in backtest_table(found).columns}
    row = next(
        place for place, model in enumerate(table["model"]) if model == "as_forecast" and table["level"][place] == level
    )
    tried = dict(zip(LEVELS, (found.walk.total, found.walk.groups, found.walk.members), strict=True))[level]
    heads = found.history.heads
    rows = {"total": slice(0, 1), "category": slice(1, heads), "sku": slice(heads, None)}[level]
    return (
        min(_wape(tried, _always(name)) for name in NAIVES),
        _wape(tried, None),
        _wape(tried, tried.at),
        float(np.asarray(table["wape"])[row]),
        float(np.nanmean(ends_of(found, LEVEL).coverage[rows])),
    )


def _wape(tried: Tried, chosen: Callable[[int], str] | None) -> float:
    """Of sums, at the points before which enough was known; without a choice for the level, each series has its own."""
    count = len(tried.sums.origins)
    missed, came = 0.0, 0.0
    for place in range(count - earlier_of(count)):
        name = None if chosen is None else chosen(place)
        forecast = _own(tried, place) if name is None else tried.sums.forecasts[name][place, :, 0]
        known = np.isfinite(forecast) & np.isfinite(tried.sums.came[place, :, 0])
        missed += float(np.abs(forecast - tried.sums.came[place, :, 0])[known].sum())
        came += float(tried.sums.came[place, :, 0][known].sum())
    return missed / came


def _always(name: str) -> Callable[[int], str]:
    return lambda _: name


def _own(tried: Tried, place: int) -> Floats:
    """The forecast of each series by the model that had the least error on it before, naive ones among them."""
    before = record(tried.sums.since(place + 1))
    error = np.where(np.isfinite(before.error), before.error, np.inf)
    fallback = before.models.index(leader(before).model)
    best = np.where(np.isfinite(error).any(axis=0), error.argmin(axis=0), fallback)
    forecasts = np.array([tried.sums.forecasts[name][place, :, 0] for name in before.models])
    own: Floats = forecasts[best, np.arange(len(best))]
    return own


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=lambda text: tuple(int(part) for part in text.split(",")), default=SEEDS)
    parser.add_argument("--skus", type=int, default=400)
    parser.add_argument("--horizon", type=int, default=28)
    return parser.parse_args()


if __name__ == "__main__":
    main()
