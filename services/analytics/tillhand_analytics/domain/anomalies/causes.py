"""Likely causes of an episode, the likeliest first: elements of its dimensions, and what is known to have happened.

Each has its share of the deviation and is ranked by how far it explains it beyond its weight (`Mix.beyond`). What is
known to have happened has evidence of its own, and comes before an element that explains as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.anomalies.happenings import Mistake
from tillhand_analytics.domain.anomalies.mix import Mix
from tillhand_analytics.domain.records import Bools, Ints
from tillhand_analytics.domain.sales.promotions import Promotion

Kind = Literal["element", "promotion", "stock_out", "mistaken_order", "season", "whole_shop"]
MOST: Final = 8
_LEAST: Final = 0.1
_KNOWN: Final = 0.1
"""What a documented happening is ranked higher by."""
_WHOLE: Final = 0.95
"""What a promotion of all goods of a series is ranked by: before their mix, and after an order that explains it all."""
_LARGE: Final = 0.02
_LEAST_ELEMENTS: Final = 3
_OF_GOODS: Final = frozenset({"sales_minor", "units", "discounts_minor", "placed_units"})


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. `share` is its part of the deviation (1 is all of it), `weight` what it usually is of the whole, and
    `score` what it is ranked by. `actual` and `expected` are those of the element or group, None where there are none.
    """

    kind: Kind
    dimension: str
    name: str
    share: float
    weight: float
    score: float
    actual: float | None
    expected: float | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the days of an episode: places of days, and of SKUs.

    `categories` are those that its series consists of, none where it is of all.
    """

    categories: frozenset[str] = frozenset()
    promotions: Sequence[Promotion] = ()
    mistakes: Sequence[Mistake] = ()
    out_of_stock: frozenset[int] = frozenset()
    season: str | None = None


def ranked(metric: str, deviation: float, mixes: Sequence[Mix], days: Ints, known: Known) -> tuple[Cause, ...]:
    """All causes that explain something beyond their weight, the likeliest first."""
    found = [*_elements(mixes, deviation), *_broad(mixes, deviation, known.season)]
    by_name = {mix.dimension: mix for mix in mixes}
    if metric in _OF_GOODS:
        found += _promoted(by_name.get("category"), deviation, days, known)
        found += _sold_out(by_name.get("sku"), deviation, known)
    if metric == "placed_units":
        found += _mistaken(deviation, days, known.mistakes)
    return tuple(sorted(found, key=lambda cause: (-cause.score, cause.dimension, cause.name))[:MOST])


def _elements(mixes: Iterable[Mix], deviation: float) -> Iterator[Cause]:
    for mix in mixes:
        scores = mix.beyond_each(deviation)
        for place in np.flatnonzero(scores >= _LEAST).tolist():
            yield Cause(
                kind="element",
                dimension=mix.dimension,
                name=mix.names[place],
                share=float(mix.moved[place] / deviation),
                weight=float(mix.weight[place]),
                score=float(scores[place]),
                actual=float(mix.actual[place]),
                expected=float(mix.expected[place]),
                evidence=_change(float(mix.actual[place]), float(mix.expected[place])),
            )


def _promoted(mix: Mix | None, deviation: float, days: Ints, known: Known) -> Iterator[Cause]:
    """A promotion can only have brought more. Where all goods of the series had it, it is no matter of their mix."""
    for promotion in known.promotions:
        if deviation <= 0 or promotion.first > days[-1] or promotion.last < days[0]:
            continue
        name = f"{promotion.percent:g} % off"
        evidence = f"{name}: {', '.join(promotion.categories)}"
        if known.categories and known.categories <= set(promotion.categories):
            share = float(np.mean((days >= promotion.first) & (days <= promotion.last)))
            yield Cause("promotion", "category", name, share, 1.0, share * _WHOLE, None, None, evidence)
        elif mix is not None:
            chosen = np.isin(np.array(mix.names), promotion.categories)
            yield from _group("promotion", name, mix, deviation, chosen, evidence)


def _sold_out(mix: Mix | None, deviation: float, known: Known) -> Iterator[Cause]:
    """What was out of stock can only have held sales back."""
    if mix is None or not known.out_of_stock or deviation >= 0:
        return
    chosen = np.zeros(len(mix.names), dtype=np.bool_)
    chosen[[sku for sku in known.out_of_stock if mix.moved[sku] < 0]] = True
    worst = [mix.names[place] for place in np.argsort(mix.moved).tolist() if chosen[place]][:5]
    evidence = f"{int(chosen.sum())} SKUs were out of stock and sold less than usual, above all {', '.join(worst)}"
    yield from _group("stock_out", "out of stock", mix, deviation, chosen, evidence)


def _group(kind: Kind, name: str, mix: Mix, deviation: float, chosen: Bools, evidence: str) -> Iterator[Cause]:
    score = mix.beyond(deviation, chosen)
    if score < _LEAST:
        return
    yield Cause(
        kind=kind,
        dimension=mix.dimension,
        name=name,
        share=float(mix.moved[chosen].sum() / deviation),
        weight=float(mix.weight[chosen].sum()),
        score=score + _KNOWN,
        actual=float(mix.actual[chosen].sum()),
        expected=float(mix.expected[chosen].sum()),
        evidence=evidence,
    )


def _mistaken(deviation: float, days: Ints, mistakes: Sequence[Mistake]) -> Iterator[Cause]:
    if deviation <= 0:
        return
    for mistake in mistakes:
        share = mistake.units / deviation
        if days[0] <= mistake.day <= days[-1] and share >= _LEAST:
            evidence = f"{mistake.units:g} units were ordered and cancelled within the hour"
            yield Cause(
                kind="mistaken_order",
                dimension="order",
                name=mistake.name,
                share=share,
                weight=0.0,
                score=min(share, 1.0) + _KNOWN,
                actual=mistake.units,
                expected=0.0,
                evidence=evidence,
            )


def _broad(mixes: Sequence[Mix], deviation: float, season: str | None) -> Iterator[Cause]:
    """What moved everything alike: by as much as the middle element moved, in the dimension where that is the least."""
    shares = [share for mix in mixes if (share := _middle_share(mix, deviation)) is not None]
    if not shares or min(shares) < _LEAST:
        return
    share = min(*shares, 1.0)
    evidence = f"in every dimension the middle element moved with it, by {share:.0%} of the deviation"
    if season is not None:
        yield Cause("season", "calendar", season, share, 1.0, share + _KNOWN, None, None, evidence)
    else:
        yield Cause("whole_shop", "all", "everything alike", share, 1.0, share, None, None, evidence)


def _middle_share(mix: Mix, deviation: float) -> float | None:
    """The share of the deviation if all elements had moved like the middle one; None where few of them are large."""
    large = (mix.weight >= _LARGE) & (mix.expected > 0)
    if np.count_nonzero(large) < _LEAST_ELEMENTS:
        return None
    moved = mix.moved[large] / mix.weight[large]
    return float(np.median(moved) / deviation)


def _change(actual: float, expected: float) -> str:
    if expected <= 0:
        return "nothing was usual here"
    return f"{actual / expected - 1:+.0%} on what its usual share promises"
