"""Webhooks: who is told of records as they come, and what they did not take."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from tillhand_approvals import errors
from tillhand_approvals.domain.webhooks import Webhook
from tillhand_approvals.models.base import Id
from tillhand_approvals.models.webhooks import (
    LetterOut,
    LetterPage,
    RedeliverOut,
    RedeliverRequest,
    SecretOut,
    TestOut,
    WebhookChange,
    WebhookList,
    WebhookMade,
    WebhookOut,
    WebhookRequest,
)
from tillhand_approvals.routes.dependencies import Anybody, Joined, Person, Reading, Ruling
from tillhand_approvals.service.notifying import Wanted
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

_KNOWN = (errors.WebhookNotFound, errors.StoreUnavailable)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=responses(errors.InvalidWebhook, errors.TooManyWebhooks, errors.StoreUnavailable),
    dependencies=[Ruling],
)
async def create_webhook(body: WebhookRequest, caller: Person, joined: Joined) -> WebhookMade:
    """Tell a receiver of every record from now on, as Standard Webhooks does; the body is a CloudEvent."""
    made, secret = await joined.notifying.create(caller, body.url, body.types, body.description)
    return WebhookMade(**_out(made).model_dump(), secret=secret)


@router.get("", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def list_webhooks(caller: Anybody, joined: Joined) -> WebhookList:
    """Every webhook, and how its deliveries go."""
    return WebhookList(items=[_out(each) for each in await joined.notifying.webhooks(caller)])


@router.get("/{webhook_id}", responses=responses(*_KNOWN), dependencies=[Reading])
async def get_webhook(webhook_id: Id, caller: Anybody, joined: Joined) -> WebhookOut:
    """One webhook, and how its deliveries go."""
    return _out(await joined.notifying.webhook(caller, webhook_id))


@router.patch("/{webhook_id}", responses=responses(errors.InvalidWebhook, *_KNOWN), dependencies=[Ruling])
async def change_webhook(webhook_id: Id, body: WebhookChange, caller: Person, joined: Joined) -> WebhookOut:
    """Change a webhook. One that is enabled again is told what it has missed."""
    return _out(await joined.notifying.change(caller, webhook_id, Wanted(**body.model_dump())))


@router.delete(
    "/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT, responses=responses(*_KNOWN), dependencies=[Ruling]
)
async def delete_webhook(webhook_id: Id, caller: Person, joined: Joined) -> None:
    """Forget a webhook and its dead letters."""
    await joined.notifying.delete(caller, webhook_id)


@router.post("/{webhook_id}/secret", responses=responses(errors.SealBroken, *_KNOWN), dependencies=[Ruling])
async def rotate_secret(webhook_id: Id, caller: Person, joined: Joined) -> SecretOut:
    """A new secret; for a day messages carry a signature of each."""
    return SecretOut(secret=await joined.notifying.rotate(caller, webhook_id))


@router.post("/{webhook_id}/test", responses=responses(errors.SealBroken, *_KNOWN), dependencies=[Ruling])
async def test_webhook(webhook_id: Id, caller: Person, joined: Joined) -> TestOut:
    """Send one message that is no record, and say what came of it."""
    attempt = await joined.notifying.test(caller, webhook_id)
    return TestOut(answer=attempt.answer, error=attempt.error)


@router.get("/{webhook_id}/dead-letters", responses=responses(*_KNOWN), dependencies=[Reading])
async def list_dead_letters(
    webhook_id: Id,
    caller: Anybody,
    joined: Joined,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LetterPage:
    """What the receiver has refused at every attempt, in order."""
    letters, following = await joined.notifying.dead_letters(caller, webhook_id, after, limit)
    items = [LetterOut(sequence=each.sequence, attempts=each.attempts, error=each.error) for each in letters]
    return LetterPage(items=items, next_after=following)


@router.post(
    "/{webhook_id}/dead-letters/redeliver",
    responses=responses(errors.LetterNotFound, *_KNOWN),
    dependencies=[Ruling],
)
async def redeliver(webhook_id: Id, body: RedeliverRequest, caller: Person, joined: Joined) -> RedeliverOut:
    """Try dead letters again, from the first attempt on; all of them, or none."""
    return RedeliverOut(sequences=list(await joined.notifying.redeliver(caller, webhook_id, body.sequences)))


def _out(webhook: Webhook) -> WebhookOut:
    return WebhookOut(
        id=webhook.id,
        host=webhook.host,
        types=sorted(webhook.types),
        description=webhook.description,
        enabled=webhook.enabled,
        author=webhook.author,
        created_at=webhook.created_at,
        position=webhook.position,
        failures=webhook.failures,
        failing_since=webhook.failing_since,
        retry_at=webhook.retry_at,
        last_error=webhook.last_error,
        last_delivery_at=webhook.last_delivery_at,
    )
