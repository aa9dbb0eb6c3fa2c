"""Executions: an executor takes a lease, keeps it, and says what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query

from tillhand_approvals import errors
from tillhand_approvals.models.base import Id, Name
from tillhand_approvals.models.executions import (
    HeartbeatOut,
    HeartbeatRequest,
    LeaseGiven,
    LeaseRequest,
    ResultRequest,
    Work,
)
from tillhand_approvals.models.proposals import Proposal
from tillhand_approvals.routes.dependencies import Anybody, Executing, Joined
from tillhand_approvals.routes.proposal_shapes import proposal_out
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1", tags=["executions"])

IdempotencyKey = Annotated[str | None, Header(max_length=200, include_in_schema=False)]


@router.get("/executors/{executor}/work", responses=responses(errors.StoreUnavailable), dependencies=[Executing])
async def list_work(
    executor: Name, caller: Anybody, joined: Joined, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Work:
    """What this executor can take now, the oldest first."""
    proposals, stopped = await joined.reading.work(caller, executor, limit)
    return Work(items=[proposal_out(each) for each in proposals], stopped=stopped)


@router.post(
    "/proposals/{proposal_id}/execution/lease",
    responses=responses(
        errors.ProposalNotFound,
        errors.ExecutionStopped,
        errors.NotReleased,
        errors.ProposalExpired,
        errors.AlreadyDecided,
        errors.WrongState,
        errors.ErasedSubject,
        errors.SealBroken,
        errors.StoreUnavailable,
    ),
    dependencies=[Executing],
)
async def lease(
    proposal_id: Id, body: LeaseRequest, caller: Anybody, joined: Joined, idempotency_key: IdempotencyKey = None
) -> LeaseGiven:
    """Take the right to run it, once and for all, with the arguments as they came; it is on disk before the answer."""
    ttl = _seconds(body.ttl_s)
    leased = await joined.executing.lease(caller, proposal_id, body.executor, ttl, idempotency_key)
    held = leased.proposal.lease
    assert held is not None  # noqa: S101  # that is what was just taken
    return LeaseGiven(
        proposal=proposal_out(leased.proposal),
        token=held.token,
        ends_at=held.ends_at,
        idempotency_key=proposal_id,
        tool=leased.proposal.tool,
        tool_version=leased.proposal.tool_version,
        digest=leased.proposal.digest,
        arguments=dict(leased.arguments),
    )


@router.post(
    "/proposals/{proposal_id}/execution/heartbeat",
    responses=responses(errors.ProposalNotFound, errors.LeaseLost, errors.StoreUnavailable),
    dependencies=[Executing],
)
async def heartbeat(proposal_id: Id, body: HeartbeatRequest, caller: Anybody, joined: Joined) -> HeartbeatOut:
    """Keep the lease. `stopped`: a person has turned the kill switch, so begin nothing more."""
    beat = await joined.executing.beat(caller, proposal_id, body.token, _seconds(body.ttl_s))
    return HeartbeatOut(ends_at=beat.ends_at, stopped=beat.stopped)


@router.post(
    "/proposals/{proposal_id}/execution/result",
    responses=responses(errors.ProposalNotFound, errors.LeaseLost, errors.StoreUnavailable),
    dependencies=[Executing],
)
async def report(proposal_id: Id, body: ResultRequest, caller: Anybody, joined: Joined) -> Proposal:
    """Say what came of it. Saying it again changes nothing; whoever has lost the lease is noted, and told so."""
    return proposal_out(await joined.executing.report(caller, proposal_id, body.token, body.outcome, body.detail))


def _seconds(ttl_s: int | None) -> timedelta | None:
    return None if ttl_s is None else timedelta(seconds=ttl_s)
