"""Where the generations of the indexes lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tillhand_rag.domain.indexes import Generation, IndexSpec, Placement


class Placements(Protocol):
    """Which generation serves which index, durably."""

    @property
    def placements(self) -> Mapping[str, Placement]:
        """Every index by its name."""
        ...

    def next_generation(self, index: str, spec: IndexSpec, made_at: str) -> Generation:
        """A generation that does not exist yet."""
        ...

    def place(self, index: str, placement: Placement | None) -> None:
        """Let this placement be the index's from now on; None forgets the index."""
        ...

    def place_all(self, placements: Mapping[str, Placement]) -> None:
        """Place several indexes at once: all of them, or none."""
        ...

    def sweep(self) -> list[str]:
        """Remove the folders that no placement names; their names."""
        ...
