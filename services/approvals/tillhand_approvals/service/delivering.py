"""Delivers records to webhooks, in order and at least once.

The record is the outbox: a webhook is a position in it. A receiver that is away is asked again, later each time, and
nothing is sent past what it has not taken; only what it refuses is put aside as a letter, so that it stops nobody else.
Of several replicas one holds a webhook at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from tillhand_approvals.domain.actors import SYSTEM
from tillhand_approvals.domain.audit import cloud_event
from tillhand_approvals.domain.webhooks import (
    GIVEN_UP_AFTER,
    Letter,
    Target,
    Webhook,
    refused,
    signed_headers,
    wait_s,
)
from tillhand_approvals.errors import ErasedSubject, SealBroken, StoreUnavailable
from tillhand_approvals.ports.ledger import Entry, Ledger
from tillhand_approvals.ports.observer import Observer
from tillhand_approvals.ports.records import Log, Row, Search
from tillhand_approvals.ports.webhooks import Attempt, Deliveries, Receivers
from tillhand_approvals.service.targets import opened_target
from tillhand_approvals.service.vault import Vault
from tillhand_common.clock import Clock, rfc3339

POLL_S: Final = 1.0
PAGE: Final = 50
LETTERS: Final = 20
HELD: Final = timedelta(seconds=120)
TURN_S: Final = 30.0
"""Seconds after which what was done is kept, within the time for which a webhook is held."""
PASSED: Final = 1_000
"""Records that a webhook does not want, after which its position is kept all the same."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Turn:
    """What was done for a webhook and is yet to be kept."""

    webhook: Webhook
    letters: list[Letter] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    stopped: bool = False


class Delivering:
    """Goes through webhooks that have something to be told. `wake` may be called from the event loop at any time."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        records: Log,
        deliveries: Deliveries,
        receivers: Receivers,
        vault: Vault,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._ledger = ledger
        self._records = records
        self._deliveries = deliveries
        self._receivers = receivers
        self._vault = vault
        self._clock = clock
        self._observer = observer
        self._holder = secrets.token_hex(16)
        self._awake = asyncio.Event()
        self._busy: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._passed: dict[tuple[str, str], int] = {}

    def wake(self) -> None:
        """There may be something to deliver."""
        self._awake.set()

    async def run(self) -> None:
        """Go on until cancelled; a store that is away is tried again."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._awake.clear()
                try:
                    await self._start(tasks)
                except StoreUnavailable:
                    _log.warning("deliveries_wait", reason="the store cannot answer")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._awake.wait()

    async def _start(self, tasks: asyncio.TaskGroup) -> None:
        for webhook in await self._deliveries.pending(self._clock.now()):
            key = (webhook.tenant, webhook.id)
            if key not in self._busy:
                self._busy[key] = tasks.create_task(self._guarded(webhook), name=f"webhook {webhook.id}")

    async def _guarded(self, webhook: Webhook) -> None:
        try:
            await self.deliver(webhook)
        except StoreUnavailable:
            _log.warning("delivery_waits", webhook=webhook.id, reason="the store cannot answer")
        except Exception:  # noqa: BLE001  # the boundary of a task: other webhooks go on
            _log.exception("delivery_failed", webhook=webhook.id)
        finally:
            del self._busy[(webhook.tenant, webhook.id)]

    async def deliver(self, webhook: Webhook) -> None:
        """Tell a webhook everything that there is, unless somebody else does. Raises `StoreUnavailable`."""
        if not await self._wanted(webhook):
            return
        now = self._clock.now()
        held = await self._deliveries.hold(webhook, self._holder, now, now + HELD)
        if held is None:
            return
        try:
            target = await self._target(held)
            while target is not None:
                turn = await self._turn(held, target)
                until = None if turn.stopped else self._clock.now() + HELD
                kept = await self._deliveries.keep(turn.webhook, self._holder, until, turn.letters, turn.taken)
                if turn.stopped or not kept:
                    return
                held = turn.webhook
        finally:
            await self._deliveries.keep(held, self._holder, None, (), ())

    async def _wanted(self, webhook: Webhook) -> bool:
        """Whether anything waits; records that it does not want are passed over without a word to the store."""
        key = (webhook.tenant, webhook.id)
        position = max(webhook.position, self._passed.get(key, 0))
        while rows := await self._records.after(webhook.tenant, position, PAGE):
            if any(webhook.wants(row.type) for row in rows):
                return True
            position = self._passed[key] = rows[-1].sequence
        now = self._clock.now()
        return position - webhook.position >= PASSED or bool(await self._deliveries.due(webhook, now, 1))

    async def _target(self, webhook: Webhook) -> Target | None:
        try:
            async with self._ledger.reading(webhook.tenant) as view:
                return await opened_target(self._vault, view, webhook.id)
        except ErasedSubject:  # deleted meanwhile
            return None
        except SealBroken:
            await self._disable(webhook, "its secret cannot be opened")
            return None

    async def _turn(self, webhook: Webhook, target: Target) -> _Turn:
        """Letters that are due, then what is new, for as long as a turn lasts."""
        turn = _Turn(webhook)
        end = self._clock.monotonic() + TURN_S
        letters = await self._deliveries.due(webhook, self._clock.now(), LETTERS)
        rows = await self._records.page(webhook.tenant, Search(after=webhook.position, limit=PAGE))
        if not letters and not rows:
            turn.stopped = True
        for letter in letters:
            if not turn.stopped and self._clock.monotonic() < end:
                await self._again(turn, target, letter)
        for row in rows:
            if turn.stopped or self._clock.monotonic() >= end:
                break
            await self._next(turn, target, row)
        return turn

    async def _next(self, turn: _Turn, target: Target, row: Row) -> None:
        """Tell of one record; whatever was taken or refused is behind it."""
        if turn.webhook.wants(row.type):
            attempt = await self._send(turn, target, row)
            if attempt is None:
                return
            if attempt.answer == "refused":
                turn.letters.append(self._letter(row.sequence, 1, attempt))
        turn.webhook = replace(turn.webhook, position=row.sequence)

    async def _again(self, turn: _Turn, target: Target, letter: Letter) -> None:
        search = Search(after=letter.sequence - 1, limit=1)
        for row in await self._records.page(turn.webhook.tenant, search):
            attempt = await self._send(turn, target, row)
            if attempt is None:
                return
            if attempt.answer == "taken":
                turn.taken.append(letter.sequence)
            else:
                turn.letters.append(self._letter(letter.sequence, letter.attempts + 1, attempt))

    def _letter(self, sequence: int, attempts: int, attempt: Attempt) -> Letter:
        letter = refused(sequence, attempts, self._clock.now(), attempt.error)
        if letter.due_at is None:
            self._observer.delivered("dead")
        return letter

    async def _send(self, turn: _Turn, target: Target, row: Row) -> Attempt | None:
        """Send a record; None where the receiver did not say what becomes of it, so that nothing may follow."""
        now = self._clock.now()
        moment = "" if row.time is None else rfc3339(row.time)
        tenant = turn.webhook.tenant
        body = cloud_event(row.line, row.sequence, tenant, row.type, row.subject, moment).encode()
        headers = signed_headers(target.signers, f"{tenant}/{row.sequence}", now, body)
        attempt = await self._receivers.send(target.url, headers, body)
        self._observer.delivered(attempt.answer)
        if attempt.answer in {"taken", "refused"}:
            turn.webhook = replace(
                turn.webhook,
                failures=0,
                failing_since=None,
                retry_at=None,
                last_error=attempt.error,
                last_delivery_at=self._clock.now(),
            )
            return attempt
        turn.stopped = True
        turn.webhook = self._away(turn.webhook, attempt)
        if attempt.answer == "gone":
            await self._disable(turn.webhook, "the receiver wants no more (410)")
        elif self._is_given_up(turn.webhook):
            await self._disable(turn.webhook, "the receiver could not be reached for three days")
        return None

    def _away(self, webhook: Webhook, attempt: Attempt) -> Webhook:
        now = self._clock.now()
        failures = webhook.failures + 1
        return replace(
            webhook,
            failures=failures,
            failing_since=webhook.failing_since or now,
            retry_at=now + timedelta(seconds=wait_s(failures, attempt.retry_after_s)),
            last_error=attempt.error,
        )

    def _is_given_up(self, webhook: Webhook) -> bool:
        since: datetime | None = webhook.failing_since
        return since is not None and self._clock.now() - since >= GIVEN_UP_AFTER

    async def _disable(self, webhook: Webhook, reason: str) -> None:
        async with self._ledger.writing(webhook.tenant) as unit:
            present = await unit.webhook(webhook.id)
            if present is None:
                return
            stopped = replace(
                present,
                enabled=False,
                failures=webhook.failures,
                failing_since=webhook.failing_since,
                last_error=reason,
            )
            await unit.put_webhook(stopped)
            data = {"host": webhook.host, "reason": reason}
            await unit.append(Entry("webhook.disabled", data, SYSTEM, webhook.id))
