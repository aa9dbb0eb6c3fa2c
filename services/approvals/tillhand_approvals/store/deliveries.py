"""Which webhooks have something to be told, and who is at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tillhand_approvals.domain.webhooks import Letter, Webhook
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.forms import webhook_of, webhook_progress
from tillhand_approvals.store.ledger import translated
from tillhand_approvals.store.tables import HEADS, OUTBOX, WEBHOOKS
from tillhand_approvals.store.views import letter_of

_AT_ONCE = 5_000


class DatabaseDeliveries:
    """Deliveries of all tenants. Each method raises `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, now: datetime) -> Sequence[Webhook]:
        """Webhooks that nobody holds, with records beyond their position or letters that are due."""
        hook = WEBHOOKS.c
        due = exists().where(OUTBOX.c.tenant == hook.tenant, OUTBOX.c.webhook == hook.id, OUTBOX.c.due_at <= now)
        statement = (
            select(WEBHOOKS)
            .join(HEADS, HEADS.c.tenant == hook.tenant)
            .where(hook.enabled == 1)
            .where(or_(hook.retry_at.is_(None), hook.retry_at <= now))
            .where(or_(hook.held_until.is_(None), hook.held_until <= now))
            .where(or_(HEADS.c.sequence > hook.position, due))
            .order_by(hook.tenant, hook.id)
            .limit(_AT_ONCE)
        )
        with translated():
            async with self._database.reading() as connection:
                return [webhook_of(row) for row in await connection.execute(statement)]

    async def hold(self, webhook: Webhook, holder: str, now: datetime, until: datetime) -> Webhook | None:
        """Take a webhook for a time; None where somebody else has it, or it is gone or disabled."""
        hook = WEBHOOKS.c
        mine = and_(hook.tenant == webhook.tenant, hook.id == webhook.id)
        free = and_(mine, hook.enabled == 1, or_(hook.held_until.is_(None), hook.held_until <= now))
        with translated():
            async with self._database.writing() as connection:
                taken = await connection.execute(update(WEBHOOKS).where(free).values(holder=holder, held_until=until))
                if not taken.rowcount:
                    return None
                row = (await connection.execute(select(WEBHOOKS).where(mine))).first()
                return None if row is None else webhook_of(row)

    async def due(self, webhook: Webhook, now: datetime, limit: int) -> Sequence[Letter]:
        """Its letters whose time has come, the oldest first."""
        statement = (
            select(OUTBOX)
            .where(OUTBOX.c.tenant == webhook.tenant, OUTBOX.c.webhook == webhook.id, OUTBOX.c.due_at <= now)
            .order_by(OUTBOX.c.sequence)
            .limit(limit)
        )
        with translated():
            async with self._database.reading() as connection:
                return [letter_of(row) for row in await connection.execute(statement)]

    async def keep(
        self, webhook: Webhook, holder: str, until: datetime | None, letters: Sequence[Letter], taken: Sequence[int]
    ) -> bool:
        """Keep how far it has come: letters new or changed, those `taken` at last gone; False where it is not held."""
        hook = WEBHOOKS.c
        mine = and_(hook.tenant == webhook.tenant, hook.id == webhook.id, hook.holder == holder)
        values = {**webhook_progress(webhook), "held_until": until, "holder": None if until is None else holder}
        with translated():
            async with self._database.writing() as connection:
                kept = await connection.execute(update(WEBHOOKS).where(mine).values(**values))
                if not kept.rowcount:
                    return False
                await _keep_letters(connection, webhook, letters, taken)
                return True


async def _keep_letters(
    connection: AsyncConnection, webhook: Webhook, letters: Sequence[Letter], taken: Sequence[int]
) -> None:
    gone = sorted({*taken, *(letter.sequence for letter in letters)})
    if gone:
        mine = and_(OUTBOX.c.tenant == webhook.tenant, OUTBOX.c.webhook == webhook.id)
        await connection.execute(delete(OUTBOX).where(mine, OUTBOX.c.sequence.in_(gone)))
    if letters:
        rows = [
            {
                "tenant": webhook.tenant,
                "webhook": webhook.id,
                "sequence": letter.sequence,
                "attempts": letter.attempts,
                "due_at": letter.due_at,
                "error": letter.error,
            }
            for letter in letters
        ]
        await connection.execute(insert(OUTBOX), rows)
