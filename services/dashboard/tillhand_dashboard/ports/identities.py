"""The provider of identities (OpenID Connect), as the sign-in needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. `subject` never changes; `claimed` are the values that give a role."""

    subject: str
    name: str
    claimed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Journey:
    """One way to the provider and back: what the browser keeps, and only the one who set out has."""

    state: str
    nonce: str
    verifier: str


class Provider(Protocol):
    """Leads people to the provider and learns who came back."""

    async def way_there(self, journey: Journey, return_to: str) -> str:
        """The address to send the browser to. Raises `ProviderAway`."""
        ...

    async def identity(self, code: str, journey: Journey, return_to: str) -> Identity:
        """Who has come back with this code. Raises `ProviderRefused`, `ProviderAway`."""
        ...
