"""The anomaly detector and the experiments against what is planted, and against noise in which nothing happens.

    python -m benchmarks.anomalies [--seeds 101,102,103,104,105] [--skus 1200] [--json]

Each mock shop has its own promotions and mistaken orders. Falls of one channel of visits are planted besides, one at a
time, over the last ten days. No threshold was chosen on these seeds. Noise: 2,000 series of a year of each kind, judged
over the last four weeks in reports of 40. Experiments: 2,000 of two equal arms, looked at 500 times each.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Final

import numpy as np

from tillhand_analytics.adapters.mockshop import columns, gid
from tillhand_analytics.domain.anomalies.baseline import baseline
from tillhand_analytics.domain.anomalies.conformal import calibrate
from tillhand_analytics.domain.anomalies.effects import effects
from tillhand_analytics.domain.anomalies.episodes import Episode, Report
from tillhand_analytics.domain.anomalies.explain import Explainer
from tillhand_analytics.domain.anomalies.facts import ALL
from tillhand_analytics.domain.anomalies.scan import Ground, ground, scan
from tillhand_analytics.domain.anomalies.search import watch
from tillhand_analytics.domain.chance import q_values
from tillhand_analytics.domain.experiments.bounds import chance, evidence
from tillhand_analytics.domain.experiments.lift import LEAST_CONVERSIONS
from tillhand_analytics.domain.records import Floats, Shop
from tillhand_mockshop.generator import DAYS, LAST_DAY, SKUS, build_with_truths
from tillhand_mockshop.known import Promotion, Truths
from tillhand_mockshop.words_goods import KINDS

SEEDS: Final = (101, 102, 103, 104, 105)
YEAR: Final = 300
SHOCK_DAYS: Final = 10
FALLS: Final = (0.95, 0.7, 0.5)
DEPARTMENTS: Final = {kind.name: kind.department for kind in KINDS}
Tally = dict[str, tuple[int, int]]


def place(shop: Shop, promotion: Promotion) -> tuple[int, int]:
    """Its first and last day as places."""
    days = [np.datetime64(day) - shop.first_day for day in (promotion.first_day, promotion.last_day)]
    return int(days[0].astype(np.int64)), int(days[1].astype(np.int64))


def read_from_records(shop: Shop, truths: Truths, on: Ground) -> Iterator[tuple[str, tuple[int, int]]]:
    """Promotions and mistaken orders, by the records alone."""
    planted = {(*place(shop, each), float(each.percent), each.department) for each in truths.promotions}
    read = [
        (each.first, each.last, each.percent, *sorted({DEPARTMENTS[name] for name in each.categories}))
        for each in on.known.promotions
    ]
    yield "promotions read with days and percent", (len(planted & set(read)), len(planted))
    yield "promotions read that were planted", (len(planted & set(read)), len(read))
    orders = {gid("Order", each) for each in truths.mistaken_orders}
    named = {shop.orders.ids[each.order] for each in on.known.mistakes}
    yield "mistaken orders read", (len(orders & named), len(orders))
    yield "orders read that were mistaken", (len(orders & named), len(named))


def found_as_anomalies(shop: Shop, truths: Truths, report: Report) -> Iterator[tuple[str, tuple[int, int]]]:
    """What of the planted is an episode, with its reason as the first cause."""
    lately = [each for each in truths.promotions if place(shop, each)[0] >= report.first]
    given = [each for each in report.episodes if (each.metric, each.direction) == ("discounts_minor", "above")]
    hits = sum(
        any(_overlaps(each, *place(shop, one)) and _first(each, "promotion") for each in given) for one in lately
    )
    yield "promotions found as more discounts", (hits, len(lately))
    ids = {gid("Order", each) for each in truths.mistaken_orders}
    late = {
        shop.orders.names[row]
        for row, name in enumerate(shop.orders.ids)
        if name in ids and (shop.orders.day[row] - shop.first_day).astype(np.int64) >= report.first
    }
    placed = [each for each in report.episodes if (each.metric, each.direction) == ("placed_units", "above")]
    named = {cause.name for each in placed for cause in each.causes if cause.kind == "mistaken_order"}
    yield "mistaken orders found as too many units", (len(late & named), len(late))
    explained = sum(_first(each, "mistaken_order") or _first(each, "promotion") for each in (*given, *placed))
    yield "such episodes laid on one of both first", (explained, len(given) + len(placed))


def _overlaps(episode: Episode, first: int, last: int) -> bool:
    return episode.first <= last + 1 and episode.last >= first - 1


def _first(episode: Episode, kind: str) -> bool:
    return bool(episode.causes) and episode.causes[0].kind == kind


def brought(shop: Shop, truths: Truths, on: Ground) -> Iterator[tuple[str, tuple[int, int]]]:
    """Whether the interval of what a promotion brought holds what was planted."""
    planted = {place(shop, each)[0]: each.uplift for each in truths.promotions}
    told = [
        each
        for each in effects(on.facts, on.known)
        if each.promotion.first in planted and np.isfinite([each.uplift, each.low]).all()
    ]
    held = [each.low <= planted[each.promotion.first] <= each.high for each in told]
    yield "uplifts within their 95 % interval", (sum(held), len(told))
    yield "promotions that surely brought more", (sum(each.brought_more for each in told), len(told))


def shocks(shop: Shop) -> Iterator[tuple[str, tuple[int, int]]]:
    """Falls of each channel: found there, and laid on it as the first cause of the whole."""
    for fall in FALLS:
        found = laid = 0
        for row, channel in enumerate(shop.visits.channels):
            hit = (shop.visits.day > shop.last_day - np.timedelta64(SHOCK_DAYS, "D")) & (shop.visits.channel == row)
            sessions = np.where(hit, np.round(shop.visits.sessions * (1 - fall)), shop.visits.sessions).astype(np.int64)
            fallen = replace(shop, visits=replace(shop.visits, sessions=sessions))
            on = ground(fallen)
            report = scan(fallen, on)
            found += any(
                (each.metric, each.element, each.direction) == ("sessions", channel, "below")
                and each.last >= report.last - SHOCK_DAYS
                for each in report.episodes
            )
            laid += _cause_of_the_whole(fallen, on) == channel
        count = len(shop.visits.channels)
        yield f"channels that fell by {fall:.0%} found", (found, count)
        yield f"channels that fell by {fall:.0%} first cause of the whole", (laid, count)


def _cause_of_the_whole(shop: Shop, on: Ground) -> str:
    watched = watch(on.facts["sessions"], ALL, on.known)
    last = on.facts["sessions"].days - 1
    first = last - SHOCK_DAYS + 1
    actual, expected = watched.sums(0, first, last)
    whole = Episode("sessions", ALL, ALL, first, last, "below", actual, expected, last, 0, 0, 0, 0, 0, 1, by_week=False)
    causes = Explainer(shop, on.known, {}).explained(whole, watched).causes
    return causes[0].name if causes else ""


def noises() -> Mapping[str, Floats]:
    """Series in which nothing happens."""
    random, shape = np.random.default_rng(2), (2_000, 365)
    return {
        "normal": np.exp(random.normal(5, 0.1, shape)),
        "Laplace": np.exp(5 + 0.1 * random.laplace(size=shape)),
        "Student, 5 degrees": np.exp(5 + 0.1 * random.standard_t(5, size=shape)),
        "Student, 3 degrees": np.exp(5 + 0.1 * random.standard_t(3, size=shape)),
        "negative binomial, mean 6.5": random.negative_binomial(2, 2 / 8.5, shape).astype(np.float64),
        "lumpy, 3 days in 4 empty": (random.poisson(0.3, shape) * random.integers(1, 6, shape)).astype(np.float64),
    }


def quiet() -> Iterator[tuple[str, float, float]]:
    """By kind of noise, the share of days outside their 99 % interval, and of reports that tell of anything."""
    days = np.arange(365 - 28, 365)
    for name, values in noises().items():
        score = baseline(values).score
        found = [calibrate(score[begin : begin + 40], days, 0.01) for begin in range(0, len(score), 40)]
        low, high = (np.concatenate([getattr(each, end) for each in found]) for end in ("low", "high"))
        outside = (score[:, days] < low) | (score[:, days] > high)
        yield name, float(outside.mean()), float(np.mean([(q_values(each.chance) <= 0.1).any() for each in found]))


def peeking() -> Iterator[tuple[str, float, float]]:
    """By conversion rate, the share of 2,000 experiments of equal arms ever told apart: ours, and a z test."""
    random = np.random.default_rng(3)
    visitors = 10 * np.arange(1, 501)
    for rate in (0.02, 0.05, 0.2, 0.5):
        arms = [np.cumsum(random.binomial(10, rate, (2_000, 500)), axis=1) for _ in range(2)]
        smoothed = [(arm + 0.5) / (visitors + 1) for arm in arms]
        spread = smoothed[0] * (1 - smoothed[0]) + smoothed[1] * (1 - smoothed[1])
        difference, variance = (arms[1] - arms[0]) / visitors, spread / visitors
        enough = np.minimum(*arms) >= LEAST_CONVERSIONS
        ours = chance(np.where(enough, evidence(difference, variance, spread / 5_000, 0.05), 0.0))[:, -1] <= 0.05
        fixed = ((np.abs(difference) > 1.96 * np.sqrt(variance)) & enough).any(axis=1)
        yield f"{rate:.0%}", float(ours.mean()), float(fixed.mean())


def tallied(seeds: tuple[int, ...], skus: int) -> tuple[Tally, list[float]]:
    """The figures of all shops together, and the seconds that each scan of four weeks took."""
    whole: Tally = {}
    seconds = []
    for seed in seeds:
        made, truths = build_with_truths(seed=seed, last_day=LAST_DAY, skus=skus, days=DAYS)
        shop = columns(made)
        begun = perf_counter()
        on = ground(shop)
        scan(shop, on)
        seconds.append(perf_counter() - begun)
        report = scan(shop, on, days=YEAR)
        for name, (hits, count) in (
            *read_from_records(shop, truths, on),
            *found_as_anomalies(shop, truths, report),
            *brought(shop, truths, on),
            *shocks(shop),
        ):
            before = whole.get(name, (0, 0))
            whole[name] = (before[0] + hits, before[1] + count)
    return whole, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--skus", type=int, default=SKUS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    whole, seconds = tallied(tuple(map(int, asked.seeds.split(","))), asked.skus)
    noise, peeked = list(quiet()), list(peeking())
    if asked.json:
        print(json.dumps({"planted": whole, "noise": noise, "peeking": peeked, "scan_seconds": seconds}))
        return
    for name, (hits, count) in whole.items():
        print(f"{name:58} {hits:4} of {count:4}  {hits / count if count else float('nan'):6.1%}")
    print("\nnoise: days outside a 99 % interval; reports over 40 series that tell of anything at a rate of 10 %")
    for name, outside, told in noise:
        print(f"{name:58} {outside:6.2%}  {told:6.1%}")
    print("\nequal arms ever told apart at any of 500 looks, alpha 5 %: ours; a test for one look")
    for name, ours, fixed in peeked:
        print(f"{name:58} {ours:6.2%}  {fixed:6.1%}")
    print(f"\nscan of four weeks, seconds a shop: {min(seconds):.2f} to {max(seconds):.2f}")


if __name__ == "__main__":
    main()
