"""Where webhooks lead and what signs their messages, which the vault keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tillhand_approvals.domain.webhooks import Signer, Target
from tillhand_approvals.ports.ledger import Unit, View
from tillhand_approvals.service.vault import Vault
from tillhand_common.clock import rfc3339

_FIELD: Final = "target"


def place(webhook_id: str) -> str:
    """What the vault knows it by: no pseudonym can look like this."""
    return f"webhook/{webhook_id}"


async def keep_target(vault: Vault, unit: Unit, webhook_id: str, target: Target) -> None:
    """Keep where a webhook leads."""
    signers = [[each.secret, None if each.until is None else rfc3339(each.until)] for each in target.signers]
    value = {"url": target.url, "signers": signers}
    await vault.keep(unit, place(webhook_id), _FIELD, place(webhook_id), value)


async def opened_target(vault: Vault, view: View, webhook_id: str) -> Target:
    """Where a webhook leads. Raises `ErasedSubject` where it was deleted meanwhile, or `SealBroken`."""
    value = await vault.opened(view, place(webhook_id), _FIELD)
    signers = (
        Signer(secret, None if until is None else datetime.fromisoformat(until)) for secret, until in value["signers"]
    )
    return Target(value["url"], tuple(signers))
