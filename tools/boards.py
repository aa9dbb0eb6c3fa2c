"""The boards of Grafana, deploy/grafana/boards/*.json, which `make docs` writes.

A panel is a title, a unit and its queries. The tests put each query to a live Prometheus, and it has to give data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from board_overview import BREAKERS, OVERVIEW
from board_panels import Board, Panel
from board_services import of_service
from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from workspace import ROOT, services

BOARDS: Final = ROOT / "deploy" / "grafana" / "boards"
SOURCE: Final = DataSourceRef(type_val="prometheus", uid="prometheus")
HEIGHT: Final = 7
"""Rows of the grid that a panel takes."""


def boards() -> list[Board]:
    """All boards: one of the whole, one of the breakers, one a service."""
    return [OVERVIEW, BREAKERS, *(of_service(member.name) for member in services())]


def drawn(panel: Panel) -> Any:  # noqa: ANN401  # of two builders
    """A panel as Grafana's own builders make it."""
    built: Any = stat.Panel() if panel.figure else timeseries.Panel()
    built = built.title(panel.title).description(panel.meaning).unit(panel.unit).datasource(SOURCE)
    built = built.span(panel.width).height(HEIGHT)
    for place, query in enumerate(panel.queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id(chr(ord("A") + place)).datasource(SOURCE)
        if panel.figure:
            target = target.instant()
        built = built.with_target(target.legend_format(query.name) if query.name else target)
    return built


def page(board: Board) -> str:
    """The board as JSON, the same for the same board."""
    made = dashboard.Dashboard(board.title).uid(f"tillhand-{board.name}").tags(["tillhand"]).readonly()
    made = made.time("now-1h", "now").refresh("30s").timezone("browser")
    for title, panels in board.rows:
        made = made.with_row(dashboard.Row(title))
        for panel in panels:
            made = made.with_panel(drawn(panel))
    return json.dumps(json.loads(json.dumps(made.build(), cls=JSONEncoder)), indent=1, ensure_ascii=False) + "\n"


def pages() -> dict[Path, str]:
    """The files that there are to be."""
    return {BOARDS / f"{board.name}.json": page(board) for board in boards()}
