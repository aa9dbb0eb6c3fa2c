"""What people decide about a proposal. Pure: each rule takes a proposal and gives the next, or raises why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from tillhand_approvals.domain.actors import Actor, Delegation, Standing, standing
from tillhand_approvals.domain.happenings import Change, Happening, changed
from tillhand_approvals.domain.lifecycle import DECIDED
from tillhand_approvals.domain.proposals import (
    Decision,
    Json,
    Outcome,
    Proposal,
    Requirement,
    Risk,
    Verb,
    Version,
    Vote,
)
from tillhand_approvals.errors import (
    AlreadyDecided,
    AlreadyVoted,
    NotEligible,
    ProposalChanged,
    ProposalExpired,
    SelfApproval,
    TooLateToUndo,
    WrongState,
)
from tillhand_common.clock import rfc3339


@dataclass(frozen=True, slots=True)
class Rules:
    """For how long a decision can be undone, and how long an approval is good for after that."""

    undo: timedelta
    execute_within: timedelta


@dataclass(frozen=True, slots=True)
class Decider:
    """A person who decides now, and who lets them decide in whose place. `note` is what they say about it, redacted."""

    actor: Actor
    now: datetime
    delegations: tuple[Delegation, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """The arguments as a person has changed them, redacted, and what the policy asks for these."""

    arguments: Json
    digest: str
    risk: Risk
    requirement: Requirement
    changes: tuple[Json, ...]


def approve(proposal: Proposal, decider: Decider, digest: str, rules: Rules) -> Change:
    """Count one person's approval; the last one that is wanted approves the proposal.

    Raises `AlreadyDecided`, `ProposalExpired`, `ProposalChanged`, `SelfApproval`, `AlreadyVoted` or `NotEligible`.
    """
    place = _place(proposal, decider)
    if digest != proposal.digest:
        raise ProposalChanged(field="body.digest", extensions={"digest": proposal.digest})
    return _voted(proposal, decider, place, rules, verb="approve", before=_version(proposal))


def edit(proposal: Proposal, decider: Decider, digest: str, edited: Edit, rules: Rules) -> Change:
    """Change the arguments and approve what they are now; approvals of what they were count no longer.

    Who may decide about what was proposed may change it; that counts as an approval only where they may decide about
    what it has become. Raises what `approve` raises.
    """
    place = _place(proposal, decider)
    if digest != proposal.digest:
        raise ProposalChanged(field="body.digest", extensions={"digest": proposal.digest})
    following = replace(
        proposal,
        arguments=edited.arguments,
        digest=edited.digest,
        risk=edited.risk,
        requirement=edited.requirement,
        changes=edited.changes,
        votes=(),
    )
    try:
        counted = _standing(following, decider, barred=_own(following))
    except NotEligible:
        wanted = max(1, edited.requirement.approvals)
        happening = _happening("edit", decider, place, approvals=0, wanted=wanted, changes=[*edited.changes])
        return changed(following, decider.now, happening)
    return _voted(following, decider, counted, rules, verb="edit", before=_version(proposal))


def reject(proposal: Proposal, decider: Decider, rules: Rules) -> Change:
    """Say no, for good. Raises what `approve` raises, but for the digest."""
    return _turned(proposal, decider, rules, "reject")


def revise(proposal: Proposal, decider: Decider, rules: Rules) -> Change:
    """Ask whoever proposed it for another one, with instructions. Raises what `reject` raises."""
    return _turned(proposal, decider, rules, "revise")


def escalate(proposal: Proposal, decider: Decider, role: str) -> Change:
    """Leave it to people of one role alone; approvals count on. It never becomes easier to approve.

    Where the policy names roles it must be one of these, or the one that the policy escalates to. Raises what `reject`
    raises.
    """
    place = _place(proposal, decider)
    named = proposal.requirement.roles
    if named and role not in named and role != proposal.requirement.escalate_to:
        raise NotEligible("The policy does not leave it to this role.", extensions={"roles": sorted(named)})
    requirement = replace(proposal.requirement, roles=frozenset({role}))
    happening = _happening("escalate", decider, place, to=role)
    return changed(proposal, decider.now, happening, requirement=requirement, assignee=role, escalated_at=decider.now)


def undo(proposal: Proposal, decider: Decider) -> Change:
    """Take back one's own decision within its window, or one's own approval while others are still wanted.

    Raises `NotEligible` where it was somebody else's, `TooLateToUndo`, or `WrongState` where there is none.
    """
    actor, now = decider.actor.id, decider.now
    happening = Happening("decision.undone", {"decision": "undo", "note": decider.note})
    if proposal.state == "pending" and any(vote.actor == actor for vote in proposal.votes):
        left = tuple(vote for vote in proposal.votes if vote.actor != actor)
        return changed(proposal, now, happening, votes=left)
    if proposal.state == "executing":
        raise TooLateToUndo("An executor has begun.")
    decision, before = proposal.decision, proposal.before
    if proposal.state not in DECIDED or decision is None or before is None or proposal.release_at is None:
        raise WrongState("There is no decision to take back.", extensions={"state": proposal.state})
    if decision.actor != actor:
        raise NotEligible("Only who decided can take it back.", extensions=told(decision))
    if now >= proposal.release_at:
        raise TooLateToUndo(extensions={"until": rfc3339(proposal.release_at)})
    restored = {field: getattr(before, field) for field in Version.__slots__}
    return changed(
        proposal,
        now,
        happening,
        state="pending",
        decision=None,
        before=None,
        release_at=None,
        execute_by=None,
        **restored,
    )


def cancel(proposal: Proposal, actor: Actor, now: datetime, note: str) -> Change:
    """Withdraw it, as long as nothing has begun. Raises `AlreadyDecided`."""
    if proposal.state not in {"pending", "approved"}:
        raise already_decided(proposal)
    decision = Decision("cancel", actor.id, now, note)
    happening = Happening("proposal.cancelled", {"note": note})
    return changed(proposal, now, happening, state="cancelled", decision=decision, release_at=None, execute_by=None)


def settle(proposal: Proposal, decider: Decider, status: Literal["executed", "failed"]) -> Change:
    """Say what came of an execution whose executor was lost. Raises `WrongState`, `SelfApproval` or `NotEligible`."""
    if proposal.state != "outcome_unknown":
        raise WrongState("Only an unknown outcome can be settled.", extensions={"state": proposal.state})
    place = _standing(proposal, decider, barred=_own(proposal))
    outcome = Outcome(status, decider.now, {"note": decider.note}, settled_by=decider.actor.id)
    happening = _happening("settle", decider, place, outcome=status)
    return changed(proposal, decider.now, happening, state=status, outcome=outcome)


def already_decided(proposal: Proposal) -> AlreadyDecided:
    """The error that tells who decided what, and when."""
    return AlreadyDecided(extensions={"state": proposal.state, **told(proposal.decision)})


def told(decision: Decision | None) -> dict[str, Any]:
    """A decision as an error tells it."""
    if decision is None:
        return {}
    return {"decision": {"verb": decision.verb, "actor": decision.actor, "time": rfc3339(decision.time)}}


def expect_pending(proposal: Proposal, now: datetime) -> None:
    """Raise `AlreadyDecided` or `ProposalExpired` unless it waits for people."""
    if proposal.state == "expired" or (proposal.state == "pending" and now >= proposal.expires_at):
        raise ProposalExpired(extensions={"expired_at": rfc3339(proposal.expires_at)})
    if proposal.state != "pending":
        raise already_decided(proposal)


def _place(proposal: Proposal, decider: Decider) -> Standing:
    """As whom somebody decides about a proposal that waits for people."""
    expect_pending(proposal, decider.now)
    voted = [person for vote in proposal.votes for person in (vote.actor, vote.giver) if person]
    return _standing(proposal, decider, barred=_own(proposal) | frozenset(voted))


def _standing(proposal: Proposal, decider: Decider, *, barred: frozenset[str]) -> Standing:
    actor = decider.actor
    if actor.kind != "person":
        raise NotEligible("Only people decide.")
    if actor.id in _own(proposal):
        raise SelfApproval
    place = standing(actor, proposal.requirement.roles, decider.delegations, decider.now, barred=barred)
    if place is None:
        raise NotEligible(extensions={"roles": sorted(proposal.requirement.roles)})
    return place


def _own(proposal: Proposal) -> frozenset[str]:
    return frozenset(filter(None, (proposal.requester.id, proposal.on_behalf_of)))


def _voted(
    proposal: Proposal, decider: Decider, place: Standing, rules: Rules, *, verb: Verb, before: Version
) -> Change:
    if any(decider.actor.id in (vote.actor, vote.giver) for vote in proposal.votes):
        raise AlreadyVoted
    vote = Vote(decider.actor.id, place.role, place.giver, decider.now, proposal.digest)
    votes = (*proposal.votes, vote)
    wanted = max(1, proposal.requirement.approvals)
    happening = _happening(
        verb,
        decider,
        place,
        approvals=len(votes),
        wanted=wanted,
        changes=[*proposal.changes] if verb == "edit" else None,
    )
    if len(votes) < wanted:
        return changed(proposal, decider.now, happening, votes=votes)
    return changed(
        proposal,
        decider.now,
        happening,
        votes=votes,
        state="approved",
        decision=Decision(verb, decider.actor.id, decider.now, decider.note, place.giver),
        before=before,
        release_at=decider.now + rules.undo,
        execute_by=decider.now + rules.undo + rules.execute_within,
    )


def _turned(proposal: Proposal, decider: Decider, rules: Rules, verb: Literal["reject", "revise"]) -> Change:
    place = _place(proposal, decider)
    return changed(
        proposal,
        decider.now,
        _happening(verb, decider, place),
        state="rejected" if verb == "reject" else "revise_requested",
        decision=Decision(verb, decider.actor.id, decider.now, decider.note, place.giver),
        before=_version(proposal),
        release_at=decider.now + rules.undo,
    )


def _version(proposal: Proposal) -> Version:
    return Version(**{field: getattr(proposal, field) for field in Version.__slots__})


def _happening(verb: Verb, decider: Decider, place: Standing, **more: object) -> Happening:
    about = {"decision": verb, "note": decider.note, "role": place.role, "in_place_of": place.giver, **more}
    return Happening("decision.made", {name: value for name, value in about.items() if value not in (None, "")})
