"""API keys, as the console shows and makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tillhand_dashboard.domain.results import Result


@dataclass(frozen=True, slots=True)
class KeyView:
    """What may be known about a key. `collections` None means all; `own`: the console itself asks with it."""

    id: str
    name: str
    kind: str
    scopes: Sequence[str]
    collections: Sequence[str] | None
    created_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None
    own: bool = False


@dataclass(frozen=True, slots=True)
class KeyForm:
    """A key that somebody wants. Without scopes those of its kind; without collections all."""

    name: str
    kind: str
    scopes: Sequence[str] = ()
    collections: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key with its token, which is shown this once and kept nowhere."""

    key: KeyView
    token: str


class Keys(Protocol):
    """Keeps keys."""

    @property
    def place(self) -> str:
        """Where they are kept."""
        ...

    @property
    def kinds(self) -> Mapping[str, Sequence[str]]:
        """Each kind, with the scopes that it has where nothing else is said."""
        ...

    @property
    def scopes(self) -> Mapping[str, str]:
        """Each scope that can be given here, and what it allows."""
        ...

    async def all(self) -> Result[Sequence[KeyView]]:
        """Every key, revoked ones too, the newest first."""
        ...

    async def create(self, form: KeyForm) -> Result[MadeKey]:
        """Make a key."""
        ...

    async def rotate(self, key_id: str) -> Result[MadeKey]:
        """Give a key another secret; the former is good no more."""
        ...

    async def revoke(self, key_id: str) -> Result[KeyView]:
        """End a key at once and for good."""
        ...
