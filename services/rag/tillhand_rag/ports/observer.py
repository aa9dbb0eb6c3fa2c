"""What the knowledge base tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol


class Observer(Protocol):
    """Hears what the knowledge base did, for its metrics."""

    def searched(self, mode: str, seconds: float) -> None:
        """A search was answered."""
        ...

    def reranked(self, *, judged: bool) -> None:
        """The re-ranker was asked, and judged or could not."""
        ...

    def answered(self, *, answered: bool, seconds: float) -> None:
        """A question was answered, or found to have no answer in the sources."""
        ...

    def wrote(self, outcome: str, verdicts: Mapping[str, int]) -> None:
        """A language model was asked; `outcome` is `generative` or why quotes stood in, `verdicts` count sentences."""
        ...

    def recalled(self, result: Literal["hit", "miss", "bypass"]) -> None:
        """A kept answer was looked for."""
        ...

    def unrecorded(self, questions: int) -> None:
        """So many questions were not kept for insight."""
        ...

    def ingested(self, *, created: int, updated: int, unchanged: int, chunks: int, seconds: float) -> None:
        """An upload was stored."""
        ...

    def refused(self, slug: str) -> None:
        """An upload could not be read; `slug` names the problem."""
        ...
