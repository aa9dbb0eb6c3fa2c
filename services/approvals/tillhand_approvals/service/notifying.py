"""Webhooks as people keep them: made, changed, tried, and what they have refused."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from tillhand_approvals.domain.audit import cloud_event
from tillhand_approvals.domain.webhooks import Letter, Signer, Target, Webhook, new_secret, signed_headers
from tillhand_approvals.errors import InvalidWebhook, LetterNotFound, TooManyWebhooks, WebhookNotFound
from tillhand_approvals.ports.ledger import Ledger, View
from tillhand_approvals.ports.webhooks import Attempt, Receivers
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.targets import keep_target, opened_target, place
from tillhand_approvals.service.vault import Vault
from tillhand_common.clock import Clock, rfc3339

MOST: Final = 20
"""Webhooks of a tenant."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants of a webhook; None leaves it as it is."""

    url: str | None = None
    types: Collection[str] | None = None
    description: str | None = None
    enabled: bool | None = None


class Notifying:
    """Makes and changes webhooks; each change is on record."""

    def __init__(self, *, ledger: Ledger, clock: Clock, vault: Vault, receivers: Receivers) -> None:
        self._ledger = ledger
        self._clock = clock
        self._vault = vault
        self._receivers = receivers

    async def create(
        self, caller: Caller, url: str, types: Collection[str] = (), description: str = ""
    ) -> tuple[Webhook, str]:
        """A webhook that is told of what comes after it, and its secret, which nobody is shown again.

        Raises `InvalidWebhook` or `TooManyWebhooks`.
        """
        host = self._host(url)
        secret = new_secret()
        async with self._ledger.writing(caller.tenant) as unit:
            if len(await unit.webhooks()) >= MOST:
                raise TooManyWebhooks(f"There are {MOST} already.")
            made = Webhook(
                id=secrets.token_hex(16),
                tenant=caller.tenant,
                host=host,
                types=frozenset(types),
                author=caller.actor.id,
                created_at=self._clock.now(),
                description=description,
                position=await unit.next_sequence(),
            )
            await unit.put_webhook(made)
            await keep_target(self._vault, unit, made.id, Target(url, (Signer(secret),)))
            await unit.append(caller.entry("webhook.created", _told(made), made.id))
        return made, secret

    async def webhooks(self, caller: Caller) -> Sequence[Webhook]:
        """All webhooks of the tenant, by id."""
        async with self._ledger.reading(caller.tenant) as view:
            return await view.webhooks()

    async def webhook(self, caller: Caller, webhook_id: str) -> Webhook:
        """One webhook. Raises `WebhookNotFound`."""
        async with self._ledger.reading(caller.tenant) as view:
            return await _found(view, webhook_id)

    async def change(self, caller: Caller, webhook_id: str, wanted: Wanted) -> Webhook:
        """Change a webhook; one that is enabled again goes on where it had stopped.

        Raises `WebhookNotFound` or `InvalidWebhook`.
        """
        host = None if wanted.url is None else self._host(wanted.url)
        async with self._ledger.writing(caller.tenant) as unit:
            before = await _found(unit, webhook_id)
            after = replace(
                before,
                host=host or before.host,
                types=before.types if wanted.types is None else frozenset(wanted.types),
                description=before.description if wanted.description is None else wanted.description,
                enabled=before.enabled if wanted.enabled is None else wanted.enabled,
                failures=0,
                failing_since=None,
                retry_at=None,
            )
            await unit.put_webhook(after)
            if wanted.url is not None:
                target = await opened_target(self._vault, unit, webhook_id)
                await keep_target(self._vault, unit, webhook_id, replace(target, url=wanted.url))
            await unit.append(caller.entry("webhook.changed", _told(after), webhook_id))
        return after

    async def rotate(self, caller: Caller, webhook_id: str) -> str:
        """A new secret; the one before signs beside it for a day. Raises `WebhookNotFound`."""
        secret = new_secret()
        async with self._ledger.writing(caller.tenant) as unit:
            webhook = await _found(unit, webhook_id)
            target = await opened_target(self._vault, unit, webhook_id)
            await keep_target(self._vault, unit, webhook_id, target.with_secret(secret, self._clock.now()))
            await unit.put_webhook(webhook)  # whoever delivers now begins anew, with the new secret
            await unit.append(caller.entry("webhook.changed", {**_told(webhook), "secret": "rotated"}, webhook_id))  # nosec B105 # what happened to it
        return secret

    async def delete(self, caller: Caller, webhook_id: str) -> None:
        """Forget a webhook, its letters and its secret. Raises `WebhookNotFound`."""
        async with self._ledger.writing(caller.tenant) as unit:
            webhook = await _found(unit, webhook_id)
            await unit.drop_webhook(webhook_id)
            await unit.destroy_key(place(webhook_id))
            await unit.append(caller.entry("webhook.deleted", _told(webhook), webhook_id))

    async def test(self, caller: Caller, webhook_id: str) -> Attempt:
        """Send a message that is no record, once, and say what came of it. Raises `WebhookNotFound`."""
        async with self._ledger.reading(caller.tenant) as view:
            await _found(view, webhook_id)
            target = await opened_target(self._vault, view, webhook_id)
        now = self._clock.now()
        line = orjson.dumps({"type": "webhook.test", "tenant": caller.tenant, "time": rfc3339(now)}).decode()
        name = f"{caller.tenant}/test-{secrets.token_hex(8)}"
        event = cloud_event(line, 0, caller.tenant, "webhook.test", webhook_id, rfc3339(now))
        body = event.encode()
        return await self._receivers.send(target.url, signed_headers(target.signers, name, now, body), body)

    async def dead_letters(
        self, caller: Caller, webhook_id: str, after: int, limit: int
    ) -> tuple[Sequence[Letter], int | None]:
        """What the receiver has refused for good, and the number to go on after. Raises `WebhookNotFound`."""
        async with self._ledger.reading(caller.tenant) as view:
            await _found(view, webhook_id)
            letters = await view.dead_letters(webhook_id, after, limit + 1)
        given = letters[:limit]
        return given, given[-1].sequence if len(letters) > limit else None

    async def redeliver(self, caller: Caller, webhook_id: str, sequences: Collection[int]) -> Sequence[int]:
        """Try dead letters again. Raises `WebhookNotFound`, or `LetterNotFound` for one that is none; nothing then."""
        async with self._ledger.writing(caller.tenant) as unit:
            await _found(unit, webhook_id)
            found = await unit.redeliver(webhook_id, sequences)
            missing = sorted(set(sequences) - set(found))
            if missing:
                raise LetterNotFound(f"{missing[0]} is no dead letter of this webhook.", field="body.sequences")
            await unit.append(caller.entry("webhook.redelivered", {"sequences": sorted(found)}, webhook_id))
        return sorted(found)

    def _host(self, url: str) -> str:
        host, fault = self._receivers.checked(url)
        if fault is not None:
            raise InvalidWebhook(fault, field="body.url")
        return host


async def _found(view: View, webhook_id: str) -> Webhook:
    webhook = await view.webhook(webhook_id)
    if webhook is None:
        raise WebhookNotFound
    return webhook


def _told(webhook: Webhook) -> dict[str, object]:
    return {"host": webhook.host, "types": sorted(webhook.types), "enabled": webhook.enabled}
