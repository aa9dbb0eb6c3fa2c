"""The audit log: read, exported, verified, signed; and what is withheld shown to those who may see it, on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import structlog

from tillhand_approvals.domain.actors import SYSTEM
from tillhand_approvals.domain.audit import Checkpoint, Head, Report, Verifier, cloud_event, origin
from tillhand_approvals.domain.proposals import Json
from tillhand_approvals.errors import ErasedSubject, StoreUnavailable, SubjectNotFound
from tillhand_approvals.ports.ledger import Entry, Ledger
from tillhand_approvals.ports.records import Log, Row, Search
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.ports.signing import CheckpointFile, Signer
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.vault import IDENTITY, Vault
from tillhand_common.clock import Clock, rfc3339

PAGE: Final = 500
SIGN_EVERY_S: Final = 60.0
LONGEST_UNSIGNED_S: Final = 3600.0
KEPT_BREAKS: Final = 20
"""Breaks that the record of a verification names."""

_log = structlog.get_logger(__name__)


class Auditing:
    """Looks at the record as a whole."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        records: Log,
        clock: Clock,
        vault: Vault,
        redactor: Redactor,
        signer: Signer,
        journal: CheckpointFile,
        checkpoint_every: int,
    ) -> None:
        self._ledger = ledger
        self._records = records
        self._clock = clock
        self._vault = vault
        self._redactor = redactor
        self._signer = signer
        self._journal = journal
        self._every = checkpoint_every
        self._signed: dict[str, tuple[int, float]] = {}

    async def page(self, caller: Caller, search: Search) -> Sequence[Row]:
        """The records that are asked for, in order."""
        return await self._records.page(caller.tenant, search)

    async def export(self, caller: Caller, search: Search) -> AsyncIterator[bytes]:
        """The records as CloudEvents, a line each; what is written while this runs is left to the next export."""
        last, after = await self._records.head(caller.tenant), search.after
        while after < last:
            asked = Search(after, PAGE, search.types, search.subject, search.since, search.before)
            rows = await self._records.page(caller.tenant, asked)
            if not rows:
                return
            after = rows[-1].sequence
            yield b"".join(_exported(caller.tenant, row) for row in rows if row.sequence <= last)

    async def verify(self, caller: Caller) -> Report:
        """Verify the tenant's whole record against its head and every checkpoint; what was found is recorded."""
        report = await self.examine(caller.tenant)
        async with self._ledger.writing(caller.tenant) as unit:
            number = await unit.append(caller.entry("audit.verified", _kept(report)))
        return replace(report, recorded_as=number)

    async def examine(self, tenant: str) -> Report:
        """What verifying a tenant's whole record finds; nothing is written. Raises `StoreUnavailable` or `OSError`."""
        checkpoints = await asyncio.to_thread(self._journal.read, tenant)  # first: one signed later is beyond
        heads = {each: Head(sequence, digest) for each, sequence, digest in await self._records.tenants()}
        head = heads.get(tenant, origin(tenant))
        verifier = Verifier(tenant, checkpoints, self._signer.signed)
        after = 0
        while after < head.sequence:
            found = await self._records.after(tenant, after, PAGE)
            rows = [row for row in found if row.sequence <= head.sequence]
            if not rows:
                break
            after = rows[-1].sequence
            await asyncio.to_thread(_take, verifier, rows)
        return verifier.end(head)

    async def tenants(self) -> Sequence[str]:
        """Whose records there are. Raises `StoreUnavailable`."""
        signed = await asyncio.to_thread(self._journal.tenants)
        return sorted({tenant for tenant, *_ in await self._records.tenants()} | signed)

    async def checkpoints(self, caller: Caller) -> Sequence[Checkpoint]:
        """All checkpoints of the tenant, to be kept somewhere else."""
        return await asyncio.to_thread(self._journal.read, caller.tenant)

    async def unmask(self, caller: Caller, pseudonym: str, reason: str) -> str:
        """Who stands behind a pseudonym; the look and its reason are recorded first.

        Raises `SubjectNotFound` or `ErasedSubject`.
        """
        reason = (await self._redactor.redact(caller.tenant, {"note": reason})).value["note"]
        async with self._ledger.writing(caller.tenant) as unit:
            try:
                identity = await self._vault.opened(unit, pseudonym, IDENTITY)
            except ErasedSubject:
                if await unit.key(pseudonym) is None:
                    raise SubjectNotFound from None
                raise
            await unit.append(caller.entry("audit.unmasked", {"pseudonym": pseudonym, "reason": reason}))
        return str(identity)

    async def erase(self, caller: Caller, pseudonym: str) -> None:
        """Destroy a person's key: what came in about them can be read no more. Raises `SubjectNotFound`."""
        async with self._ledger.writing(caller.tenant) as unit:
            if not await unit.destroy_key(pseudonym):
                raise SubjectNotFound
            await unit.append(caller.entry("subject.erased", {"pseudonym": pseudonym}))

    async def run(self) -> None:
        """Sign what has grown, until cancelled."""
        while True:
            await self._clock.sleep(SIGN_EVERY_S)
            try:
                await self.sign_once()
            except (StoreUnavailable, OSError) as error:
                _log.error("checkpoint_failed", reason=type(error).__name__)

    async def sign_once(self, *, at_once: bool = False) -> int:
        """Sign the heads of tenants that have grown enough, or are unsigned for an hour; how many were.

        Raises `StoreUnavailable` or `OSError`.
        """
        count = 0
        for tenant, sequence, digest in await self._records.tenants():
            last, when = self._signed.get(tenant) or await self._known(tenant)
            late = self._clock.monotonic() - when >= LONGEST_UNSIGNED_S
            if sequence > last and (at_once or late or sequence - last >= self._every):
                await self._sign(tenant, sequence, digest)
                count += 1
        return count

    async def _known(self, tenant: str) -> tuple[int, float]:
        """The last checkpoint of a tenant, on disk: signed long enough ago, for all that is known."""
        kept = await asyncio.to_thread(self._journal.read, tenant)
        return max((each.sequence for each in kept), default=0), self._clock.monotonic() - LONGEST_UNSIGNED_S

    async def _sign(self, tenant: str, sequence: int, digest: str) -> None:
        checkpoint = Checkpoint(tenant, sequence, digest, rfc3339(self._clock.now()), key="")
        await asyncio.to_thread(lambda: self._journal.append(self._signer.sign(checkpoint)))
        self._signed[tenant] = (
            sequence + 1,
            self._clock.monotonic(),
        )  # the record of it needs no checkpoint of its own
        async with self._ledger.writing(tenant) as unit:
            await unit.append(Entry("checkpoint.signed", {"sequence": sequence, "hash": digest}, SYSTEM))


def _exported(tenant: str, row: Row) -> bytes:
    moment = "" if row.time is None else rfc3339(row.time)
    return f"{cloud_event(row.line, row.sequence, tenant, row.type, row.subject, moment)}\n".encode()


def _take(verifier: Verifier, rows: Sequence[Row]) -> None:
    for row in rows:
        verifier.take(row.line)


def _kept(report: Report) -> Mapping[str, Any]:
    body = dict(report_body(report))
    del body["tenant"]
    return {**body, "breaks": body["breaks"][:KEPT_BREAKS], "breaks_in_all": len(report.breaks)}


def report_body(report: Report) -> Mapping[str, Any]:
    """A report as JSON."""
    body: Json = {
        "ok": report.ok,
        "tenant": report.tenant,
        "records": report.records,
        "first": report.first,
        "last": None if report.head is None else report.head.sequence,
        "head": None if report.head is None else report.head.hash,
        "checkpoints": report.checkpoints,
        "covered": report.covered,
        "breaks": [{"kind": each.kind, "sequence": each.sequence, "message": each.message} for each in report.breaks],
    }
    return body
