"""The audit log as it goes over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillhand_approvals.models.base import In, Name, Object, Out
from tillhand_approvals.service.logins import Reason


class RecordPage(Out):
    """Records as they are kept, and the number after which the next page begins."""

    items: list[Object]
    next_after: int | None


class BreakOut(Out):
    """Where the record does not hold."""

    kind: Literal["malformed", "foreign", "changed", "missing", "reordered", "forked", "truncated", "unsigned"]
    sequence: int | None
    message: str


class ReportOut(Out):
    """What verification found. `covered`: the last record that a checkpoint signs, with all before it; `recorded_as`:
    the number of the record `audit.verified` that keeps this report.
    """

    ok: bool
    tenant: str
    records: int
    first: int | None
    last: int | None
    head: str | None
    checkpoints: int
    covered: int
    breaks: list[BreakOut]
    recorded_as: int | None


class CheckpointOut(Out):
    """A signed head of the record."""

    tenant: str
    sequence: int
    hash: str
    time: str
    key: str
    signature: str


class CheckpointList(Out):
    """All checkpoints of a tenant, oldest first."""

    items: list[CheckpointOut]


class UnmaskRequest(In):
    """Whose name is asked for, and why."""

    pseudonym: Name
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class LoginRequest(In):
    """Somebody has signed in where accounts are kept, or has failed to."""

    account: Annotated[str, Field(min_length=1, max_length=320)] = Field(
        description="What they gave as their name; only a pseudonym of it is kept."
    )
    succeeded: bool
    reason: Reason | None = Field(default=None, description="Why it failed.")


class LoginOut(Out):
    """The number of the record."""

    sequence: int


class Unmasked(Out):
    """Who stands behind a pseudonym."""

    pseudonym: str
    identity: str
