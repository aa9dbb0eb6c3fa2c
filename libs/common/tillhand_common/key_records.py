"""What a key is: its kinds, scopes and rules, and the form in which it is kept.

KeyStoreError
├── KeyRefused           a key that must not exist, or cannot as asked; names the field
├── UnknownKey           no active key has this id or name
└── KeyStoreUnreadable   the file is not a key store
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["agent", "service", "operator"]
What = Literal["created", "rotated", "revoked"]
KINDS: Final[tuple[Kind, ...]] = ("agent", "service", "operator")

SCOPES: Final[Mapping[str, str]] = {
    "rag:read": "search, ask and read documents",
    "rag:write": "add, change and delete documents",
    "mcp:call": "call tools",
    "approvals:propose": "propose an action",
    "approvals:read": "see proposals",
    "approvals:decide": "approve, edit or reject proposals",
    "approvals:execute": "carry out approved proposals",
    "policies:write": "change what is approved in advance",
    "audit:read": "read the audit log, redacted",
    "audit:unmask": "see what the audit log withholds; each look is recorded",
    "analytics:read": "read figures and reports",
    "act_as": "speak for somebody else through Tillhand-Actor",
    "admin": "manage backups and settings",
}

DEFAULT_SCOPES: Final[Mapping[Kind, frozenset[str]]] = {
    "agent": frozenset({"rag:read", "mcp:call", "approvals:propose", "approvals:read", "analytics:read"}),
    "service": frozenset(
        {"rag:read", "rag:write", "mcp:call", "approvals:propose", "approvals:read", "approvals:execute"}
        | {"analytics:read", "act_as"}
    ),
    "operator": frozenset(
        {"rag:read", "rag:write", "mcp:call", "approvals:read", "approvals:decide", "policies:write"}
        | {"audit:read", "analytics:read", "admin"}
    ),
}

_NEVER_TOGETHER: Final = frozenset({"approvals:propose", "approvals:decide"})
TOKEN: Final = re.compile(r"th_(agent|service|operator)_([0-9a-f]{12})_[0-9a-f]{64}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class KeyStoreError(Exception):
    """The key store cannot do what was asked."""


class KeyRefused(KeyStoreError):
    """Such a key must not exist. `field` names what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


class UnknownKey(KeyStoreError):
    """No active key has this id or name."""


class KeyStoreUnreadable(KeyStoreError):
    """The file exists and is not a key store of ours."""


class Key(BaseModel):
    """What may be known about a key. `collections` None means all; times are UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: Kind
    tenant: str
    collections: frozenset[str] | None
    scopes: frozenset[str]
    created_at: datetime
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None


class Secret(BaseModel):
    """A secret as kept: its token's SHA-256, and until when it is good (None: until rotated or revoked)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    until: datetime | None = None

    def matches(self, sha256: str, now: datetime) -> bool:
        """Tell whether a token with this hash is good now; takes as long whether it is or not."""
        return hmac.compare_digest(self.sha256, sha256) and (self.until is None or now < self.until)


class Entry(BaseModel):
    """A key with its secrets, the newest first; a revoked key has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Key
    secrets: tuple[Secret, ...]


class Change(BaseModel):
    """What was done to a key, when, and by whom: the user of the operating system whose process did it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    what: What
    key: str
    name: str
    scopes: frozenset[str]
    by: str


class Contents(BaseModel):
    """The whole file: keys, and the latest changes of them, the oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    entries: tuple[Entry, ...] = ()
    history: tuple[Change, ...] = ()


Done = tuple[What, Key]
"""What was done to which key."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its token, which is shown this once and kept nowhere."""

    key: Key
    token: str


def new_key(
    name: str,
    kind: Kind,
    tenant: str,
    collections: Iterable[str] | None,
    scopes: Iterable[str] | None,
    now: datetime,
) -> NewKey:
    """Make a key that is not stored yet. None stands for all collections and for the scopes of its kind.

    Raises KeyRefused.
    """
    key = Key(
        id=secrets.token_hex(6),
        name=name,
        kind=kind,
        tenant=tenant,
        collections=None if collections is None else frozenset(collections),
        scopes=DEFAULT_SCOPES[kind] if scopes is None else frozenset(scopes),
        created_at=now,
    )
    _check(key)
    return NewKey(key, new_token(key))


def secret_of(token: str) -> Secret:
    """Return the secret of a token in the form in which it is kept."""
    return Secret(sha256=digest(token))


def new_token(key: Key) -> str:
    """Draw a new token for a key: 256 random bits behind its kind and id."""
    return f"th_{key.kind}_{key.id}_{secrets.token_hex(32)}"


def digest(token: str) -> str:
    """Return the hash under which a token is known."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _check(key: Key) -> None:
    for field, value in (("name", key.name), ("tenant", key.tenant)):
        if not _NAME.fullmatch(value):
            raise KeyRefused(field, "use 1 to 64 letters, digits, dots, dashes or underscores")
    if key.collections is not None and not key.collections:
        raise KeyRefused("collections", "name at least one, or leave them out for all")
    if unknown := sorted(key.scopes - SCOPES.keys()):
        raise KeyRefused("scopes", f"unknown: {', '.join(unknown)}")
    if key.scopes >= _NEVER_TOGETHER:
        raise KeyRefused("scopes", "a key that may propose may not decide")
