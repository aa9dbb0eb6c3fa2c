"""Measures the models of customers on CDNOW, whose figures are published."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from tillhand_analytics.commands.cdnow import SAMPLE, SUMMARY, read_sample, read_summary
from tillhand_analytics.domain.customers.bgnbd_fit import fit_purchases
from tillhand_analytics.domain.customers.gamma_gamma import fit_money
from tillhand_analytics.domain.customers.holdout import Contest, Errors, Holdout, cumulative, holdout
from tillhand_analytics.domain.customers.maximum import Maximum, TooFew
from tillhand_analytics.domain.customers.purchases import Purchases, histories
from tillhand_analytics.errors import BadFigure

SPLIT_DAY: Final = np.datetime64("1997-09-30")
LAST_DAY: Final = np.datetime64("1998-06-30")
WEEK_DAYS: Final = 7.0
PUBLISHED_PURCHASES: Final = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.4}
"""Fader, Hardie and Lee (2005), table 2."""
PUBLISHED_MONEY: Final = {"p": 6.25, "q": 3.74, "v": 15.44}
"""Fader and Hardie (2013), in dollars."""
_CENTS: Final = 100
_ROUNDS: Final = 5
T = TypeVar("T")


def evaluate_clv(data: Path) -> dict[str, Any]:
    """The published figures beside ours, the seconds taken, and a holdout of 39 weeks against the naive rate.

    Reads the CDNOW summary and sample of a folder. `seconds` are the median of five fits. Values are cents, rates are
    weekly. Raises `BadFigure` naming the file, and the column or line, that cannot be used.
    """
    summary, bought = read_summary(data), read_sample(data)
    try:
        buying, buying_s = _timed(lambda: fit_purchases(summary))
        known = histories(bought, SPLIT_DAY, unit_days=WEEK_DAYS)
        money, money_s = _timed(lambda: fit_money(known))
        held = holdout(bought, SPLIT_DAY, LAST_DAY, unit_days=WEEK_DAYS)
    except TooFew as error:
        raise BadFigure(f"{SUMMARY} or {SAMPLE}: {error}", field="data") from error
    likelihood = {"log_likelihood": buying.maximum.log_likelihood}
    return {
        "customers": buying.customers,
        "bgnbd": _beside(buying.maximum, PUBLISHED_PURCHASES, buying_s, more=likelihood),
        "gamma_gamma": {
            **_beside(money.maximum, PUBLISHED_MONEY, money_s, units={"v": _CENTS}),
            "customers": money.customers,
            "rank_correlation": money.rank_correlation,
            "independent": money.independent,
        },
        "holdout": {**_held(held), "tracking": _tracking(held, bought)},
    }


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        result = work()
        took.append(time.perf_counter() - began)
    return result, float(np.median(took))


def _beside(
    found: Maximum,
    published: Mapping[str, float],
    seconds: float,
    *,
    more: Mapping[str, float] | None = None,
    units: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Ours in the units of the published figures, and whether they agree in all digits that were published."""
    units = units or {}
    ours = {each.name: each.value / units.get(each.name, 1) for each in found.estimates} | dict(more or {})
    errors = {each.name: each.standard_error / units.get(each.name, 1) for each in found.estimates}
    return {
        "published": dict(published),
        "ours": ours,
        "standard_errors": {name: _number(error) for name, error in errors.items()},
        "agrees": all(round(ours[name], _digits(value)) == value for name, value in published.items()),
        "boundary": list(found.boundary),
        "seconds": seconds,
    }


def _digits(value: float) -> int:
    return len(str(value).partition(".")[2])


def _held(held: Holdout) -> dict[str, Any]:
    return {
        "split_day": str(held.split_day),
        "last_day": str(held.last_day),
        "customers": len(held.known),
        "purchases": _contest(held.purchases),
        "value_minor": _contest(held.value_minor),
        "preferred": held.preferred,
    }


def _contest(contest: Contest) -> dict[str, Any]:
    return {
        "came": float(contest.came.sum()),
        "model": {"expected": float(contest.expected.sum()), **_errors(contest.model_errors)},
        "naive": {"expected": float(contest.naive.sum()), **_errors(contest.naive_errors)},
        "model_won": contest.won,
    }


def _errors(found: Errors) -> dict[str, float | None]:
    return {
        "mean_absolute_error": _number(found.mean_absolute),
        "root_mean_square_error": _number(found.root_mean_square),
        "bias": _number(found.bias),
    }


def _tracking(held: Holdout, bought: Purchases) -> dict[str, Any]:
    """All repeat purchases at the end of each part, expected and as they came."""
    weeks = float((held.last_day - held.split_day) / np.timedelta64(1, "D")) / WEEK_DAYS
    ends = held.known.age.max() + np.array([0.0, weeks])
    came = [len(part) - int(part.begins.sum()) for part in (bought.until(SPLIT_DAY), bought.until(LAST_DAY))]
    expected = cumulative(held.population, held.known, ends)
    return {
        "split_day": {"expected": float(expected[0]), "came": came[0]},
        "last_day": {"expected": float(expected[1]), "came": came[1]},
    }


def _number(value: float) -> float | None:
    """JSON knows no NaN."""
    return float(value) if np.isfinite(value) else None
