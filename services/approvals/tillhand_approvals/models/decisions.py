"""Decisions as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tillhand_approvals.models.base import Digest, Id, In, Note, Object, Out, RoleName
from tillhand_approvals.models.proposals import Proposal

MOST_AT_ONCE = 100


class DecisionRequest(In):
    """What a person decides.

    `approve` and `edit` name the digest of the arguments that were looked at: had they changed meanwhile, nothing is
    decided. `reject` gives a reason and `revise` instructions, as a note; `edit` gives the new arguments, `escalate`
    the role of the people to ask, `settle` what came of an execution whose outcome was unknown.
    """

    decision: Literal["approve", "reject", "edit", "revise", "escalate", "undo", "settle"]
    digest: Digest | None = None
    note: Note = ""
    arguments: Object | None = None
    role: RoleName | None = None
    outcome: Literal["executed", "failed"] | None = None

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        needs = {
            "approve": ("digest",),
            "edit": ("digest", "arguments"),
            "reject": ("note",),
            "revise": ("note",),
            "escalate": ("role",),
            "settle": ("outcome", "note"),
        }
        for name in needs.get(self.decision, ()):
            if not getattr(self, name) and getattr(self, name) != {}:
                raise ValueError(f"to {self.decision} needs {name}")
        return self


class BatchRequest(In):
    """The same decision about several proposals; each approval names its own digest."""

    decision: Literal["approve", "reject", "revise"]
    proposals: Annotated[list[BatchItem], Field(min_length=1, max_length=MOST_AT_ONCE)]
    note: Note = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.decision != "approve" and not self.note:
            raise ValueError(f"to {self.decision} needs note")
        return self


class BatchItem(In):
    """One of them, as it was looked at."""

    id: Id
    digest: Digest


class BatchResult(Out):
    """What became of one: the proposal, or the problem document that a single decision would have got."""

    id: Id
    proposal: Proposal | None = None
    problem: Object | None = None


class BatchOut(Out):
    """What became of each, in the order asked."""

    items: list[BatchResult]
