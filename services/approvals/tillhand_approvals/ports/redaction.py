"""Redaction as the use cases need it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from tillhand_approvals.domain.redaction.finding import Finding
from tillhand_approvals.domain.redaction.walking import Redacted

__all__ = ["Finding", "Redacted", "Redactor"]


class Redactor(Protocol):
    """Takes out what is personal. It fails closed: what it could not look through in time is withheld."""

    async def redact(self, tenant: str, value: Any) -> Redacted:  # noqa: ANN401  # any JSON
        """The value in its redacted form."""
        ...

    async def learn(self, tenant: str, names: Collection[str]) -> None:
        """Have exactly these be the names of the tenant's catalogue, which are no people."""
        ...

    async def pseudonym(self, tenant: str, subject: str) -> str:
        """The stable name that stands for a person within a tenant, and tells nothing about them."""
        ...
