"""How an approved proposal is run: once, by one executor at a time, or else for a person to settle.

An executor takes a lease, which is on disk before the tool runs. It keeps it by heartbeats and ends it with the result.
A lease that ends otherwise leaves an unknown outcome: there is no second lease, so nothing can be done twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from tillhand_approvals.domain.deciding import already_decided
from tillhand_approvals.domain.happenings import Change, Happening, changed
from tillhand_approvals.domain.proposals import Decision, Json, Lease, Outcome, Proposal
from tillhand_approvals.errors import LeaseLost, NotReleased, ProposalExpired, WrongState
from tillhand_common.clock import rfc3339

Result = Literal["executed", "failed", "outcome_unknown"]


def is_released(proposal: Proposal, now: datetime) -> bool:
    """Whether an executor may take it now."""
    release, last = proposal.release_at, proposal.execute_by
    return proposal.state == "approved" and release is not None and last is not None and release <= now < last


def lease(proposal: Proposal, executor: str, token: int, now: datetime, ttl: timedelta, asked_with: str = "") -> Change:
    """Give it to this executor, once and for all; the one who asks again with the same key has it already.

    Raises `NotReleased` while its approval can be undone, `ProposalExpired`, `AlreadyDecided` where it was decided
    otherwise, or `WrongState` where it was not decided, is run already, or is another executor's.
    """
    if proposal.executor != executor:
        raise WrongState("Another executor has this tool.", field="body.executor")
    if proposal.state == "approved" and not is_released(proposal, now):
        raise _not_now(proposal, now)
    if proposal.state == "expired":
        raise ProposalExpired
    held = proposal.lease
    again = held is not None and bool(asked_with) and held.asked_with == asked_with and now < held.ends_at
    if proposal.state == "executing" and again:
        return Change(proposal, ())
    if proposal.state in {"pending", "executing"}:
        raise WrongState(extensions={"state": proposal.state})
    if proposal.state != "approved":
        raise already_decided(proposal)
    taken = Lease(executor, token, now, now + ttl, asked_with)
    happening = Happening(
        "execution.started", {"executor": executor, "token": token, "ends_at": rfc3339(taken.ends_at)}
    )
    return changed(proposal, now, happening, state="executing", lease=taken, before=None)


def _not_now(proposal: Proposal, now: datetime) -> NotReleased | ProposalExpired:
    if proposal.release_at is not None and now < proposal.release_at:
        return NotReleased(
            extensions={"release_at": rfc3339(proposal.release_at)},
            retry_after_s=(proposal.release_at - now).total_seconds(),
        )
    return ProposalExpired()


def beat(proposal: Proposal, token: int, now: datetime, ttl: timedelta) -> Proposal:
    """The lease prolonged; that is no event. Raises `LeaseLost`."""
    held = _held(proposal, token, now)
    return replace(proposal, lease=replace(held, ends_at=max(held.ends_at, now + ttl)))


def report(proposal: Proposal, token: int, now: datetime, status: Result, detail: Json) -> Change:
    """Say what came of it, redacted. The same said twice by the one who held the lease changes nothing.

    Raises `LeaseLost`.
    """
    known, held = proposal.outcome, proposal.lease
    if known is not None and held is not None and held.token == token and _same(known, status):
        return Change(proposal, ())
    _held(proposal, token, now)
    happening = Happening("execution.finished", {"outcome": status, "token": token, "detail": detail})
    return changed(proposal, now, happening, state=status, outcome=Outcome(status, now, detail))


def _same(known: Outcome, status: Result) -> bool:
    return known.status == status and known.settled_by is None


def late(proposal: Proposal, token: int, now: datetime, status: Result, detail: Json) -> Change:
    """What somebody said who no longer holds the lease: noted for the person who settles it, nothing more."""
    happening = Happening("execution.reported_late", {"outcome": status, "token": token, "detail": detail})
    return changed(proposal, now, happening)


def pass_time(proposal: Proposal, now: datetime) -> Change | None:
    """What time itself does: expiry, escalation, a lease that is lost. None while there is nothing."""
    due = proposal.due_at
    if due is None or now < due:
        return None
    if proposal.state == "executing":
        happening = Happening("execution.lost", {"token": proposal.lease.token if proposal.lease else None})
        return changed(proposal, now, happening, state="outcome_unknown", outcome=Outcome("outcome_unknown", now))
    if proposal.state == "approved" or now >= proposal.expires_at:
        happening = Happening("proposal.expired", {"expired_at": rfc3339(due)})
        return changed(proposal, now, happening, state="expired", release_at=None)
    return _escalated(proposal, now)


def _escalated(proposal: Proposal, now: datetime) -> Change:
    """To people of the next role too, since nobody has decided."""
    requirement, role = proposal.requirement, proposal.requirement.escalate_to or ""
    roles = requirement.roles | {role} if requirement.roles else requirement.roles
    happening = Happening("proposal.escalated", {"to": role})
    requirement = replace(requirement, roles=roles)
    return changed(proposal, now, happening, requirement=requirement, assignee=role, escalated_at=now)


def allowed_in_advance(proposal: Proposal, now: datetime, execute_within: timedelta) -> Proposal:
    """A new proposal that a policy allows without a person; the decision names rule, version and author."""
    wanted = proposal.requirement
    note = f"Rule {wanted.rule} of policies version {wanted.policy_version}, written by {wanted.author}."
    return replace(
        proposal,
        state="approved",
        decision=Decision("approve", f"policy:{wanted.rule}", now, note),
        release_at=now,
        execute_by=now + execute_within,
    )


def holder(proposal: Proposal, token: int) -> bool:
    """Whether this token once was that of the proposal's only lease."""
    return proposal.lease is not None and proposal.lease.token == token


def _held(proposal: Proposal, token: int, now: datetime) -> Lease:
    held = proposal.lease
    if proposal.state != "executing" or held is None or held.token != token or now >= held.ends_at:
        raise LeaseLost(extensions={"state": proposal.state})
    return held
