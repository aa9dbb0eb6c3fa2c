"""Proposals as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillhand_approvals.domain.lifecycle import State
from tillhand_approvals.domain.proposals import Risk, Verb
from tillhand_approvals.models.base import Digest, Id, In, Moment, Name, Note, Object, Out, ToolName

MOST_SECONDS = 90 * 86_400


class ProposalRequest(In):
    """What an agent wants to be done."""

    tool: ToolName = Field(description="The tool, as an executor has registered it.")
    arguments: Object = Field(description="What the tool is to be called with; checked against the tool's schema.")
    justification: Note = Field(default="", description="Why, for whoever decides.")
    evidence: list[Object] = Field(
        default_factory=list,
        max_length=50,
        description="What speaks for it: citations, figures, a before and an after. Any JSON objects.",
    )
    risk: Risk | None = Field(default=None, description="Higher than the tool's own, if this call is.")
    expires_in_s: Annotated[int, Field(ge=1, le=MOST_SECONDS)] | None = Field(
        default=None, description="Sooner than the policy lets it expire."
    )
    on_behalf_of: Name | None = Field(default=None, description="The person who asked for it; they cannot approve it.")
    revises: Id | None = Field(default=None, description="The proposal that a person asked to be revised.")


class ActorOut(Out):
    """Who acts."""

    id: str
    kind: Literal["person", "agent", "service", "system"]


class RequirementOut(Out):
    """What the policy asks for, and which rule of which version says so."""

    approvals: int
    roles: list[str]
    rule: str
    policy_version: int
    author: str
    reason: str


class VoteOut(Out):
    """One person's approval of the arguments with this digest."""

    actor: str
    role: str | None
    giver: str | None = Field(description="In whose place they approved, by delegation.")
    time: Moment
    digest: Digest


class DecisionOut(Out):
    """Who decided what, and when."""

    verb: Verb
    actor: str
    time: Moment
    note: str
    giver: str | None


class LeaseOut(Out):
    """Who runs it."""

    executor: str
    token: int
    begun_at: Moment
    ends_at: Moment


class OutcomeOut(Out):
    """What came of it."""

    status: Literal["executed", "failed", "outcome_unknown"]
    time: Moment
    detail: Object
    settled_by: str | None


class Proposal(Out):
    """A proposal, redacted: arguments, justification, evidence and what people wrote."""

    id: Id
    state: State
    revision: int = Field(description="Counts what has happened to it, from 1.")
    tool: str
    tool_version: str
    executor: str
    arguments: Object
    digest: Digest = Field(description="SHA-256 of the canonical arguments (RFC 8785) in force; a decision names it.")
    proposed_digest: Digest
    edited: bool = Field(description="Whether a person has changed what was proposed.")
    changes: list[Object] = Field(description="A JSON Patch from what was proposed to what is in force.")
    risk: Risk
    justification: str
    evidence: list[Object]
    requester: ActorOut
    on_behalf_of: str | None
    subject: str | None = Field(description="A pseudonym of the person whom it concerns.")
    requirement: RequirementOut
    votes: list[VoteOut]
    decision: DecisionOut | None
    assignee: str | None
    revises: str | None
    lease: LeaseOut | None
    outcome: OutcomeOut | None
    created_at: Moment
    updated_at: Moment
    expires_at: Moment = Field(description="When it expires unless somebody decides.")
    release_at: Moment | None = Field(description="Until then its decision can be undone.")
    execute_by: Moment | None = Field(description="When its approval runs out.")
    full: Object | None = Field(
        default=None, description="Arguments, justification and evidence as they came: only with `view=full`."
    )


class ProposalPage(Out):
    """Proposals, and where the next page begins."""

    items: list[Proposal]
    next_cursor: str | None


class Counts(Out):
    """How many proposals are in each state."""

    counts: dict[State, int]


class CancelRequest(In):
    """Why it is withdrawn."""

    note: Note = ""


class NoteRequest(In):
    """A comment; it decides nothing."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]
