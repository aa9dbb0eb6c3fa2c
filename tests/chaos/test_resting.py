"""An upstream that is given a rest uses up no approval, and the same call by the same key is one proposal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

import httpx
from pydantic import BaseModel

from tests.approvals.shop import shop
from tests.fakes.waiting import until
from tillhand_common.approvals_models import ProposalView
from tillhand_common.clock import SystemClock
from tillhand_common.testing import running
from tillhand_mcp.adapters.no_approvals import NoApprovals
from tillhand_mcp.app import create_app
from tillhand_mcp.domain.origins import ConnectorState
from tillhand_mcp.ports.approvals import Run
from tillhand_mcp.ports.connector import Answer, AnyTool, Approved, WriteTool
from tillhand_mcp.service.executing import Executing
from tillhand_mcp.service.freshness import Freshness
from tillhand_mcp.service.registry import Registry
from tillhand_mcp.settings import McpSettings

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FIRST = ProposalView(
    id="a" * 32,
    state="approved",
    revision=2,
    tool="thing_set",
    tool_version="1",
    arguments={},
    digest="d" * 64,
    edited=False,
    risk="low",
    decision=None,
    outcome=None,
    created_at=NOW,
    updated_at=NOW,
    expires_at=NOW + timedelta(days=1),
    execute_by=None,
)


class Thing(BaseModel):
    """Nothing at all."""


@dataclass
class Resting:
    """A connector whose breaker a test turns."""

    breaker: Literal["closed", "open", "half-open"] = "open"
    id: str = "thing"
    title: str = "Things"

    def tools(self) -> Sequence[AnyTool]:
        async def run(approved: Approved, given: BaseModel) -> Answer:
            raise AssertionError

        return (cast("AnyTool", WriteTool("thing_set", "Set", "Set a thing.", Thing, Thing, "low", run)),)

    async def state(self) -> ConnectorState:
        return ConnectorState("degraded", breaker=self.breaker)

    async def check(self) -> ConnectorState:
        return await self.state()

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass
class TwoApproved(NoApprovals):
    """Two approved proposals, and which of them were begun."""

    begun: list[str] = field(default_factory=list)
    looks: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def register(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Anything can be run."""

    async def work(self) -> Sequence[ProposalView]:
        self.looks += 1
        waiting = (FIRST, FIRST.model_copy(update={"id": "b" * 32}))
        return [each for each in waiting if each.id not in self.begun]

    async def run(self, proposal_id: str, work: Run) -> None:  # noqa: ARG002  # the port's
        self.begun.append(proposal_id)
        await self.ended.wait()

    async def decided(self) -> AsyncIterator[None]:
        while not self.ended.is_set():
            await asyncio.sleep(0)
            yield


async def test_nothing_is_leased_while_the_upstream_rests_and_one_at_a_time_tries_it() -> None:
    connector, approvals = Resting(), TwoApproved()
    registry = Registry((connector,))
    clock = SystemClock()
    executing = Executing(registry=registry, approvals=approvals, freshness=Freshness(clock), clock=clock)
    going = asyncio.create_task(executing.run())
    try:
        await until(lambda: approvals.looks > 5)
        assert approvals.begun == []
        connector.breaker = "half-open"
        await until(lambda: bool(approvals.begun))
        seen = approvals.looks
        await until(lambda: approvals.looks > seen + 5)
        assert approvals.begun == ["a" * 32]
        connector.breaker = "closed"
        await until(lambda: len(approvals.begun) > 1)
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    assert approvals.begun == ["a" * 32, "b" * 32]


async def test_the_same_call_by_the_same_key_is_one_proposal(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        made = McpSettings(
            data_dir=tmp_path, approvals_url=str(opened.http.base_url), catalogue_sync="off", mock_port=0
        )
        async with running(create_app(made)) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
            while "reply_to_customer" not in (await opened.call("operator", "GET", "/v1/tools")).text:
                pass
            body = {"arguments": {"to": "ann@example.com", "subject": "Re: Return", "body": "Within 30 days."}}
            ids: set[str] = set()
            for key in ("one", "one", "two"):
                headers = opened.headers("agent") | {"idempotency-key": key, "x-request-id": f"r-{len(ids)}"}
                ids.add((await http.post("/v1/tools/reply_to_customer", json=body, headers=headers)).json()["id"])
        listed = (await opened.call("operator", "GET", "/v1/proposals")).json()["items"]
    assert len(ids) == len(listed) == 2
