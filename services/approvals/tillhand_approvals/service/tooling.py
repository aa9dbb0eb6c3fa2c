"""Executors register what they can do; what nobody registered is denied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_approvals.domain.actors import SYSTEM
from tillhand_approvals.domain.canonical import digest_of
from tillhand_approvals.domain.deciding import cancel
from tillhand_approvals.domain.proposals import Proposal
from tillhand_approvals.domain.tools import Tool, pending_faults, tool_faults
from tillhand_approvals.errors import ErasedSubject, InvalidTool, SealBroken, ToolTaken
from tillhand_approvals.ports.documents import Documents
from tillhand_approvals.ports.ledger import Kept, Ledger, Unit, Wish
from tillhand_approvals.service.callers import Caller, record
from tillhand_approvals.service.vault import Vault
from tillhand_common.clock import Clock

PAGE: Final = 200
_WAITING: Final = ("pending", "approved")


@dataclass(frozen=True, slots=True)
class Registered:
    """A tool, and who runs it."""

    tool: Tool
    executor: str
    kept: Kept


class Tooling:
    """Takes tools in, and lists them."""

    def __init__(self, *, ledger: Ledger, clock: Clock, documents: Documents, vault: Vault) -> None:
        self._vault = vault
        self._ledger = ledger
        self._clock = clock
        self._documents = documents

    async def register(self, caller: Caller, executor: str, tools: Sequence[Tool]) -> list[Registered]:
        """Have exactly these tools be the executor's. Raises `InvalidTool` or `ToolTaken`; then nothing has changed.

        What waits, and does not fit a tool's new version, is withdrawn.
        """
        for number, tool in enumerate(tools):
            faults = tool_faults(tool)
            if faults:
                listed = [{"pointer": each.pointer, "message": each.message} for each in faults]
                raise InvalidTool(
                    f"{tool.name}: {faults[0].pointer} {faults[0].message}",
                    field=f"body.tools.{number}",
                    extensions={"faults": listed},
                )
            digest_of(self._documents.tool_body(tool))  # what has no canonical form cannot be kept
        async with self._ledger.writing(caller.tenant) as unit:
            known = {each.name: each for each in await unit.tools()}
            for number, tool in enumerate(tools):
                if tool.name in known and known[tool.name].author != executor:
                    raise ToolTaken(field=f"body.tools.{number}.name")
            changed = [tool.name for tool in tools if await self._put(unit, executor, known.get(tool.name), tool)]
            dropped = await unit.drop_tools(executor, {tool.name for tool in tools})
            for name in dropped:
                await self._outdate(unit, self._documents.tool(known[name].body), None)
            if changed or dropped:
                data = {"executor": executor, "registered": sorted(changed), "dropped": list(dropped)}
                await unit.append(caller.entry("tools.registered", data))
            return [self._registered(each) for each in await unit.tools() if each.author == executor]

    async def _put(self, unit: Unit, executor: str, before: Kept | None, tool: Tool) -> bool:
        """Keep a tool; whether it is another than before."""
        body = self._documents.tool_body(tool)
        if before is not None and before.body == body:
            return False
        await unit.put_tool(Kept(body, executor, self._clock.now(), name=tool.name))
        if before is not None:
            await self._outdate(unit, self._documents.tool(before.body), tool)
        return True

    async def _outdate(self, unit: Unit, before: Tool, after: Tool | None) -> None:
        """Withdraw what waits for a decision or a run, and was looked at as a call of another tool than this one is."""
        after_position = None
        while True:
            wish = Wish(states=_WAITING, tools={before.name}, newest_first=False, after=after_position, limit=PAGE)
            page = await unit.proposals(wish)
            for proposal in page.proposals:
                reason = await self._reason(unit, proposal, before, after)
                if reason:
                    change = cancel(proposal, SYSTEM, self._clock.now(), reason)
                    await unit.replace(change.proposal)
                    await record(unit, Caller(unit.tenant, SYSTEM), proposal.id, change.happenings)
            after_position = page.following
            if after_position is None:
                return

    async def _reason(self, unit: Unit, proposal: Proposal, before: Tool, after: Tool | None) -> str:
        """Why a proposal cannot stay; nothing where it can."""
        if after is None:
            return "Nobody offers this tool any more."
        try:
            arguments = await self._vault.opened(unit, proposal.id, f"arguments:{proposal.digest}")
        except (ErasedSubject, SealBroken):
            return "The tool has changed, and what it was to be called with can be read no more."
        faults = pending_faults(before, after, arguments)
        return (
            " ".join(["The tool has changed:", *filter(None, (faults[0].place, faults[0].message))]) if faults else ""
        )

    async def tools(self, caller: Caller) -> list[Registered]:
        """All tools of the tenant, by name."""
        async with self._ledger.reading(caller.tenant) as view:
            return [self._registered(each) for each in await view.tools()]

    def _registered(self, kept: Kept) -> Registered:
        return Registered(self._documents.tool(kept.body), kept.author, kept)
