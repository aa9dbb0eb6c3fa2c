"""Tools, policies, the kill switch, roles and delegations as they go over the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tillhand_approvals.domain.proposals import Risk
from tillhand_approvals.models.base import In, Moment, Name, Note, Object, Out, RoleName, ToolName

Pointer = Annotated[str, Field(max_length=500)]


class ToolIn(In):
    """A tool that an executor runs."""

    name: ToolName
    version: Annotated[str, Field(min_length=1, max_length=50)]
    schema_: Object = Field(
        alias="schema", description="JSON Schema 2020-12 of the arguments; references within it only."
    )
    risk: Risk
    writes: bool = True
    title: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=4_000)] = ""
    subject: Pointer | Annotated[list[Pointer], Field(max_length=10)] | None = Field(
        default=None,
        description="JSON pointers to whom a call concerns, in the arguments; the first that is there counts.",
    )
    amount: Pointer | None = Field(default=None, description="JSON pointer to the money it moves, in minor units.")
    currency: Pointer | None = Field(default=None, description="JSON pointer to the currency of that amount.")
    cost_of_error: Annotated[str, Field(max_length=500)] = Field(
        default="", description="What it costs when a call was wrong, in a sentence."
    )


class ToolsRequest(In):
    """All tools of an executor; others that it had are forgotten."""

    tools: Annotated[list[ToolIn], Field(max_length=500)]


class ToolOut(Out):
    """A registered tool."""

    name: str
    version: str
    schema_: Object = Field(alias="schema")
    risk: Risk
    writes: bool
    title: str
    description: str
    subject: str | list[str] | None
    amount: str | None
    currency: str | None
    cost_of_error: str
    executor: str
    registered_at: Moment


class ToolList(Out):
    """Tools by name."""

    items: list[ToolOut]


class PoliciesOut(Out):
    """Policies; version 0 is what comes with the service."""

    version: int
    author: str
    created_at: Moment | None
    policies: Object


class PoliciesList(Out):
    """All versions, newest first."""

    items: list[PoliciesOut]


class SwitchRequest(In):
    """Stop all execution, or let it go on."""

    stopped: bool
    note: Note = ""


class SwitchOut(Out):
    """The kill switch, and who turned it last."""

    stopped: bool
    actor: str | None
    changed_at: Moment | None


class RoleRequest(In):
    """Who has a role, by the ids of actors; nobody removes it."""

    members: Annotated[list[Name], Field(max_length=1_000)]


class RolesOut(Out):
    """The members of each role."""

    roles: dict[str, list[str]]


class DelegationRequest(In):
    """Somebody who decides in the caller's place."""

    taker: Name
    roles: Annotated[list[RoleName], Field(min_length=1, max_length=50)]
    begins_at: Moment | None = None
    ends_at: Moment


class DelegationOut(Out):
    """A delegation."""

    id: str
    giver: str
    taker: str
    roles: list[str]
    begins_at: Moment
    ends_at: Moment
    revoked_at: Moment | None


class DelegationList(Out):
    """All delegations, also those that are over."""

    items: list[DelegationOut]
