"""Executors run what was approved: under a lease that is on disk before the tool runs, and once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tillhand_approvals.domain import executing
from tillhand_approvals.domain.canonical import digest_of, kept
from tillhand_approvals.domain.executing import Result
from tillhand_approvals.domain.proposals import Json, Proposal
from tillhand_approvals.errors import ExecutionStopped, LeaseLost
from tillhand_approvals.ports.ledger import Ledger
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller, record
from tillhand_approvals.service.deciding import found
from tillhand_approvals.service.vault import Vault
from tillhand_common.clock import Clock


@dataclass(frozen=True, slots=True)
class Leased:
    """A lease, and the arguments as they came; the proposal's id is the idempotency key downstream."""

    proposal: Proposal
    arguments: Json


@dataclass(frozen=True, slots=True)
class Beat:
    """Until when a lease holds now, and whether a person has stopped all execution."""

    ends_at: datetime
    stopped: bool


class Executing:
    """Gives leases, keeps them, and takes results."""

    def __init__(self, *, ledger: Ledger, clock: Clock, redactor: Redactor, vault: Vault, lease: timedelta) -> None:
        self._ledger = ledger
        self._clock = clock
        self._redactor = redactor
        self._vault = vault
        self._lease = lease

    async def lease(
        self,
        caller: Caller,
        proposal_id: str,
        executor: str,
        ttl: timedelta | None = None,
        idempotency_key: str | None = None,
    ) -> Leased:
        """Give it to an executor, once and for all; the same key brings the same lease again.

        Raises `ExecutionStopped`, `ProposalNotFound`, `ErasedSubject`, or what `domain.executing.lease` raises.
        """
        async with self._ledger.writing(caller.tenant) as unit:
            proposal = await found(unit, proposal_id)
            if (await unit.switch()).stopped:
                raise ExecutionStopped
            token = await unit.next_sequence()
            key = "" if idempotency_key is None else digest_of({"by": caller.actor.id, "key": idempotency_key})
            change = executing.lease(proposal, executor, token, self._clock.now(), ttl or self._lease, key)
            arguments = await self._vault.opened(unit, proposal_id, f"arguments:{proposal.digest}")
            await unit.replace(change.proposal)
            await record(unit, caller, proposal_id, change.happenings)
        return Leased(change.proposal, arguments)

    async def beat(self, caller: Caller, proposal_id: str, token: int, ttl: timedelta | None = None) -> Beat:
        """Keep a lease. Raises `LeaseLost` or `ProposalNotFound`."""
        async with self._ledger.writing(caller.tenant) as unit:
            kept = executing.beat(await found(unit, proposal_id), token, self._clock.now(), ttl or self._lease)
            await unit.replace(kept)
            stopped = (await unit.switch()).stopped
        assert kept.lease is not None  # noqa: S101  # beat() raises without one
        return Beat(kept.lease.ends_at, stopped)

    async def report(self, caller: Caller, proposal_id: str, token: int, status: Result, detail: Json) -> Proposal:
        """Say what came of it; saying it again changes nothing.

        What comes after the lease was lost is noted for the person who settles it. Raises `LeaseLost` all the same, or
        `ProposalNotFound`.
        """
        redacted = (await self._redactor.redact(caller.tenant, {"detail": kept(detail)})).value["detail"]
        async with self._ledger.writing(caller.tenant) as unit:
            proposal, now = await found(unit, proposal_id), self._clock.now()
            lost: LeaseLost | None = None
            try:
                change = executing.report(proposal, token, now, status, redacted)
            except LeaseLost as error:
                if not executing.holder(proposal, token):
                    raise
                lost, change = error, executing.late(proposal, token, now, status, redacted)
            await unit.replace(change.proposal)
            await record(unit, caller, proposal_id, change.happenings)
        if lost is not None:
            raise lost
        return change.proposal
