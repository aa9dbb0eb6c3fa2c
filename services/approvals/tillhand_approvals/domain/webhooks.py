"""Webhooks: who is told of records as they come, how a message is signed, and what an answer means.

Messages are those of Standard Webhooks (https://www.standardwebhooks.com): headers `webhook-id`, `webhook-timestamp`
and `webhook-signature`, HMAC-SHA256 over id, timestamp and body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # what every such secret begins with, by the standard
OVERLAP: Final = timedelta(hours=24)
"""How long the secret before still signs beside a new one."""
REFUSED_AGAIN_S: Final = (10.0, 60.0, 600.0, 3_600.0)
"""Seconds until a message that was refused is tried again, each time; after the last it is a dead letter."""
LONGEST_WAIT_S: Final = 3_600.0
GIVEN_UP_AFTER: Final = timedelta(days=3)
"""A receiver that cannot be reached for so long is told nothing any more until a person enables it again."""
_FIRST_WAIT_S: Final = 1.0
_AGAIN: Final = frozenset({408, 425, 429})
_GONE: Final = 410
_SERVER: Final = 500
_OK: Final = range(200, 300)

Answer = Literal["taken", "refused", "away", "gone"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who is told, and of what. `position`: the last record that it has taken, or that became a letter.

    `host` is all that is shown of its address, which may hold a secret. `failures` counts the attempts since it was
    last reached; before `retry_at` it is not asked again.
    """

    id: str
    tenant: str
    host: str
    types: frozenset[str]
    author: str
    created_at: datetime
    description: str = ""
    enabled: bool = True
    position: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    last_error: str = ""
    last_delivery_at: datetime | None = None

    def wants(self, type_: str) -> bool:
        """Whether it is told of records of this type; `proposal.*` names all of a kind, nothing named means all."""
        return not self.types or any(
            type_.startswith(each[:-1]) if each.endswith("*") else type_ == each for each in self.types
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that the receiver refused: tried again at `due_at`, and dead once that is None."""

    sequence: int
    attempts: int
    due_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Signer:
    """A secret, and until when it signs; without an end it is the present one."""

    secret: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where messages go, and what signs them: kept in the vault alone."""

    url: str
    signers: tuple[Signer, ...]

    def with_secret(self, secret: str, now: datetime) -> Target:
        """With a new secret, beside which the one before signs for a while."""
        before = [Signer(each.secret, now + OVERLAP) for each in self.signers if each.until is None]
        return Target(self.url, (Signer(secret), *before))


def new_secret() -> str:
    """A secret as the standard writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(signers: Sequence[Signer], message_id: str, now: datetime, body: bytes) -> Mapping[str, str]:
    """The standard's headers: one signature for each secret that holds now."""
    stamp = int(now.timestamp())
    content = f"{message_id}.{stamp}.".encode() + body
    signatures = [
        f"v1,{base64.b64encode(hmac.digest(_key(each.secret), content, hashlib.sha256)).decode()}"
        for each in signers
        if each.until is None or each.until > now
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(signatures),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))


def meaning(status: int) -> Answer:
    """What a receiver's status says: it has the message, refuses it, is away for now, or wants no more."""
    if status in _OK:
        return "taken"
    if status == _GONE:
        return "gone"
    return "away" if status in _AGAIN or status >= _SERVER else "refused"


def wait_s(failures: int, asked_for_s: float | None = None) -> float:
    """Seconds until a receiver that was away is asked again: doubled each time, or longer where it says so itself."""
    doubled = _FIRST_WAIT_S * 2.0 ** min(failures - 1, 20)
    return min(LONGEST_WAIT_S, max(doubled, asked_for_s or 0.0))


def refused(sequence: int, attempts: int, now: datetime, error: str) -> Letter:
    """The letter after so many attempts."""
    left = REFUSED_AGAIN_S[attempts - 1 :]
    return Letter(sequence, attempts, now + timedelta(seconds=left[0]) if left else None, error)
