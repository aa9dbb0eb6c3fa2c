"""Where it is recorded that somebody signed in or failed to, and what was changed about accounts and keys."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tillhand_dashboard.domain.accounts import Person

Reason = Literal["password", "unknown", "locked", "throttled", "other"]

About = Literal["account", "key"]
Action = Literal[
    "added",
    "disabled",
    "enabled",
    "role_changed",
    "link_made",
    "password_changed",
    "created",
    "rotated",
    "revoked",
]


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be recorded: where, what, and who did it; by `key` it is recorded once, however often it is told."""

    path: str
    body: Mapping[str, Any]
    person: Person | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(16))


class Outbox(Protocol):
    """Keeps what is not recorded yet, through restarts."""

    async def put(self, told: Told) -> None:
        """Keep it."""
        ...

    async def waiting(self) -> Sequence[Told]:
        """Everything that is kept, the oldest first."""
        ...

    async def drop(self, key: str) -> None:
        """It is recorded."""
        ...


class Changes(Protocol):
    """Is told of every change, under whoever made it. What it was told is kept until it is recorded."""

    async def changed(self, person: Person, about: About, target: str, action: Action, role: str = "") -> None:
        """Somebody has changed an account, or the key of this id."""
        ...


class SignIns(Protocol):
    """Is told of every attempt. It neither raises nor keeps anybody waiting."""

    def succeeded(self, name: str) -> None:
        """Somebody is in."""
        ...

    def failed(self, name: str, reason: Reason) -> None:
        """Somebody is not."""
        ...


class Records(SignIns, Changes, Protocol):
    """Is told of both."""
