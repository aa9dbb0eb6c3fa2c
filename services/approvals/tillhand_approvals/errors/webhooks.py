"""Webhooks that cannot be made, found or asked."""

from __future__ import annotations

from tillhand_common.problems import Problem


class WebhookNotFound(Problem):
    """No such webhook."""

    status = 404
    slug = "webhook-not-found"
    title = "Webhook not found"


class LetterNotFound(Problem):
    """No such dead letter of this webhook."""

    status = 404
    slug = "dead-letter-not-found"
    title = "Dead letter not found"


class InvalidWebhook(Problem):
    """An address that is never sent to: no http, with credentials, or on a port or host that is not allowed."""

    status = 422
    slug = "invalid-webhook"
    title = "The webhook's address cannot be used"


class TooManyWebhooks(Problem):
    """The tenant has as many webhooks as it can have."""

    status = 409
    slug = "too-many-webhooks"
    title = "Too many webhooks"
