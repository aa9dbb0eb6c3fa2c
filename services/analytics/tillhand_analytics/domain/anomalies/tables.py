"""What was found, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from tillhand_analytics.domain.anomalies.causes import Cause
from tillhand_analytics.domain.anomalies.effects import Effect
from tillhand_analytics.domain.anomalies.episodes import Episode, Report
from tillhand_analytics.domain.anomalies.factors import Factor
from tillhand_analytics.domain.anomalies.followed import Followed
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.tables import Column, Kind, Table

T = TypeVar("T")
_Of = tuple[str, Kind, str, Callable[[T], Any]]


def id_of(shop: Shop, episode: Episode) -> str:
    """A name that an episode keeps as long as its first day stays what it is."""
    return f"{episode.metric}:{episode.dimension}:{episode.element}:{_day(shop, episode.first)}"


def episodes_table(shop: Shop, report: Report) -> Table:
    """All episodes, the latest first, each with its likeliest cause."""
    columns: Sequence[_Of[Episode]] = (
        ("id", "text", "Name of the episode.", lambda each: id_of(shop, each)),
        ("metric", "text", "What was not as expected.", lambda each: each.metric),
        ("dimension", "text", "What the metric is split by; `all` for the whole.", lambda each: each.dimension),
        ("element", "text", "Which part of the dimension; `all` for the whole.", lambda each: each.element),
        ("first_day", "day", "Its first day.", lambda each: _day(shop, each.first)),
        ("last_day", "day", "Its last day.", lambda each: _day(shop, each.last)),
        ("days", "integer", "How many days.", lambda each: each.last - each.first + 1),
        ("direction", "text", "Above or below what was expected.", lambda each: each.direction),
        ("severity", "text", "By the deviation of the worst day.", lambda each: each.severity),
        ("actual", "number", "Sum over the days; of a rate, the rate over them.", lambda each: each.actual),
        ("expected", "number", "What was expected of these days.", lambda each: each.expected),
        ("deviation", "number", "By how much it was more.", lambda each: each.deviation),
        ("relative_deviation", "number", "That as a share of what was expected.", lambda each: each.relative),
        ("worst_day", "day", "The day that was the most unusual.", lambda each: _day(shop, each.worst)),
        ("worst_actual", "number", "What there was on it.", lambda each: each.worst_actual),
        ("worst_expected", "number", "What was expected of it.", lambda each: each.worst_expected),
        ("worst_low", "number", "Lower end of its interval.", lambda each: each.low),
        ("worst_high", "number", "Upper end of its interval; missing without end.", lambda each: each.high),
        ("score", "number", "Robust deviations of the worst day.", lambda each: each.score),
        ("chance", "number", "Chance of a day, or a week, as unusual by accident.", lambda each: each.chance),
        ("by_week", "boolean", "It shows in a week, and in no day by itself.", lambda each: each.by_week),
        ("cause_kind", "text", "Kind of the likeliest cause.", lambda each: _first(each, "kind")),
        ("cause_dimension", "text", "Dimension of that cause.", lambda each: _first(each, "dimension")),
        ("cause_name", "text", "Name of that cause.", lambda each: _first(each, "name")),
        ("cause_share", "number", "Its share of the deviation.", lambda each: _first(each, "share")),
        ("cause_evidence", "text", "What speaks for it.", lambda each: _first(each, "evidence")),
    )
    return _table("anomalies", columns, report.episodes)


def causes_table(shop: Shop, report: Report) -> Table:
    """All causes of all episodes, the likeliest of each first."""
    rows = [(each, rank, cause) for each in report.episodes for rank, cause in enumerate(each.causes, 1)]
    columns: Sequence[_Of[tuple[Episode, int, Cause]]] = (
        ("episode", "text", "Name of the episode.", lambda row: id_of(shop, row[0])),
        ("rank", "integer", "1 is the likeliest cause of its episode.", lambda row: row[1]),
        ("kind", "text", "An element of a dimension, or what is known to have happened.", lambda row: row[2].kind),
        ("dimension", "text", "Where it lies.", lambda row: row[2].dimension),
        ("name", "text", "Name of the element or happening.", lambda row: row[2].name),
        ("share", "number", "Its share of the deviation; 1 is all of it.", lambda row: row[2].share),
        ("weight", "number", "What it usually is of the whole.", lambda row: row[2].weight),
        ("score", "number", "How far it explains the deviation beyond its weight.", lambda row: row[2].score),
        ("actual", "number", "What there was of it.", lambda row: row[2].actual),
        ("expected", "number", "What its usual share would have been.", lambda row: row[2].expected),
        ("evidence", "text", "What speaks for it.", lambda row: row[2].evidence),
    )
    return _table("anomaly-causes", columns, rows)


def factors_table(shop: Shop, report: Report) -> Table:
    """The factors of the episodes of the whole shop; those of a chain add up to the deviation."""
    rows = [
        (each, " x ".join(factor.name for factor in chain), factor)
        for each in report.episodes
        for chain in each.factors
        for factor in chain
    ]
    columns: Sequence[_Of[tuple[Episode, str, Factor]]] = (
        ("episode", "text", "Name of the episode.", lambda row: id_of(shop, row[0])),
        ("chain", "text", "The product that the metric is taken for.", lambda row: row[1]),
        ("factor", "text", "Name of the factor.", lambda row: row[2].name),
        ("actual", "number", "What it was.", lambda row: row[2].actual),
        ("expected", "number", "What was expected.", lambda row: row[2].expected),
        ("part", "number", "Its part of the deviation, in the metric's unit.", lambda row: row[2].part),
        ("share", "number", "That as a share of the deviation.", lambda row: row[2].share),
    )
    return _table("anomaly-factors", columns, rows)


def promotions_table(shop: Shop, effects: Sequence[Effect]) -> Table:
    """What promotions brought, in the order of time."""
    columns: Sequence[_Of[Effect]] = (
        ("categories", "text", "Whose goods had a discount.", lambda each: ", ".join(each.promotion.categories)),
        ("first_day", "day", "Its first day.", lambda each: _day(shop, each.promotion.first)),
        ("last_day", "day", "Its last day.", lambda each: _day(shop, each.promotion.last)),
        ("discount_percent", "number", "The usual discount.", lambda each: each.promotion.percent),
        ("units", "number", "Units of these goods that were sold.", lambda each: each.actual),
        ("expected_units", "number", "What the weeks before promised.", lambda each: each.expected),
        ("uplift", "number", "Units sold for each unit that was expected.", lambda each: each.uplift),
        ("uplift_low", "number", "Lower end of its 95 % interval.", lambda each: each.low),
        ("uplift_high", "number", "Upper end of its 95 % interval.", lambda each: each.high),
        ("brought_more", "boolean", "It brought more than other days may by chance.", lambda each: each.brought_more),
    )
    return _table("promotions", columns, effects)


def days_table(followed: Followed) -> Table:
    """A series day by day."""
    return Table(
        "anomaly-days",
        (
            Column("day", "day", "The day, in the shop's time zone.", followed.day),
            Column("actual", "number", "What there was.", followed.actual),
            Column("expected", "number", "What the weeks before promised.", followed.expected),
            Column("low", "number", "Lower end of the interval.", followed.low),
            Column("high", "number", "Upper end of the interval.", followed.high),
            Column("score", "number", "Robust deviations from what was expected.", followed.score),
            Column("outside", "boolean", "The day is outside its interval.", followed.outside),
            Column("ordinary", "boolean", "Nothing is known to have happened on it.", followed.ordinary),
        ),
    )


def _first(episode: Episode, name: str) -> str | float | None:
    found: str | float | None = getattr(episode.causes[0], name) if episode.causes else None
    return found


def _day(shop: Shop, place: int) -> np.datetime64:
    day: np.datetime64 = shop.first_day.astype("datetime64[D]") + place
    return day


def _table(name: str, columns: Sequence[_Of[T]], rows: Sequence[T]) -> Table:
    return Table(name, tuple(_columns(columns, rows)))


def _columns(columns: Sequence[_Of[T]], rows: Sequence[T]) -> Iterator[Column]:
    for name, kind, about, read in columns:
        cells = [read(row) for row in rows]
        match kind:
            case "text":
                yield Column(name, kind, about, cells)
            case "number":
                numbers = np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
                yield Column(name, kind, about, np.where(np.isfinite(numbers), numbers, np.nan))
            case "day":
                yield Column(name, kind, about, np.array(cells, dtype="datetime64[D]"))
            case _:
                yield Column(name, kind, about, np.array(cells, dtype=np.int64 if kind == "integer" else np.bool_))
