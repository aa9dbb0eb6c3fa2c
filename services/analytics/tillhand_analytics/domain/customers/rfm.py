"""RFM: how lately, how often and for how much customers bought, as scores from 1 to 5 and as named segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.customers.purchases import Purchases, sums
from tillhand_analytics.domain.records import Bools, Days, Floats, Ints

_DAY: Final = np.timedelta64(1, "D")
SCORES: Final = 5
Name = Literal[
    "new",
    "champions",
    "promising",
    "loyal",
    "need_attention",
    "about_to_sleep",
    "cannot_lose",
    "at_risk",
    "hibernating",
]
_MOST: Final = 2**31


@dataclass(frozen=True, slots=True)
class Segment:
    """Customers with a recency and a frequency score in these ranges, and with so many days of purchase.

    `definition` says so in words, `action` what usually follows from it.
    """

    name: Name
    recency: tuple[int, int]
    frequency: tuple[int, int]
    purchases: tuple[int, int]
    definition: str
    action: str


SEGMENTS: Final = (
    Segment("new", (4, 5), (1, 1), (1, 1), "Bought once, lately.", "Welcome them; win a second order."),
    Segment("champions", (4, 5), (4, 5), (1, _MOST), "Bought lately and often.", "Reward them; ask for reviews."),
    Segment("promising", (4, 5), (1, 3), (1, _MOST), "Bought lately, not yet often.", "Show what goes with it."),
    Segment("loyal", (3, 3), (4, 5), (1, _MOST), "Bought often, a while ago.", "Remind them of what is new."),
    Segment("need_attention", (3, 3), (2, 3), (1, _MOST), "Average in both.", "Offer something for a limited time."),
    Segment("about_to_sleep", (3, 3), (1, 1), (1, _MOST), "Bought seldom, a while ago.", "Reconnect before they go."),
    Segment(
        "cannot_lose", (1, 2), (5, 5), (1, _MOST), "Bought most often, and not for long.", "Speak to them in person."
    ),
    Segment("at_risk", (1, 2), (3, 4), (1, _MOST), "Bought often, and not for long.", "Win them back."),
    Segment("hibernating", (1, 2), (1, 2), (1, _MOST), "Bought seldom, long ago.", "Spend little on them."),
)
"""The first one that fits is a customer's segment; together they hold every pair of scores."""


@dataclass(frozen=True, slots=True)
class Rfm:
    """One row per customer, by number. `purchases` are days with one, `segment` a place in SEGMENTS.

    Scores say how many customers one is ahead of: with 5 it is at least 80 %, with 4 at least 60 %, with 1 fewer than
    20 %. Equal customers have equal scores, so that whoever bought least often has a 1, however many they are.
    """

    customer: Ints
    last_day: Days
    days_since: Ints
    purchases: Ints
    value_minor: Floats
    recency_score: Ints
    frequency_score: Ints
    money_score: Ints
    segment: Ints


@dataclass(frozen=True, slots=True)
class SegmentTotals:
    """One row per segment, in the order of SEGMENTS; means are NaN where nobody is in it."""

    customers: Ints
    value_minor: Floats
    purchases: Ints
    mean_days_since: Floats


def rfm(bought: Purchases, last_day: np.datetime64) -> Rfm:
    """Scores and segments of all who bought up to a day."""
    bought = bought.until(last_day)
    starts = np.flatnonzero(bought.begins)
    number = np.diff(np.append(starts, len(bought)))
    last = bought.day[starts + number - 1]
    value = np.add.reduceat(bought.value_minor, starts) if len(starts) else bought.value_minor
    since = ((last_day - last) / _DAY).astype(np.int64)
    recency, frequency, money = scores(-since), scores(number), scores(value)
    return Rfm(
        customer=bought.customer[starts],
        last_day=last,
        days_since=since,
        purchases=number,
        value_minor=value,
        recency_score=recency,
        frequency_score=frequency,
        money_score=money,
        segment=segments(recency, frequency, number),
    )


def scores(values: Ints | Floats) -> Ints:
    """1 to 5 by the share of values that are smaller: below a fifth gives 1, from four fifths on 5."""
    below = np.searchsorted(np.sort(values), values, side="left")
    return 1 + below * SCORES // max(len(values), 1)


def segments(recency: Ints, frequency: Ints, purchases: Ints) -> Ints:
    """The place in SEGMENTS of each customer."""
    fits: list[Bools] = [
        _within(recency, each.recency) & _within(frequency, each.frequency) & _within(purchases, each.purchases)
        for each in SEGMENTS
    ]
    place: Ints = np.argmax(np.stack(fits), axis=0)
    return place


def _within(values: Ints, ends: tuple[int, int]) -> Bools:
    return (values >= ends[0]) & (values <= ends[1])


def totals(scored: Rfm) -> SegmentTotals:
    """What the segments come to."""
    number = len(SEGMENTS)
    customers = np.bincount(scored.segment, minlength=number)
    since = sums(scored.segment, scored.days_since.astype(np.float64), number)
    return SegmentTotals(
        customers=customers,
        value_minor=sums(scored.segment, scored.value_minor, number),
        purchases=sums(scored.segment, scored.purchases.astype(np.float64), number).astype(np.int64),
        mean_days_since=np.divide(since, customers, out=np.full(number, np.nan), where=customers > 0),
    )
