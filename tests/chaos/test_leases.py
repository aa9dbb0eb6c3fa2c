"""Whoever has lost the lease writes no more: a person may have settled by then that nothing was done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tillhand_common.approvals_client import ApprovalsClient, Result
from tillhand_common.approvals_models import Leased
from tillhand_common.testing import FakeUpstream, Reply

ID = "0" * 32
PATH = f"/v1/proposals/{ID}/execution"
AT = "2026-01-01T00:00:00Z"
PROPOSAL = {
    "id": ID,
    "state": "executing",
    "revision": 3,
    "tool": "stock_set",
    "tool_version": "1",
    "arguments": {},
    "digest": "d",
    "edited": False,
    "risk": "low",
    "decision": None,
    "outcome": None,
    "created_at": AT,
    "updated_at": AT,
    "expires_at": AT,
    "execute_by": None,
}
LEASE = {
    "token": 1,
    "ends_at": "2026-01-01T00:00:01Z",
    "idempotency_key": ID,
    "tool": "stock_set",
    "tool_version": "1",
    "digest": "d",
    "arguments": {},
    "proposal": PROPOSAL,
}
LOST = Reply.json({"type": "urn:tillhand:problem:lease-lost", "status": 409}, 409)


@pytest.mark.parametrize("heartbeat", [LOST, Reply(503), Reply(failure="reset")], ids=["refused", "away", "broken"])
async def test_a_lost_lease_breaks_the_work_off_before_it_writes(heartbeat: Reply) -> None:
    written = []
    held_up = asyncio.Event()

    async def work(_: Leased) -> tuple[Result, Mapping[str, Any]]:
        await held_up.wait()
        written.append(ID)
        return "executed", {}

    async with FakeUpstream.start(LOST) as upstream, ApprovalsClient(upstream.base_url, None) as client:
        upstream.fixed[f"{PATH}/lease"] = Reply.json(LEASE)
        upstream.fixed[f"{PATH}/heartbeat"] = heartbeat
        with pytest.raises(TimeoutError):
            await client.run(ID, "mcp", work)
        held_up.set()
        said = [each.body for each in upstream.requests if each.target == f"{PATH}/result"]
    assert written == []
    assert [b"outcome_unknown" in each for each in said] in ([], [True])


async def test_heartbeats_that_are_heard_keep_the_work_going() -> None:
    async with FakeUpstream.start() as upstream, ApprovalsClient(upstream.base_url, None) as client:
        upstream.fixed[f"{PATH}/lease"] = Reply.json(LEASE)
        upstream.fixed[f"{PATH}/heartbeat"] = Reply.json({"ends_at": AT, "stopped": False})
        upstream.fixed[f"{PATH}/result"] = Reply.json(PROPOSAL | {"state": "executed"})

        async def work(_: Leased) -> tuple[Result, Mapping[str, Any]]:
            await upstream.received(6)  # the lease, and heartbeats for longer than it lasts without them
            return "executed", {}

        assert (await client.run(ID, "mcp", work)).state == "executed"
