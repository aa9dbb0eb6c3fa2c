"""Positions over time, as lines of a chart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from tillhand_analytics.domain.charts import Chart, Line, position_chart
from tillhand_analytics.domain.records import ENGINES, Bools, Engine, Ints
from tillhand_analytics.domain.seo.daily import daily
from tillhand_analytics.domain.seo.pairs import Pairs, totals
from tillhand_analytics.domain.seo.windows import Window
from tillhand_analytics.domain.seo.worth import path_of

_QUERIES: Final = 5
"""More lines than these cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which rows a trend is: of a page, of a query, of both, or of all, on one engine."""

    engine: Engine
    page: str | None = None
    query: str | None = None


def fitting(pairs: Pairs, wanted: Wanted) -> Bools:
    """Which pairs are of the page and the query, on any engine."""
    fits = np.ones(len(pairs), dtype=np.bool_)
    searches = pairs.searches
    for texts, places, text in (
        (searches.pages, pairs.page, wanted.page),
        (searches.queries, pairs.query, wanted.query),
    ):
        if text is not None:
            fits &= places == (texts.index(text) if text in texts else -1)
    return fits


def positions(pairs: Pairs, window: Window, wanted: Wanted) -> Callable[..., Chart]:
    """A chart whose look is still open: a page's five most shown queries on one engine, or else a line by engine."""
    fits = fitting(pairs, wanted)
    if wanted.page is not None and wanted.query is None:
        names, code = _by_query(pairs, window, fits & (pairs.engine == ENGINES.index(wanted.engine)))
    else:
        names, code = [engine.capitalize() for engine in ENGINES], np.where(fits, pairs.engine, -1)
    _, _, position = daily(pairs, window, code[pairs.row], len(names))
    lines = [Line(name, line) for name, line in zip(names, position, strict=True) if np.isfinite(line).any()]
    days = window.first_day + np.arange(window.days)
    return partial(position_chart, _title(wanted), days, lines)


def _by_query(pairs: Pairs, window: Window, fits: Bools) -> tuple[list[str], Ints]:
    shown = totals(pairs, window).impressions * fits
    most = np.argsort(-shown, kind="stable")[:_QUERIES]
    most = most[shown[most] > 0]
    code = np.full(len(pairs), -1)
    code[most] = np.arange(len(most))
    return [pairs.searches.queries[place] for place in pairs.query[most].tolist()], code


def _title(wanted: Wanted) -> str:
    parts = [path_of(wanted.page)] if wanted.page is not None else []
    if wanted.query is not None:
        parts.append(f"“{wanted.query}”")
    return f"Position in search: {', '.join(parts) or 'all pages'}"
