"""The views of search: findings first, then the tables behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from tillhand_dashboard.domain.figures import Column, Kind, shown
from tillhand_dashboard.domain.panels import Panel, Views

KINDS: Final[Mapping[str, str]] = {
    "decay": "A page sinks for a query",
    "page_decay": "A whole page sinks",
    "ctr_gap": "Clicked less than its place deserves",
    "cannibalisation": "Two pages take turns",
    "striking_distance": "A few places from the top",
    "lost_query": "A query was lost",
    "engine_gap": "One engine ranks it, the other not",
}
_EVIDENCE: Final[Mapping[str, Kind]] = {"q_value": "chance", "ctr": "share", "expected_ctr": "share"}
_QUERY: Final = Column("query", "Query")
_PAGE: Final = Column("page", "Page")
_ENGINE: Final = Column("engine", "Engine", "word")
_CLICKS: Final = Column("clicks", "Clicks", "integer")
_BEFORE: Final = Column("clicks_before", "Before", "integer")
_POSITION: Final = Column("position", "Position", "number")
_Q: Final = Column("q_value", "q-value", "chance")
FINDINGS: Final = Panel("findings", "Findings", "", "seo/findings", (), limit=25)
TREND: Final = Panel(
    "trend",
    "Positions and clicks, 90 days",
    "Mean place among results, 1 is the first; weighted by how often each result was shown.",
    "seo/trend",
    (
        Column("day", "Day"),
        _CLICKS,
        Column("impressions", "Shown", "integer"),
        Column("ctr", "Clicked", "share"),
        _POSITION,
    ),
    limit=100,
    chart="seo/trend",
    alt="Mean position of the site day by day, a line for each engine; the table below holds Google's days.",
    folded=True,
)
_TABLES: Final = (
    Panel(
        "queries",
        "Queries",
        "28 days beside the 28 before: what came and went, and whether that may be chance.",
        "seo/queries",
        (_QUERY, _ENGINE, Column("change", "Change", "word"), _CLICKS, _BEFORE, _POSITION, _Q),
        sort="-clicks",
        limit=50,
    ),
    Panel(
        "movers",
        "What moved, and why",
        "Changes of clicks, split into demand, position and rate of clicks.",
        "seo/movers",
        (
            _PAGE,
            _QUERY,
            Column("clicks_change", "Change", "integer"),
            Column("by_demand", "By demand", "number"),
            Column("by_position", "By position", "number"),
            Column("by_click_rate", "By click rate", "number"),
            Column("cause", "Cause", "word"),
            _Q,
        ),
        limit=50,
        parameters={"significant": "true"},
    ),
    Panel(
        "pages",
        "Pages",
        "What each gets of the clicks within its reach: 100 is all of them.",
        "seo/pages",
        (
            _PAGE,
            _ENGINE,
            Column("score", "Score", "number"),
            _CLICKS,
            _BEFORE,
            _POSITION,
            Column("findings", "Findings", "integer"),
            Column("missing_clicks_month", "Clicks to be won a month", "number"),
        ),
        limit=50,
        link="page",
        link_to="/seo?page=",
    ),
    Panel(
        "landing",
        "Landing pages",
        "A page in search, and what visits from unpaid search did there.",
        "seo/landing-pages",
        (
            Column("path", "Page"),
            _CLICKS,
            _POSITION,
            Column("sessions", "Visits", "integer"),
            Column("conversion_rate", "Bought", "share"),
            Column("revenue_minor", "Revenue", "money"),
        ),
        limit=50,
    ),
)
VIEWS: Final = (
    Views("findings", "Findings", (FINDINGS, TREND), {"summary": "seo/summary"}),
    *(Views(panel.id, panel.title, (panel,)) for panel in _TABLES),
)


def evidence_of(text: str) -> Sequence[tuple[str, str]]:
    """What a finding rests on, by name; as it came where it is in another form than we know."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return [("evidence", shown(text))]
    return [(name.replace("_", " "), _written(name, value)) for name, value in found.items()]


def _written(name: str, value: object) -> str:
    whole = isinstance(value, float) and value.is_integer() and name not in _EVIDENCE
    return shown(value, _EVIDENCE.get(name, "integer" if whole else "number"))


def view_of(name: str) -> Views:
    """The view of this name; the first one for any other."""
    return next((view for view in VIEWS if view.id == name), VIEWS[0])
