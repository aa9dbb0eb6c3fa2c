"""The approvals, as the console needs them: every call is made in the name of a person."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Result
from tillhand_dashboard.ports.views import Download, Row, View

Verb = Literal["approve", "reject", "edit", "revise", "escalate", "undo", "settle"]


class ActorView(View):
    """Who acts."""

    id: str
    kind: str


class RequirementView(View):
    """What the policy asks for, and which rule says so."""

    approvals: int
    roles: Sequence[str]
    rule: str
    policy_version: int
    reason: str


class VoteView(View):
    """One person's approval."""

    actor: str
    role: str | None
    giver: str | None
    time: datetime


class DecisionView(View):
    """Who decided what, and when."""

    verb: str
    actor: str
    time: datetime
    note: str
    giver: str | None = None


class OutcomeView(View):
    """What came of it."""

    status: str
    time: datetime
    detail: Row


class ProposalView(View):
    """A proposal, redacted. `digest` names the arguments that are looked at; a decision carries it."""

    id: str
    state: str
    revision: int
    tool: str
    arguments: Row
    digest: str
    edited: bool
    changes: Sequence[Row]
    risk: str
    justification: str
    evidence: Sequence[Row]
    requester: ActorView
    on_behalf_of: str | None
    subject: str | None
    requirement: RequirementView
    votes: Sequence[VoteView]
    decision: DecisionView | None
    assignee: str | None
    revises: str | None
    outcome: OutcomeView | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    release_at: datetime | None
    execute_by: datetime | None
    full: Row | None = None


class ProposalPage(View):
    """Proposals, and where the next page begins."""

    items: Sequence[ProposalView]
    next_cursor: str | None


class CountsView(View):
    """How many proposals are in each state."""

    counts: Mapping[str, int]


class DecidedView(View):
    """What became of one proposal of a batch: the proposal, or the problem."""

    id: str
    proposal: ProposalView | None = None
    problem: Row | None = None


class RecordPage(View):
    """Records of the audit log, and the number after which the next page begins."""

    items: Sequence[Row]
    next_after: int | None


class BreakView(View):
    """Where the record does not hold."""

    kind: str
    sequence: int | None
    message: str


class ReportView(View):
    """What verification found; `recorded_as` is the number of the record that keeps it."""

    ok: bool
    records: int
    first: int | None = None
    last: int | None = None
    head: str | None = None
    checkpoints: int = 0
    covered: int = 0
    breaks: Sequence[BreakView] = ()
    recorded_as: int | None = None


class DifferenceView(View):
    """A past proposal that other policies would have judged otherwise."""

    proposal: str
    tool: str
    risk: str
    effect: str
    before: str
    after: str
    rule_before: str
    rule_after: str


class TrialView(View):
    """What other policies would have said of the newest proposals; the dangerous differences first."""

    tried: int
    skipped: int
    counts: Mapping[str, int]
    differences: Sequence[DifferenceView]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides about a proposal whose arguments have this digest."""

    verb: Verb
    digest: str | None = None
    note: str = ""
    arguments: Mapping[str, Any] | None = None
    role: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Relayed:
    """An event of the feed as it came: its number, its name, and its data, a JSON document in bytes."""

    id: str | None
    name: str
    data: bytes


class Approvals(Protocol):
    """Lists, decides, and looks into the record. Filters and cursors are those of the HTTP interface, by name."""

    async def proposals(self, person: Person, **filters: Any) -> Result[ProposalPage]:  # noqa: ANN401  # as the route takes them
        """A page of proposals."""
        ...

    async def proposal(self, person: Person, proposal_id: str, *, full: bool = False) -> Result[ProposalView]:
        """One proposal; `full` adds what is withheld, and the look is recorded."""
        ...

    async def counts(self, person: Person) -> Result[CountsView]:
        """How many proposals are in each state."""
        ...

    async def decide(
        self, person: Person, proposal_id: str, decision: Decision, *, key: str | None = None
    ) -> Result[ProposalView]:
        """Decide; with a key, asking again has no further effect."""
        ...

    async def decide_several(
        self, person: Person, verb: Verb, digests: Mapping[str, str], note: str = "", *, key: str | None = None
    ) -> Result[Sequence[DecidedView]]:
        """The same decision about several, each by its id and digest."""
        ...

    async def note(self, person: Person, proposal_id: str, text: str) -> Result[None]:
        """Comment."""
        ...

    async def tools(self, person: Person) -> Result[Sequence[Row]]:
        """Every tool that can be proposed."""
        ...

    async def records(self, person: Person, **search: Any) -> Result[RecordPage]:  # noqa: ANN401  # as the route takes them
        """A page of the audit log."""
        ...

    async def exported(self, person: Person, **search: Any) -> Result[Download]:  # noqa: ANN401  # as the route takes them
        """The audit log as JSON lines, as they come."""
        ...

    async def verified(self, person: Person) -> Result[ReportView]:
        """Verify the whole record."""
        ...

    async def unmask(self, person: Person, pseudonym: str, reason: str) -> Result[str]:
        """Who stands behind a pseudonym; who asked, and why, is recorded."""
        ...

    async def policies(self, person: Person) -> Result[Row]:
        """The policies in force."""
        ...

    async def policy_versions(self, person: Person) -> Result[Sequence[Row]]:
        """Every version that people have written."""
        ...

    async def roles(self, person: Person) -> Result[Mapping[str, Sequence[str]]]:
        """Who has which role; policies may ask for some."""
        ...

    async def put_policies(self, person: Person, policies: Row, replaces: int) -> Result[Row]:
        """Put policies in force in place of this version; `policies-changed` where another one is."""
        ...

    async def try_policies(self, person: Person, policies: Row) -> Result[TrialView]:
        """What these policies would have said of the newest proposals."""
        ...

    async def switch(self, person: Person) -> Result[Row]:
        """Whether execution is stopped."""
        ...

    def events(self, after: str | None) -> AsyncGenerator[Relayed | None, None]:
        """The feed for the console itself: what came after this number, then what comes, and None for each connection.

        Ends when the feed breaks. Raises `UpstreamError` where it cannot be opened.
        """
        ...
