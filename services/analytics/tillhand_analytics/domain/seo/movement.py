"""What came, what went, and why clicks changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.chance import changed, q_values
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints
from tillhand_analytics.domain.seo.curve import Curves
from tillhand_analytics.domain.seo.gaps import expected_clicks
from tillhand_analytics.domain.seo.pairs import Pairs, Totals, totals
from tillhand_analytics.domain.seo.windows import Window

CAUSES: Final = ("demand", "position", "click_rate")
_HALF: Final = 0.5
_EARLIEST: Final = np.datetime64("1970-01-01")


@dataclass(frozen=True, slots=True)
class Comings:
    """Queries of an engine in two windows. `series` is the engine times the number of queries, plus the query.

    `q_value` is of the chance that the days with impressions fall on the two windows as they do; `new` and `lost` are
    those that were seen in one only, and not by chance. `first_seen` and `last_seen` are of all whole days; `page` is
    the page shown most in the two windows, -1 where there was none.
    """

    series: Ints
    before: Totals
    now: Totals
    q_value: Floats
    new: Bools
    lost: Bools
    first_seen: Days
    last_seen: Days
    page: Ints


@dataclass(frozen=True, slots=True)
class Movers:
    """Clicks of pairs in the window and in the one before, and what made the difference.

    `demand`, `position` and `click_rate` add up to the change of clicks: how much of it came with impressions, with the
    place among results (by the curve), and with how often the result was clicked at its place. `cause` is the place in
    `CAUSES` of the one that pulled most in the direction of the change.
    """

    before: Totals
    now: Totals
    q_value: Floats
    demand: Floats
    position: Floats
    click_rate: Floats
    cause: Ints
    found: Bools


def comings(pairs: Pairs, window: Window, *, false_discoveries: float = 0.05) -> Comings:
    """Queries that appeared or vanished.

    Days with impressions are compared, not impressions, for these come in bursts; the share of the window that chance
    would give is that of the queries seen in both. A binomial test of each, then Benjamini and Hochberg. Nothing is
    told apart where the data do not reach back over the window before.
    """
    searches = pairs.searches
    queries = len(searches.queries)
    code, size = searches.engine * queries + searches.query, 2 * queries
    before, now = totals(pairs, window.before, code, size), totals(pairs, window, code, size)
    both = (before.days > 0) & (now.days > 0)
    days_before, days_now = before.days[both].sum(), now.days[both].sum()
    share_now = float((days_now + 1) / (days_before + days_now + 2))
    seen = before.days + now.days > 0
    judged = seen & covered(pairs, window)
    chances = np.where(judged, changed(before.days, now.days, share_now), np.nan)
    q_value = q_values(chances)
    certain = q_value <= false_discoveries
    first, last = _span(pairs, code, size)
    return Comings(
        *(np.arange(size), before, now, q_value),
        new=certain & (before.days == 0),
        lost=certain & (now.days == 0),
        first_seen=first,
        last_seen=last,
        page=_main_page(pairs, window, size),
    )


def movers(pairs: Pairs, curves: Curves, window: Window, *, false_discoveries: float = 0.05) -> Movers:
    """Pairs whose clicks changed between the windows more than chance has it, and the parts that made the change.

    The logarithmic mean divides the change without a rest (LMDI; Ang 2004, doi 10.1016/j.enpol.2003.10.002); half a
    click is added on both sides, so that none is no obstacle.
    """
    before, now = totals(pairs, window.before), totals(pairs, window)
    due_before, due_now = expected_clicks(pairs, curves, window.before), expected_clicks(pairs, curves, window)
    clicks_before, clicks_now = before.clicks.astype(np.float64) + _HALF, now.clicks.astype(np.float64) + _HALF
    change = clicks_now - clicks_before
    mean = _logarithmic_mean(clicks_before, clicks_now)
    shown = (before.impressions > 0) & (now.impressions > 0)
    demand = np.where(shown, mean * _log_ratio(now.impressions, before.impressions), change)
    rates = _log_ratio(ratio(due_now, now.impressions), ratio(due_before, before.impressions))
    position = np.where(shown, mean * rates, 0.0)
    parts = np.stack([demand, position, change - demand - position])
    seen = (before.clicks + now.clicks > 0) & covered(pairs, window)
    q_value = q_values(np.where(seen, changed(before.clicks, now.clicks), np.nan))
    return Movers(
        before=before,
        now=now,
        q_value=q_value,
        demand=demand,
        position=position,
        click_rate=change - demand - position,
        cause=np.argmax(parts * np.sign(change), axis=0),
        found=q_value <= false_discoveries,
    )


def covered(pairs: Pairs, window: Window) -> bool:
    """Whether the data reach back over the window before: what is older than they are is not new."""
    return len(pairs.shown_day) > 0 and pairs.shown_day[0] <= window.before.first_day.astype(np.int64)


def _logarithmic_mean(one: Floats, other: Floats) -> Floats:
    """The mean that makes a difference of the difference of logarithms; of equal numbers, the number."""
    logs = np.log(one / other)
    return np.where(one == other, one, (one - other) / np.where(logs == 0, 1.0, logs))


def _log_ratio(over: Ints | Floats, under: Ints | Floats) -> Floats:
    """Zero where there is nothing to compare."""
    quotient = np.nan_to_num(ratio(over, under))
    return np.log(np.where(quotient > 0, quotient, 1.0))


def _span(pairs: Pairs, code: Ints, size: int) -> tuple[Days, Days]:
    """The first and the last whole day on which each code was seen, NaT for never."""
    searches = pairs.searches
    rows = pairs.within(Window(_EARLIEST, pairs.through))
    order = rows[np.argsort(searches.day[rows], kind="stable")]
    first, last = (np.full(size, np.datetime64("NaT"), dtype="datetime64[D]") for _ in range(2))
    last[code[order]] = searches.day[order]
    first[code[order[::-1]]] = searches.day[order[::-1]]
    return first, last


def _main_page(pairs: Pairs, window: Window, size: int) -> Ints:
    """The page with the most impressions in both windows together."""
    both = Window(window.before.first_day, window.last_day)
    shown = totals(pairs, both).impressions
    owner = pairs.engine * len(pairs.searches.queries) + pairs.query
    order = np.argsort(shown, kind="stable")
    order = order[shown[order] > 0]
    main = np.full(size, -1)
    main[owner[order]] = pairs.page[order]
    return main
