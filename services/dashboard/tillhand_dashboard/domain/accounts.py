"""Who may sign in: accounts, their roles, and what a role reaches in the other services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Role = Literal["viewer", "operator", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "operator", "admin")
"""The least first; each may do what those before it may."""
Granted = Mapping[Role, frozenset[str]]
"""Which values of a provider's claim give which role."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 1024
"""Longer ones only keep the hasher busy."""

_VIEWS: Final = frozenset({"approvals:read", "analytics:read", "rag:read", "mcp:call"})
_OPERATES: Final = _VIEWS | {"approvals:decide", "approvals:propose", "rag:write", "audit:read"}
_ADMINISTERS: Final = _OPERATES | {"policies:write", "audit:unmask", "admin"}
SCOPES: Final[Mapping[Role, frozenset[str]]] = {"viewer": _VIEWS, "operator": _OPERATES, "admin": _ADMINISTERS}
"""What a person of this role has the console ask for; it asks for nothing beyond."""
DECIDING: Final = frozenset(role for role in ROLES if "approvals:decide" in SCOPES[role])
"""Roles whose people decide."""
KEY_SCOPES: Final = (_ADMINISTERS | {"act_as"}) - {"admin", "approvals:propose"}
"""What the console's own key has to reach, so that it can act for everybody. It decides, so it never proposes."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `subject` is who they are at the provider of identities, if they come from there."""

    name: str
    role: Role
    created_at: datetime
    disabled: bool = False
    subject: str = ""
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, and what they may do."""

    name: str
    role: Role

    @property
    def scopes(self) -> frozenset[str]:
        """What the role reaches."""
        return SCOPES[self.role]

    def may(self, scope: str) -> bool:
        """Whether the role reaches this scope."""
        return scope in self.scopes


def weakness(name: str, password: str) -> str:
    """Why a password is not taken; empty where it is. Length is what counts (NIST SP 800-63B, section 5.1.1.2)."""
    if len(password) < SHORTEST_PASSWORD:
        return f"A password has at least {SHORTEST_PASSWORD} characters."
    if len(password) > LONGEST_PASSWORD:
        return f"A password has at most {LONGEST_PASSWORD} characters."
    if name in password.lower() or len(set(password)) < SHORTEST_PASSWORD // 2:
        return "This password is too easy to guess: it repeats itself, or holds the name."
    return ""


def role_of(claimed: frozenset[str], granted: Granted) -> Role | None:
    """The highest role that one of these values of a claim gives; None where none does. `*` stands for anything."""
    for role in reversed(ROLES):
        if "*" in granted[role] or claimed & granted[role]:
            return role
    return None
