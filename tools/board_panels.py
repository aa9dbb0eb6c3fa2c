"""Panels of Grafana's boards: what is asked, in which unit, and what it means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Query:
    """What is asked, and how a series is called; `{{label}}` stands for the label's value."""

    expr: str
    name: str = ""


@dataclass(frozen=True)
class Panel:
    """One picture: lines over time, or the newest value as a `figure`."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    meaning: str
    figure: bool = False
    width: int = 8


@dataclass(frozen=True)
class Board:
    """One page of Grafana, in rows of panels."""

    name: str
    title: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]


def lines(title: str, unit: str, expr: str, name: str, meaning: str, width: int = 8) -> Panel:
    return Panel(title, unit, (Query(expr, name),), meaning, width=width)


def figure(title: str, unit: str, expr: str, meaning: str, width: int = 4) -> Panel:
    return Panel(title, unit, (Query(expr),), meaning, figure=True, width=width)


def percentiles(title: str, metric: str, selector: str, meaning: str) -> Panel:
    """Median, 95th and 99th percentile of a histogram of seconds."""
    total = f"sum by (le) (rate({metric}_bucket{{{selector}}}[$__rate_interval]))"
    asked = tuple(
        Query(f"histogram_quantile({share}, {total})", name)
        for share, name in ((0.5, "median"), (0.95, "95 %"), (0.99, "99 %"))
    )
    return Panel(title, "s", asked, meaning)


def rate(metric: str, by: str, selector: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{{{selector}}}[$__rate_interval]))"
