"""The typed client against the running service: an agent and an executor that want nothing to happen twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from tests.approvals.shop import ARGUMENTS, Shop, shop
from tillhand_approvals.domain import lifecycle
from tillhand_approvals.models import executions, proposals
from tillhand_common import approvals_models
from tillhand_common.approvals_client import ApprovalsClient, Refused, Result
from tillhand_common.approvals_models import Beat, Leased, ProposalView
from tillhand_common.errors import UpstreamUnavailable
from tillhand_common.testing import FakeUpstream, Reply

SECONDS = 20.0


@asynccontextmanager
async def clients(folder: Path, **settings: float) -> AsyncIterator[tuple[Shop, ApprovalsClient, ApprovalsClient]]:
    """A shop, its agent and its executor."""
    async with shop(folder, **settings) as opened:
        url = str(opened.http.base_url)
        agent = ApprovalsClient(url, SecretStr(opened.tokens["agent"]))
        executor = ApprovalsClient(url, SecretStr(opened.tokens["service"]))
        async with agent, executor:
            yield opened, agent, executor


def whole(proposal: ProposalView) -> dict[str, Any]:
    return {"id": proposal.id, "digest": proposal.digest}


async def done(leased: Leased) -> tuple[Result, Mapping[str, Any]]:
    return "executed", {"sku": leased.arguments["sku"], "key": leased.idempotency_key}


async def test_an_agent_proposes_and_waits_and_an_executor_runs_it_once(tmp_path: Path) -> None:
    async with clients(tmp_path) as (opened, agent, executor):
        proposal = await agent.propose("stock_set", ARGUMENTS, justification="Counted.", risk="high")
        waiting = asyncio.create_task(agent.wait(proposal.id, timeout_s=SECONDS))
        await opened.decide("operator", whole(proposal), "approve")
        assert (await waiting).state == "approved"
        finishing = asyncio.create_task(agent.wait(proposal.id, until={"executed"}, timeout_s=SECONDS))
        assert [each.id for each in (await executor.work("mcp")).items] == [proposal.id]
        finished = await executor.run(proposal.id, "mcp", done)
        assert (finished.outcome and dict(finished.outcome.detail)) == {"sku": "A-1", "key": proposal.id}
        assert (await finishing).state == "executed"
        with pytest.raises(Refused) as refused:
            await executor.run(proposal.id, "mcp", done)
        assert refused.value.status == 409


async def test_waiting_outlives_a_decision_that_came_first(tmp_path: Path) -> None:
    async with clients(tmp_path) as (opened, agent, _):
        proposal = await agent.propose("stock_set", ARGUMENTS)
        await opened.decide("operator", whole(proposal), "reject", note="Not today.")
        rejected = await agent.wait(proposal.id, timeout_s=SECONDS)
        assert (rejected.state, rejected.decision and rejected.decision.note) == ("rejected", "Not today.")


async def test_nobody_waits_longer_than_they_want(tmp_path: Path) -> None:
    async with clients(tmp_path) as (_, agent, _executor):
        proposal = await agent.propose("stock_set", ARGUMENTS)
        with pytest.raises(TimeoutError):
            await agent.wait(proposal.id, timeout_s=0.3)


async def test_the_same_key_proposes_once(tmp_path: Path) -> None:
    async with clients(tmp_path) as (_, agent, _executor):
        made = [await agent.propose("stock_set", ARGUMENTS, idempotency_key="k1") for _ in range(3)]
        assert len({each.id for each in made}) == 1


async def test_a_refusal_says_what_and_why(tmp_path: Path) -> None:
    async with clients(tmp_path) as (_, agent, _executor):
        with pytest.raises(Refused) as refused:
            await agent.propose("stock_set", {"sku": "A-1", "count": -1})
        assert (refused.value.status, refused.value.slug) == (422, "invalid-arguments")
        with pytest.raises(Refused) as refused:
            await agent.lease("0" * 32, "mcp")
        assert refused.value.status == 403


async def test_work_that_breaks_is_reported_as_unknown(tmp_path: Path) -> None:
    async with clients(tmp_path) as (opened, agent, executor):
        proposal = await agent.propose("stock_set", ARGUMENTS)
        await opened.decide("operator", whole(proposal), "approve")

        async def broken(_: Leased) -> tuple[Result, Mapping[str, Any]]:
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await executor.run(proposal.id, "mcp", broken)
        assert (await agent.proposal(proposal.id)).state == "outcome_unknown"


async def test_a_long_run_keeps_its_lease(tmp_path: Path) -> None:
    async with clients(tmp_path, lease_s=1) as (opened, agent, executor):
        proposal = await agent.propose("stock_set", ARGUMENTS)
        await opened.decide("operator", whole(proposal), "approve")

        async def slow(leased: Leased) -> tuple[Result, Mapping[str, Any]]:
            first = leased.ends_at
            while True:
                beat: Beat = await executor.heartbeat(leased, ttl_s=1)
                if (beat.ends_at - first).total_seconds() > 2:
                    return await done(leased)

        assert (await executor.run(proposal.id, "mcp", slow, ttl_s=1)).state == "executed"
        assert "execution.lost" not in await opened.types()


async def test_the_feed_goes_on_after_what_was_read(tmp_path: Path) -> None:
    async with clients(tmp_path) as (_, agent, _executor):
        made = [await agent.propose("stock_set", ARGUMENTS) for _ in range(5)]
        seen: list[str] = []
        last = 0
        for count in (2, 3):  # the client is closed in between, and another goes on
            async with aclosing(agent.events(after=last, types={"proposal.created"})) as events:
                async with asyncio.timeout(SECONDS):
                    async for event in events:
                        seen.append(event.record["subject"])
                        last = event.sequence
                        if len(seen) >= (2 if count == 2 else 5):
                            break
        assert seen == [each.id for each in made]


async def test_a_lost_answer_is_asked_for_again_with_the_same_key() -> None:
    async with (
        FakeUpstream.start(Reply(failure="reset")) as upstream,
        ApprovalsClient(upstream.base_url, None) as client,
    ):
        with pytest.raises(UpstreamUnavailable):
            await client.propose("stock_set", {})
    keys = {request.headers["idempotency-key"] for request in upstream.requests}
    assert len(upstream.requests) > 1
    assert len(keys) == 1


async def test_the_feed_comes_back_after_the_service_was_away() -> None:
    frame = b'id: %d\nevent: note.added\ndata: {"sequence": %d}\n\n'
    async with FakeUpstream.start(Reply(503)) as upstream:
        stream = {"content-type": "text/event-stream"}
        upstream.script(
            Reply(200, b"retry: 2000\n\n" + frame % (1, 1), stream),
            Reply(503),
            Reply(failure="reset"),
            Reply(200, frame % (2, 2) + b"event: heartbeat\ndata: {}\n\n" + frame % (3, 3), stream),
        )
        async with ApprovalsClient(upstream.base_url, None) as client:
            seen = []
            async with asyncio.timeout(SECONDS), aclosing(client.events(after=0)) as events:
                async for event in events:
                    seen.append(event.sequence)
                    if event.sequence == 3:
                        break
    assert seen == [1, 2, 3]
    assert [request.headers["last-event-id"] for request in upstream.requests] == ["0", "1", "1", "1"]


def test_the_client_knows_every_state_and_no_field_that_is_not_sent() -> None:
    assert set(get_args(approvals_models.State)) == set(get_args(lifecycle.State))
    pairs = ((ProposalView, proposals.Proposal), (Leased, executions.LeaseGiven), (Beat, executions.HeartbeatOut))
    for ours, theirs in pairs:
        assert set(ours.model_fields) <= set(theirs.model_fields), ours.__name__


@pytest.mark.parametrize("name", ["../executors/mcp/work", "../audit/verify?x=", "../../metrics#", ".", "a\nb", ""])
async def test_an_id_that_would_lead_elsewhere_asks_for_nothing(name: str) -> None:
    async with FakeUpstream.start(Reply(200)) as upstream, ApprovalsClient(upstream.base_url, None) as client:
        for asking in (client.proposal(name), client.cancel(name), client.lease(name, "mcp")):
            with pytest.raises(Refused) as refused:
                await asking
            assert refused.value.status == 404
    assert upstream.requests == []
