"""The golden questions that an installation keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tillhand_rag.domain.goldens import GoldenQuestion


class Goldens(Protocol):
    """Golden questions by collection. Every method raises `StoreUnavailable`."""

    async def of(self, collection: str) -> Sequence[GoldenQuestion]:
        """Those of a collection, in the order in which they were given."""
        ...

    async def replace(self, collection: str, questions: Sequence[GoldenQuestion]) -> None:
        """Let these be the collection's, all together."""
        ...

    async def delete(self, collection: str) -> bool:
        """Forget those of a collection; False when there were none."""
        ...
