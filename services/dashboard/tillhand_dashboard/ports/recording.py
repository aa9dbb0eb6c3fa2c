"""Where it is recorded that somebody signed in or failed to, and what was changed about accounts and keys."""

from __future__ import annotations

from typing import Literal, Protocol

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


class Changes(Protocol):
    """Is told of every change, under whoever made it. It neither raises nor keeps anybody waiting."""

    def changed(self, person: Person, about: About, target: str, action: Action, role: str = "") -> None:
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
