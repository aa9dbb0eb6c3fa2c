"""Proposals between the wire and the use cases."""

from __future__ import annotations

from datetime import timedelta

from tillhand_approvals.domain.proposals import Json
from tillhand_approvals.domain.proposals import Proposal as Kept
from tillhand_approvals.models.proposals import (
    ActorOut,
    DecisionOut,
    LeaseOut,
    OutcomeOut,
    Proposal,
    ProposalRequest,
    RequirementOut,
    VoteOut,
)
from tillhand_approvals.service.proposing import Proposed


def proposed(body: ProposalRequest) -> Proposed:
    """What an agent proposes, from the wire."""
    return Proposed(
        tool=body.tool,
        arguments=body.arguments,
        justification=body.justification,
        evidence=tuple(body.evidence),
        risk=body.risk,
        expires_in=None if body.expires_in_s is None else timedelta(seconds=body.expires_in_s),
        on_behalf_of=body.on_behalf_of,
        revises=body.revises,
    )


def proposal_out(kept: Kept, full: Json | None = None) -> Proposal:
    """A proposal as it goes over the wire."""
    wanted = kept.requirement
    return Proposal(
        id=kept.id,
        state=kept.state,
        revision=kept.revision,
        tool=kept.tool,
        tool_version=kept.tool_version,
        executor=kept.executor,
        arguments=dict(kept.arguments),
        digest=kept.digest,
        proposed_digest=kept.proposed_digest,
        edited=kept.edited,
        changes=[dict(each) for each in kept.changes],
        risk=kept.risk,
        justification=kept.justification,
        evidence=[dict(each) for each in kept.evidence],
        requester=ActorOut.model_validate(kept.requester),
        on_behalf_of=kept.on_behalf_of,
        subject=kept.subject,
        requirement=RequirementOut(
            approvals=wanted.approvals,
            roles=sorted(wanted.roles),
            rule=wanted.rule,
            policy_version=wanted.policy_version,
            author=wanted.author,
            reason=wanted.reason,
        ),
        votes=[VoteOut.model_validate(vote) for vote in kept.votes],
        decision=None if kept.decision is None else DecisionOut.model_validate(kept.decision),
        assignee=kept.assignee,
        revises=kept.revises,
        lease=None if kept.lease is None else LeaseOut.model_validate(kept.lease),
        outcome=None if kept.outcome is None else OutcomeOut.model_validate(kept.outcome),
        created_at=kept.created_at,
        updated_at=kept.updated_at,
        expires_at=kept.expires_at,
        release_at=kept.release_at,
        execute_by=kept.execute_by,
        full=None if full is None else dict(full),
    )
