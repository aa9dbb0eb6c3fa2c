"""Executors register what they can do; what nobody registered is denied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillhand_approvals.domain.tools import Tool, tool_faults
from tillhand_approvals.errors import InvalidTool, ToolTaken
from tillhand_approvals.ports.documents import Documents
from tillhand_approvals.ports.ledger import Kept, Ledger
from tillhand_approvals.service.callers import Caller
from tillhand_common.clock import Clock


@dataclass(frozen=True, slots=True)
class Registered:
    """A tool, and who runs it."""

    tool: Tool
    executor: str
    kept: Kept


class Tooling:
    """Takes tools in, and lists them."""

    def __init__(self, *, ledger: Ledger, clock: Clock, documents: Documents) -> None:
        self._ledger = ledger
        self._clock = clock
        self._documents = documents

    async def register(self, caller: Caller, executor: str, tools: Sequence[Tool]) -> list[Registered]:
        """Have exactly these tools be the executor's. Raises `InvalidTool` or `ToolTaken`; then nothing has changed."""
        for number, tool in enumerate(tools):
            faults = tool_faults(tool)
            if faults:
                listed = [{"pointer": each.pointer, "message": each.message} for each in faults]
                raise InvalidTool(
                    f"{tool.name}: {faults[0].pointer} {faults[0].message}",
                    field=f"body.tools.{number}",
                    extensions={"faults": listed},
                )
        async with self._ledger.writing(caller.tenant) as unit:
            known = {each.name: each for each in await unit.tools()}
            changed = []
            for number, tool in enumerate(tools):
                before = known.get(tool.name)
                if before is not None and before.author != executor:
                    raise ToolTaken(field=f"body.tools.{number}.name")
                body = self._documents.tool_body(tool)
                if before is None or before.body != body:
                    changed.append(tool.name)
                    await unit.put_tool(Kept(body, executor, self._clock.now(), name=tool.name))
            dropped = await unit.drop_tools(executor, {tool.name for tool in tools})
            if changed or dropped:
                data = {"executor": executor, "registered": sorted(changed), "dropped": list(dropped)}
                await unit.append(caller.entry("tools.registered", data))
            return [self._registered(each) for each in await unit.tools() if each.author == executor]

    async def tools(self, caller: Caller) -> list[Registered]:
        """All tools of the tenant, by name."""
        async with self._ledger.reading(caller.tenant) as view:
            return [self._registered(each) for each in await view.tools()]

    def _registered(self, kept: Kept) -> Registered:
        return Registered(self._documents.tool(kept.body), kept.author, kept)
