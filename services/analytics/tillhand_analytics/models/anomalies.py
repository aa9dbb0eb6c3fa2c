"""Anomalies as they are told. Money is in minor units of the shop's currency, shares and rates are parts of 1."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from tillhand_analytics.domain.anomalies.causes import Kind
from tillhand_analytics.domain.anomalies.discovery import Direction
from tillhand_analytics.domain.anomalies.episodes import Severity
from tillhand_analytics.domain.anomalies.facts import Metric
from tillhand_analytics.models.base import Out


class OverviewOut(Out):
    """How much was searched, and found."""

    series: int = Field(description="Series that were watched.")
    silent: int = Field(description="Series with too little in them to be watched.")
    episodes: int = Field(description="Episodes that were found.")
    notice: int = Field(description="Those whose worst day is less than 4.5 robust deviations off.")
    warning: int = Field(description="Those whose worst day is at least 4.5 off.")
    critical: int = Field(description="Those whose worst day is at least 7 off.")


class EpisodeOut(Out):
    """Days of one series that were not as expected, all to one side."""

    id: str = Field(description="Name of the episode.")
    metric: Metric = Field(description="What was not as expected.")
    dimension: str = Field(description="What the metric is split by; `all` for the whole.")
    element: str = Field(description="Which part of the dimension; `all` for the whole.")
    first_day: date = Field(description="Its first day.")
    last_day: date = Field(description="Its last day.")
    days: int = Field(description="How many days.")
    direction: Direction = Field(description="Above or below what was expected.")
    severity: Severity = Field(description="By the deviation of the worst day.")
    actual: float = Field(description="Sum over the days; of a rate, the rate over them.")
    expected: float = Field(description="What was expected of these days.")
    deviation: float = Field(description="By how much it was more.")
    relative_deviation: float | None = Field(description="That as a share of what was expected.")
    worst_day: date = Field(description="The day that was the most unusual.")
    worst_actual: float = Field(description="What there was on it.")
    worst_expected: float = Field(description="What was expected of it.")
    worst_low: float | None = Field(description="Lower end of its interval.")
    worst_high: float | None = Field(description="Upper end of its interval; missing without end.")
    score: float = Field(description="Robust deviations of the worst day.")
    chance: float = Field(description="Chance of a day, or a week, as unusual by accident.")
    by_week: bool = Field(description="It shows in a week, and in no day by itself.")
    cause_kind: Kind | None = Field(description="Kind of the likeliest cause.")
    cause_dimension: str | None = Field(description="Dimension of that cause.")
    cause_name: str | None = Field(description="Name of that cause.")
    cause_share: float | None = Field(description="Its share of the deviation.")
    cause_evidence: str | None = Field(description="What speaks for it.")


class CauseOut(Out):
    """One likely cause of an episode."""

    episode: str = Field(description="Name of the episode.")
    rank: int = Field(description="1 is the likeliest cause of its episode.")
    kind: Kind = Field(description="An element of a dimension, or what is known to have happened.")
    dimension: str = Field(description="Where it lies.")
    name: str = Field(description="Name of the element or happening.")
    share: float = Field(description="Its share of the deviation; 1 is all of it.")
    weight: float = Field(description="What it usually is of the whole.")
    score: float = Field(description="How far it explains the deviation beyond its weight.")
    actual: float | None = Field(description="What there was of it.")
    expected: float | None = Field(description="What its usual share would have been.")
    evidence: str = Field(description="What speaks for it.")


class FactorOut(Out):
    """One factor of a metric; those of a chain add up to the deviation."""

    episode: str = Field(description="Name of the episode.")
    chain: str = Field(description="The product that the metric is taken for.")
    factor: str = Field(description="Name of the factor.")
    actual: float = Field(description="What it was.")
    expected: float = Field(description="What was expected.")
    part: float = Field(description="Its part of the deviation, in the metric's unit.")
    share: float = Field(description="That as a share of the deviation.")


class PromotionOut(Out):
    """What a promotion brought."""

    categories: str = Field(description="Whose goods had a discount.")
    first_day: date = Field(description="Its first day.")
    last_day: date = Field(description="Its last day.")
    discount_percent: float = Field(description="The usual discount.")
    units: float = Field(description="Units of these goods that were sold.")
    expected_units: float | None = Field(description="What the weeks before promised.")
    uplift: float | None = Field(description="Units sold for each unit that was expected.")
    uplift_low: float | None = Field(description="Lower end of its 95 % interval.")
    uplift_high: float | None = Field(description="Upper end of its 95 % interval.")
    brought_more: bool = Field(description="It brought more than other days may by chance.")


class DayOut(Out):
    """A day of one series."""

    day: date = Field(description="The day, in the shop's time zone.")
    actual: float | None = Field(description="What there was.")
    expected: float | None = Field(description="What the weeks before promised.")
    low: float | None = Field(description="Lower end of the interval.")
    high: float | None = Field(description="Upper end of the interval.")
    score: float | None = Field(description="Robust deviations from what was expected.")
    outside: bool = Field(description="The day is outside its interval.")
    ordinary: bool = Field(description="Nothing is known to have happened on it.")
