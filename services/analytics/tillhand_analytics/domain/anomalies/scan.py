"""Searches all series of a shop for anomalies, and asks for each why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_analytics.domain.anomalies.episodes import Report
from tillhand_analytics.domain.anomalies.explain import Explainer
from tillhand_analytics.domain.anomalies.facts import ALL, Facts, Metric, facts_of
from tillhand_analytics.domain.anomalies.judging import episodes, judge
from tillhand_analytics.domain.anomalies.search import Happened, Watched, happened, watch
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.errors import BadFigure

DAYS: Final = 28
ALPHA: Final = 0.01
RATE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Ground:
    """What every search rests on: the rows by metric, and what is known to have happened."""

    facts: Mapping[Metric, Facts]
    known: Happened


def ground(shop: Shop) -> Ground:
    """The ground of a shop."""
    return Ground(facts_of(shop), happened(shop))


def scan(shop: Shop, on: Ground | None = None, *, days: int = DAYS, alpha: float = ALPHA, rate: float = RATE) -> Report:
    """Anomalies among the last `days` days: of totals, and of what they are split by.

    `alpha` is the share of ordinary days that may fall outside their interval, `rate` the share of false finds that is
    allowed, among totals and among parts apart. Raises BadFigure naming what is out of range.
    """
    _check(days, alpha, rate)
    facts, known = (on.facts, on.known) if on else (facts_of(shop), happened(shop))
    length = next(iter(facts.values())).days
    first = max(length - days, 0)
    totals = [watch(each, ALL, known) for each in facts.values()]
    parts = [*_split(facts, known)]
    explainer = Explainer(shop, known, {each.facts.metric: each for each in totals if each.elements})
    found = [
        explainer.explained(*each)
        for family in (totals, parts)
        for each in episodes(family, judge(family, first, alpha), rate)
    ]
    return Report(
        episodes=tuple(sorted(found, key=lambda each: (-each.last, each.chance, each.metric, each.element))),
        series=_count(totals) + _count(parts),
        silent=sum(each.silent for each in (*totals, *parts)),
        first=first,
        last=length - 1,
        alpha=alpha,
        rate=rate,
    )


def _check(days: int, alpha: float, rate: float) -> None:
    if days < 1:
        raise BadFigure("There must be one day at least.", field="query.days")
    for name, value in (("alpha", alpha), ("rate", rate)):
        if not 0 < value < 1:
            raise BadFigure(f"{name} must be between 0 and 1.", field=f"query.{name}")


def _split(facts: Mapping[Metric, Facts], known: Happened) -> Iterator[Watched]:
    for each in facts.values():
        for dimension in each.watched:
            yield watch(each, dimension, known)


def _count(watched: Sequence[Watched]) -> int:
    return sum(len(each.elements) for each in watched)
