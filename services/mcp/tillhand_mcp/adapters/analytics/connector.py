"""`inventory_*`, `seo_*` and `sales_*`: figures for agents, each with where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel

from tillhand_common.clock import Clock
from tillhand_mcp.adapters.analytics.client import AnalyticsClient
from tillhand_mcp.adapters.analytics.models import Rows, Value
from tillhand_mcp.adapters.analytics.purchasing import Purchasing
from tillhand_mcp.adapters.analytics.reports import REPORTS, Report
from tillhand_mcp.domain.origins import ConnectorState, Origin
from tillhand_mcp.ports.connector import Answer, AnyTool, ReadTool
from tillhand_mcp.ports.toolbox import Caller, Progress

FRESH_S: Final = 15.0


class AnalyticsConnector:
    """services/analytics, and the purchase orders that follow from it."""

    id = "analytics"
    title = "Inventory, search and sales"

    def __init__(self, client: AnalyticsClient, purchasing: Purchasing, clock: Clock) -> None:
        self._client = client
        self._purchasing = purchasing
        self._clock = clock

    def tools(self) -> Sequence[AnyTool]:
        """A tool for each report, and one that writes."""
        return (*(self._tool(report) for report in REPORTS), *self._purchasing.tools())

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        return await self._client.state()

    async def check(self) -> ConnectorState:
        """Ask whether it is ready."""
        return await self._client.check()

    async def run(self) -> None:
        """Keep knowing how real its figures are."""
        await self._client.run()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _tool(self, report: Report) -> AnyTool:
        async def run(caller: Caller, given: BaseModel, progress: Progress) -> Answer:  # noqa: ARG001  # the port's
            return await self._answer(report, given)

        tool: ReadTool[Any] = ReadTool(
            report.tool,
            report.title,
            report.description,
            report.takes,
            report.gives,
            run,
            open_world=False,
            fresh_s=FRESH_S,
        )
        return tool

    async def _answer(self, report: Report, given: BaseModel) -> Answer:
        found = await self._client.get(report.path, given.model_dump(exclude_none=True))
        data: Rows | Value = report.gives.model_validate(found)
        mode = data.provenance.mode
        origin = Origin(
            self.id,
            "live" if mode == "live" else "mock",
            self._clock.now(),
            stale=any(each.get("stale") for each in found["provenance"]["sources"]),
            truncated=isinstance(data, Rows) and data.next_cursor is not None,
        )
        return Answer(data, _told(report, data), origin)


def _told(report: Report, data: Rows | Value) -> str:
    real = "" if data.provenance.mode == "live" else f" These are {data.provenance.mode} data."
    if isinstance(data, Value):
        return f"{report.title}.{real}"
    return f"{report.title}: {len(data.items)} of {data.total} rows.{real}"
