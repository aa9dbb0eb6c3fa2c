"""tools/list and tools/call over the toolbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import mcp_types as wire

from tillhand_common.problems import Problem
from tillhand_mcp.domain.tools import Done, Refused, Task, Tool
from tillhand_mcp.errors import UnknownTool
from tillhand_mcp.ports.toolbox import Caller, Progress, Toolbox
from tillhand_mcp.routes.protocol import pending, results, tasks
from tillhand_mcp.routes.protocol.exchange import Context, Exchange
from tillhand_mcp.routes.protocol.faults import invalid
from tillhand_mcp.routes.protocol.paging import page

PAGE: Final = 100


class Tools:
    """The handlers, and the input schemas that they have seen: headers of a call are checked against these."""

    def __init__(self, toolbox: Toolbox, page_size: int = PAGE) -> None:
        self._toolbox = toolbox
        self._page_size = page_size
        self._schemas: dict[str, Mapping[str, Any]] = {}

    def schema(self, name: str) -> Mapping[str, Any] | None:
        """Return the input schema of a tool, where it has been seen."""
        return self._schemas.get(name)

    async def learn(self, caller: Caller, name: str) -> None:
        """See the schema of a tool that is about to be called, unless it is known."""
        if name not in self._schemas:
            await self._all(caller)

    async def list_tools(self, ctx: Context, params: wire.PaginatedRequestParams | None) -> wire.ListToolsResult:
        """Answer tools/list."""
        tools = await self._all(Exchange.of(ctx).caller)
        shown, cursor = page(tools, params.cursor if params else None, self._page_size, lambda tool: tool.name)
        return wire.ListToolsResult(tools=list(shown), next_cursor=cursor)

    async def call_tool(self, ctx: Context, params: wire.CallToolRequestParams) -> wire.CallToolResult | dict[str, Any]:
        """Answer tools/call: at its end, or for a write with the task under which it waits."""
        exchange, arguments = Exchange.of(ctx), params.arguments or {}
        if params.name == pending.STATUS_TOOL:
            return await pending.status(self._toolbox, exchange.caller, arguments)
        answer: Done | Refused | Task | None = None
        with exchange.attached():
            answer = await self._answer(exchange.caller, params.name, arguments, _progress(ctx))
        if answer is None:
            raise invalid("The client has left.")
        if not isinstance(answer, Task):
            return results.outcome(answer)
        if (ended := results.ending(answer)) is not None:
            return ended
        return tasks.created(answer) if tasks.declared(ctx) else pending.waiting(answer)

    async def _answer(
        self, caller: Caller, name: str, arguments: Mapping[str, Any], progress: Progress
    ) -> Done | Refused | Task:
        try:
            return await self._toolbox.call(caller, name, arguments, progress)
        except UnknownTool:
            raise
        except Problem as problem:  # a model can act on it, where an error of the protocol would only end its turn
            return Refused(problem.slug, problem.detail)

    async def _all(self, caller: Caller) -> list[wire.Tool]:
        tools = await self._toolbox.tools(caller)
        self._schemas.update({tool.name: tool.input_schema for tool in tools})
        shown = [_shown(tool) for tool in tools]
        if any(tool.writes for tool in tools):
            shown.append(pending.TOOL)
        return sorted(shown, key=lambda tool: tool.name)


def _progress(ctx: Context) -> Progress:
    async def report(done: float, total: float | None, message: str) -> None:
        await ctx.session.report_progress(done, total, message or None)

    return report


def _shown(tool: Tool) -> wire.Tool:
    hints = tool.annotations
    own = dict(tool.output_schema)
    return wire.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=dict(tool.input_schema),
        output_schema=pending.output_schema(own) if tool.writes else own,
        annotations=wire.ToolAnnotations(
            title=tool.title,
            read_only_hint=hints.read_only,
            destructive_hint=hints.destructive,
            idempotent_hint=hints.idempotent,
            open_world_hint=hints.open_world,
        ),
        _meta={"tillhand/connector": tool.connector, "tillhand/version": tool.version, "tillhand/risk": tool.risk},
    )
