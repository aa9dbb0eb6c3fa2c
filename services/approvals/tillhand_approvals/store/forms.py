"""Proposals and what belongs to them as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row

from tillhand_approvals.domain.actors import Delegation
from tillhand_approvals.domain.proposals import Proposal
from tillhand_approvals.domain.webhooks import Webhook

_PROPOSAL: Final = TypeAdapter(Proposal)
_DELEGATION: Final = TypeAdapter(Delegation)
_WEBHOOK: Final = TypeAdapter(Webhook)
_PROGRESS: Final = ("failures", "failing_since", "last_error", "last_delivery_at")
"""What deliveries change, and nobody else."""
_COLUMNS: Final = ("tenant", "id", "position", "enabled", "retry_at")


def proposal_body(proposal: Proposal) -> dict[str, Any]:
    """A proposal as JSON."""
    body: dict[str, Any] = _PROPOSAL.dump_python(proposal, mode="json")
    return body


def proposal_of(body: Mapping[str, Any]) -> Proposal:
    """The proposal that was kept so. Raises `pydantic.ValidationError` where it was not kept by this program."""
    return _PROPOSAL.validate_python(body)


def delegation_body(delegation: Delegation) -> dict[str, Any]:
    """A delegation as JSON."""
    body: dict[str, Any] = _DELEGATION.dump_python(delegation, mode="json")
    return body


def delegation_of(body: Mapping[str, Any]) -> Delegation:
    """The delegation that was kept so."""
    return _DELEGATION.validate_python(body)


def webhook_progress(webhook: Webhook) -> dict[str, Any]:
    """How its deliveries go, as columns."""
    whole = _WEBHOOK.dump_python(webhook, mode="json")
    progress = {name: whole[name] for name in _PROGRESS}
    return {"position": webhook.position, "retry_at": webhook.retry_at, "progress": progress}


def webhook_columns(webhook: Webhook) -> dict[str, Any]:
    """All of it as columns, beside its key."""
    whole = _WEBHOOK.dump_python(webhook, mode="json")
    body = {name: value for name, value in whole.items() if name not in {*_PROGRESS, *_COLUMNS}}
    return {"enabled": int(webhook.enabled), "body": body, **webhook_progress(webhook)}


def webhook_of(row: Row[Any]) -> Webhook:
    """The webhook that was kept so."""
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return _WEBHOOK.validate_python({**row.body, **row.progress, **columns})
