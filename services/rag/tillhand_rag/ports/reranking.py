"""A second look at the passages found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

RerankerState = Literal["waiting", "ready", "unavailable"]
"""Whether it is still loading, judged last when it was asked, or could not."""


class RerankingFailed(Exception):
    """A re-ranker could not judge; the message says why. Passages then stay in the order in which they were found."""


class Judged(NamedTuple):
    """A passage to be judged: its chunk's id, and its text with title and headings."""

    chunk_id: int
    text: str


class Reranker(Protocol):
    """Judges each passage together with the query: dearer than comparing vectors, and nearer to reading."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def depth(self) -> int:
        """How many passages it is given at most."""
        ...

    @property
    def state(self) -> RerankerState: ...

    async def rerank(self, query: str, passages: Sequence[Judged]) -> Sequence[float]:
        """How well each passage fits, in order; higher is better, the scale is the model's own.

        Raises `RerankingFailed`.
        """
        ...
