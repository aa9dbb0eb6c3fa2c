"""The audit log as it goes over the wire."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from tillhand_approvals.models.base import In, Name, Object, Out, RoleName
from tillhand_approvals.service.logins import About, ChangeAction, Reason

_KEY_ID: Final = re.compile(r"[0-9a-f]{12}")


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


class ChangeRequest(In):
    """Somebody has changed something where accounts and keys are kept."""

    about: About
    target: Annotated[str, Field(min_length=1, max_length=320)] = Field(
        description="The account, of which only a pseudonym is kept, or the id of the key."
    )
    action: ChangeAction
    role: RoleName | None = Field(default=None, description="The role that an account has from now on.")

    @model_validator(mode="after")
    def _names_nobody(self) -> Self:
        if self.about == "key" and _KEY_ID.fullmatch(self.target) is None:
            raise ValueError("a key is named by its id")
        return self


class LoginOut(Out):
    """The number of the record."""

    sequence: int


class Unmasked(Out):
    """Who stands behind a pseudonym."""

    pseudonym: str
    identity: str
