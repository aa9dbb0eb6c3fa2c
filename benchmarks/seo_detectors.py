"""The search detectors against what is planted in mock shops, beside the rules of thumb that tools use.

    python -m benchmarks.seo_detectors [--seeds 101,102,103,104,105] [--skus 1200] [--json]

Each shop is looked at twice: as it was made, and made restless. Then positions wander from day to day (autoregressive
logarithms, deviation .2, correlation .9 from one day to the next, the same for all devices of a pair), clicks follow
them, and each pair is clicked more or less than others at its place (lognormal, deviation .35), with Poisson clicks.
What is found on Google or Bing counts once for a page and query. A pair of striking distance that sinks through these
positions is not counted as a mistake where it is a planted decay. No threshold was chosen on these seeds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Literal

import numpy as np

from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats, Ints, Shop
from tillhand_analytics.domain.seo.pairs import summed, totals
from tillhand_analytics.domain.seo.study import Study, shop_pairs, study
from tillhand_analytics.domain.seo.windows import Window
from tillhand_mockshop.generator import DAYS, LAST_DAY, SKUS, build_with_truths
from tillhand_mockshop.known import SearchTruth

Found = set[tuple[str, str]]
Manner = Literal["as made", "restless"]
SEEDS: Final = (101, 102, 103, 104, 105)
_WANDER: Final = 0.2
_MEMORY: Final = 0.9
_SPREAD: Final = 0.35


@dataclass(frozen=True, slots=True)
class Score:
    """What a rule found, how much of it was planted, and how much was planted."""

    found: int = 0
    hits: int = 0
    planted: int = 0

    def plus(self, other: Score) -> Score:
        """Both together."""
        return Score(self.found + other.found, self.hits + other.hits, self.planted + other.planted)

    @property
    def precision(self) -> float:
        """The share of what was found that was planted; NaN where nothing was."""
        return self.hits / self.found if self.found else float("nan")

    @property
    def recall(self) -> float:
        """The share of what was planted that was found."""
        return self.hits / self.planted if self.planted else float("nan")


def scored(found: Found, planted: Found) -> Score:
    """What was found against what was planted."""
    return Score(len(found), len(found & planted), len(planted))


def restless(shop: Shop, truth: SearchTruth, seed: int) -> Shop:
    """The same shop with positions that wander, and pairs that are clicked more or less than others."""
    random = np.random.default_rng(seed)
    searches = shop.searches
    pair = searches.page * len(searches.queries) + searches.query
    keys, row = np.unique(pair, return_inverse=True)
    day = (searches.day - shop.first_day).astype(np.int64)
    steps = random.normal(0.0, _WANDER * np.sqrt(1 - _MEMORY**2), (int(day.max()) + 1, len(keys)))
    wander = np.empty_like(steps)
    wander[0] = random.normal(0.0, _WANDER, len(keys))
    for each in range(1, len(steps)):
        wander[each] = _MEMORY * wander[each - 1] + steps[each]
    position = np.maximum(searches.position * np.exp(wander[day, row]), 1.0)
    readiness = np.exp(random.normal(0.0, _SPREAD, len(keys)))[row]
    follows = clicked_at(position, truth) / clicked_at(searches.position, truth)
    clicks = np.minimum(random.poisson(searches.clicks * readiness * follows), searches.impressions)
    return replace(shop, searches=replace(searches, position=position, clicks=clicks))


def clicked_at(position: Floats, truth: SearchTruth) -> Floats:
    """The rate at a position by the planted curve, which falls as one by the position behind its last one."""
    last = len(truth.ctr_curve)
    rate = np.interp(position, np.arange(1, last + 1), truth.ctr_curve)
    return np.asarray(np.where(position > last, rate * last / position, rate), dtype=np.float64)


def ours(found: Study) -> Mapping[str, Found]:
    """What the detectors find."""
    searches, rivals = found.pairs.searches, found.rivals
    turning = np.flatnonzero(rivals.found)
    sunk = _pairs(found, found.decays.series[found.decays.found])
    return {
        "decay": sunk,
        "ctr gap": _pairs(found, np.flatnonzero(found.gaps.found)),
        "striking distance": _pairs(found, np.flatnonzero(found.striking.core)),
        "cannibalisation": {(searches.queries[rivals.query[place]], "") for place in turning},
    }


def thumb(found: Study) -> Mapping[str, Found]:
    """What rules of thumb find: clicks down by 30 %, clicks below 70 % of the mean at the rounded position, two pages
    with a tenth of the impressions each.
    """
    pairs, now, before = found.pairs, found.gaps.seen, totals(found.pairs, found.window.before)
    down = (before.clicks >= 10) & (now.clicks <= 0.7 * before.clicks)
    rows = pairs.within(found.window)
    place = np.minimum(np.round(pairs.searches.position[rows]), 100).astype(np.int64)
    usual = ratio(summed(place, pairs.searches.clicks[rows], 101), summed(place, pairs.searches.impressions[rows], 101))
    rounded = np.minimum(np.round(np.nan_to_num(now.position)), 100).astype(np.int64)
    low = (now.impressions >= 100) & (np.nan_to_num(now.ctr, nan=1.0) < 0.7 * np.nan_to_num(usual)[rounded])
    shared = {(pairs.searches.queries[query], "") for query in found.rivals.query[found.rivals.engine == 0]}
    return {
        "decay": _pairs(found, np.flatnonzero(down)),
        "ctr gap": _pairs(found, np.flatnonzero(low & ~pairs.brand)),
        "cannibalisation": shared,
    }


def plain_trend(found: Study) -> Found:
    """Pairs whose position rises by an ordinary regression at 5 %, with neither control of false discoveries nor errors
    that last: what a spreadsheet's trend line finds.
    """
    pairs = found.pairs
    window = Window(found.window.last_day - 89, found.window.last_day)
    rows = pairs.within(window)
    code, day = pairs.row[rows], pairs.day_in(window, rows).astype(np.float64)
    value = pairs.searches.position[rows]
    size = len(pairs)
    count = summed(code, np.ones(len(rows)), size)
    time = day - ratio(summed(code, day, size), count)[code]
    away = value - ratio(summed(code, value, size), count)[code]
    squares = summed(code, time**2, size)
    slope = ratio(summed(code, time * away, size), squares)
    error = np.sqrt(
        ratio(ratio(summed(code, (away - slope[code] * time) ** 2, size), np.maximum(count - 2, 1)), squares)
    )
    shown = totals(pairs, window).impressions >= 100
    return _pairs(found, np.flatnonzero(shown & (np.nan_to_num(ratio(slope, error)) > 1.66) & (slope * 89 >= 1.0)))


def planted(truth: SearchTruth) -> Mapping[str, Found]:
    """What is there to be found."""
    return {
        "decay": {(each.page, each.query) for each in truth.decays},
        "ctr gap": {(each.page, each.query) for each in truth.ctr_gaps},
        "striking distance": {(each.page, each.query) for each in truth.striking},
        "cannibalisation": {(each.query, "") for each in truth.cannibalised},
    }


def seasonal(truth: SearchTruth, found: Iterable[tuple[str, str]]) -> Score:
    """How many of the pairs that only the season takes impressions from are called decays."""
    traps = {(each.page, each.query) for each in truth.seasonal_only}
    return Score(len(set(found) & traps), 0, len(traps))


def curve_errors(found: Study, truth: SearchTruth) -> Floats:
    """Relative errors of the curve at the positions that the truth knows, mobiles and desktops of Google."""
    positions = np.arange(1, len(truth.ctr_curve) + 1, dtype=np.float64)
    real = np.array(truth.ctr_curve)
    errors = []
    for device in ("mobile", "desktop"):
        group = found.curves.group(0, found.pairs.searches.devices.index(device), 0)
        errors.append(np.abs(found.curves.rate(np.full(len(positions), group), positions) / real - 1))
    return np.stack(errors)


def start_errors(found: Study, truth: SearchTruth) -> tuple[list[int], list[bool]]:
    """Days by which the start of each planted decay is missed, and whether its interval holds it; Google's rows."""
    real = {(each.page, each.query): np.datetime64(each.first_day) for each in truth.decays}
    missed, held = [], []
    sunk = found.decays
    for place in np.flatnonzero(sunk.found):
        pair = int(sunk.series[place])
        first = real.get(_name(found, pair))
        if first is not None and found.pairs.engine[pair] == 0:
            missed.append(abs(int((sunk.began[place] - first) / np.timedelta64(1, "D"))))
            held.append(bool(sunk.began_low[place] <= first <= sunk.began_high[place]))
    return missed, held


def _name(found: Study, pair: int) -> tuple[str, str]:
    searches = found.pairs.searches
    return searches.pages[found.pairs.page[pair]], searches.queries[found.pairs.query[pair]]


def _pairs(found: Study, places: Ints | Bools) -> Found:
    return {_name(found, int(pair)) for pair in places}


class Board:
    """Scores of several shops, by rule."""

    def __init__(self) -> None:
        self.scores: dict[tuple[str, str], Score] = {}
        self.traps: dict[str, Score] = {}
        self.curve: list[Floats] = []
        self.missed: list[int] = []
        self.held: list[bool] = []

    def take(self, found: Study, truth: SearchTruth) -> None:
        """Add one shop."""
        there = planted(truth)
        rules = {"tillhand": ours(found), "rule of thumb": thumb(found), "plain trend": {"decay": plain_trend(found)}}
        for rule, by_kind in rules.items():
            for kind, what in by_kind.items():
                allowed = what - there["decay"] if kind == "striking distance" else what
                self._add((kind, rule), scored(allowed, there[kind]))
            trap = seasonal(truth, by_kind["decay"])
            self.traps[rule] = self.traps.get(rule, Score()).plus(trap)
        self.curve.append(curve_errors(found, truth))
        missed, held = start_errors(found, truth)
        self.missed += missed
        self.held += held

    def _add(self, key: tuple[str, str], score: Score) -> None:
        self.scores[key] = self.scores.get(key, Score()).plus(score)

    def summary(self) -> dict[str, object]:
        """All figures, rounded."""
        kinds = sorted(self.scores)
        return {
            "rules": [
                {"kind": kind, "rule": rule, "precision": round(s.precision, 3), "recall": round(s.recall, 3)}
                | {"found": s.found, "hits": s.hits, "planted": s.planted}
                for (kind, rule), s in ((key, self.scores[key]) for key in kinds)
            ],
            "seasonal_traps_called_decay": {rule: f"{s.found} of {s.planted}" for rule, s in self.traps.items()},
            "curve_error_median": round(float(np.median(np.stack(self.curve))), 3),
            "curve_error_by_position": np.median(np.stack(self.curve), axis=(0, 1)).round(3).tolist(),
            "start_days_missed_median": median(self.missed) if self.missed else None,
            "start_held_by_interval": round(float(np.mean(self.held)), 3) if self.held else None,
        }


def boards(seeds: Iterable[int], skus: int) -> Mapping[Manner, Board]:
    """Both manners over all seeds."""
    made: dict[Manner, Board] = {"as made": Board(), "restless": Board()}
    for seed in seeds:
        mock, truths = build_with_truths(seed=seed, last_day=LAST_DAY, skus=skus, days=DAYS)
        shop = columns(mock)
        for manner, board in made.items():
            looked = restless(shop, truths.search, seed) if manner == "restless" else shop
            board.take(study(looked, shop_pairs(looked)), truths.search)
    return made


def main() -> None:
    """Print what each rule finds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--skus", type=int, default=SKUS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = boards([int(seed) for seed in asked.seeds.split(",")], asked.skus)
    summaries = {manner: board.summary() for manner, board in found.items()}
    if asked.json:
        print(json.dumps(summaries, indent=2))
        return
    for manner, board in found.items():
        print(f"\n{manner}: {'kind':<18} {'rule':<14} precision recall  found planted")
        for (kind, rule), score in sorted(board.scores.items()):
            figures = f"{score.precision:9.2f} {score.recall:6.2f} {score.found:6d} {score.planted:7d}"
            print(f"{'':{len(manner) + 1}} {kind:<18} {rule:<14} {figures}")
        for name, value in list(summaries[manner].items())[1:]:
            print(f"  {name}: {value}")


if __name__ == "__main__":
    main()
