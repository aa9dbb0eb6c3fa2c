"""Executions as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillhand_approvals.models.base import Digest, In, Moment, Name, Object, Out
from tillhand_approvals.models.proposals import Proposal

Seconds = Annotated[int, Field(ge=1, le=3_600)]


class LeaseRequest(In):
    """An executor that wants to run it."""

    executor: Name
    ttl_s: Seconds | None = Field(default=None, description="For how long without a heartbeat.")


class LeaseGiven(Out):
    """The right to run it, once. Nothing is to be called upstream without it."""

    proposal: Proposal
    token: int = Field(description="The fencing token: every heartbeat and the result name it.")
    ends_at: Moment
    idempotency_key: str = Field(description="For the upstream: the proposal's id.")
    tool: str
    tool_version: str
    digest: Digest
    arguments: Object = Field(description="As they came, or as a person edited them.")


class HeartbeatRequest(In):
    """The executor still runs it."""

    token: Annotated[int, Field(ge=1)]
    ttl_s: Seconds | None = None


class HeartbeatOut(Out):
    """Until when the lease holds, and whether a person has stopped all execution."""

    ends_at: Moment
    stopped: bool


class ResultRequest(In):
    """What came of it. `outcome_unknown`: the executor cannot tell, so a person has to."""

    token: Annotated[int, Field(ge=1)]
    outcome: Literal["executed", "failed", "outcome_unknown"]
    detail: Object = Field(default_factory=dict, description="What the upstream answered, or what went wrong.")


class Work(Out):
    """What an executor can take now, the oldest first."""

    items: list[Proposal]
    stopped: bool = Field(description="Whether a person has stopped all execution.")
