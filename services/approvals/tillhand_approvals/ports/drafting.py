"""Who drafts replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tillhand_approvals.domain.drafts import Finding


class Knowledge(Protocol):
    """What the shop knows."""

    async def find(self, tenant: str, question: str, collection: str) -> Finding:
        """What it says to a question. Raises `DraftsUnavailable`."""
        ...


class Assistant(Protocol):
    """A language model that writes."""

    @property
    def model(self) -> str:
        """Its name."""
        ...

    async def write(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Its answer. Raises `DraftsUnavailable`."""
        ...
