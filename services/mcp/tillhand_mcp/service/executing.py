"""Runs what was approved: once, under a lease, by the only code that can make an `Approved`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

import structlog
from pydantic import ValidationError

from tillhand_common.approvals_client import Refused, Result
from tillhand_common.approvals_models import Leased, ProposalView
from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, leaves_open
from tillhand_common.problems import Problem
from tillhand_mcp.domain.tools import Tool
from tillhand_mcp.errors import UnknownTool
from tillhand_mcp.ports.approvals import Approvals
from tillhand_mcp.ports.connector import Approved, WriteTool
from tillhand_mcp.service.freshness import Freshness
from tillhand_mcp.service.registry import Registry
from tillhand_mcp.service.schemas import schema_of, structured

POLL_S: Final = 2.0
AGAIN_S: Final = 5.0
AT_ONCE: Final = 4
LONGEST_TOLD: Final = 500

_log = structlog.get_logger(__name__)


class Executing:
    """Registers what can be run, and runs it. Of several replicas the one that gets the lease runs it."""

    def __init__(self, *, registry: Registry, approvals: Approvals, freshness: Freshness, clock: Clock) -> None:
        self._registry = registry
        self._approvals = approvals
        self._freshness = freshness
        self._clock = clock
        self._awake = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._trying: dict[str, str] = {}
        self.registered = False
        self.heard = False
        """Whether the approvals have answered the last look for work."""

    async def run(self) -> None:
        """Go on until cancelled; what is under way then is broken off, and reported as unknown."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                await self._register()
                while True:
                    self._awake.clear()
                    await self._look(tasks)
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):
                            await self._awake.wait()
        finally:
            self.registered = False

    async def _register(self) -> None:
        while not self.registered:
            try:
                await self._approvals.register([registration(shown, bound) for shown, bound in self._registry.writes()])
                self.registered = self.heard = True
            except (UpstreamError, Refused) as error:
                _log.warning("registration_waits", reason=type(error).__name__, detail=str(error)[:LONGEST_TOLD])
                await self._clock.sleep(AGAIN_S)

    async def _listen(self) -> None:
        try:
            async for _ in self._approvals.decided():
                self._awake.set()
        except Refused as refusal:  # looking every `POLL_S` goes on
            _log.warning("feed_refused", reason=refusal.slug)

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        try:
            found = await self._approvals.work()
        except (UpstreamError, Refused):
            self.heard = False
            return  # the next look is soon
        self.heard = True
        for each in found:
            if each.id not in self._under_way and await self._may_begin(each):
                self._under_way[each.id] = tasks.create_task(self._one(each.id), name=f"run {each.id}")

    async def _may_begin(self, proposal: ProposalView) -> bool:
        """Whether its upstream is asked at all now: an approval is not used up on one that is given a rest."""
        try:
            connector = self._registry.tool(proposal.tool).connector
        except UnknownTool:
            return True  # which the run reports
        breaker = (await connector.state()).breaker
        if breaker == "half-open" and connector.id not in self._trying:
            self._trying[connector.id] = proposal.id
            return True
        return breaker == "closed"

    async def _one(self, proposal_id: str) -> None:
        try:
            async with self._room:
                await self._approvals.run(proposal_id, self.work)
        except Refused as refusal:
            _log.info("lease_refused", proposal=proposal_id, reason=refusal.slug)
        except Exception as error:  # noqa: BLE001  # the boundary of a task; what came of it has been reported as unknown
            _log.error("execution_broke", proposal=proposal_id, reason=type(error).__name__)
        finally:
            del self._under_way[proposal_id]
            self._trying = {name: tried for name, tried in self._trying.items() if tried != proposal_id}

    async def work(self, leased: Leased) -> tuple[Result, Mapping[str, Any]]:
        """Do it, and say what came of it: what may have happened is unknown, what cannot have happened has failed."""
        try:
            bound = self._registry.tool(leased.tool).bound
        except UnknownTool:
            return "failed", {"error": "unknown-tool"}
        if not isinstance(bound, WriteTool) or bound.version != leased.tool_version:
            return "failed", {"error": "tool-changed", "version": leased.tool_version}
        try:
            given = bound.takes.model_validate(dict(leased.arguments))
        except ValidationError:
            return "failed", {"error": "invalid-arguments"}
        approved = Approved(leased.proposal.id, leased.idempotency_key, leased.digest)
        try:
            answer = await bound.run(approved, given)
        except Problem as problem:
            return _outcome(problem), {"error": problem.slug, "detail": problem.detail or problem.title}
        finally:
            self._freshness.forget()
        return "executed", {"result": structured(answer), "text": answer.text}


def _outcome(problem: Problem) -> Result:
    """Whether a failure leaves open that the write has happened."""
    return "outcome_unknown" if leaves_open(problem) else "failed"


def registration(shown: Tool, bound: WriteTool) -> dict[str, Any]:  # type: ignore[type-arg]  # of any model
    """A tool as the approvals know it: its schema without the reason, which is no part of what is done."""
    return {
        "name": bound.name,
        "version": bound.version,
        "schema": schema_of(bound.takes),
        "risk": bound.risk,
        "writes": True,
        "title": shown.title,
        "description": shown.description,
        "subject": bound.subject,
        "amount": bound.amount,
        "currency": bound.currency,
        "cost_of_error": bound.cost_of_error,
    }
