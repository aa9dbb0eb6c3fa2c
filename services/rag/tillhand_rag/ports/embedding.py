"""Texts to vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Unit vectors, shape (texts, dimension)."""


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """Which space a vector lives in; vectors of two spaces are never compared.

    `id` is a digest of weights, pooling, normalisation and precision class. `backend` is the route that serves it.
    """

    id: str
    model: str
    revision: str
    backend: Literal["onnxruntime", "openvino", "sentence-transformers"]
    precision: Literal["float32", "bfloat16"]
    dimension: int
    max_tokens: int
    threads: int


class Tokenizer(Protocol):
    """The embedder's own tokenizer, as far as sizing needs it."""

    def count(self, text: str) -> int:
        """Tokens of `text`, special tokens included, before any truncation."""
        ...

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Half-open code point spans of the tokens of `text`, ascending, no special token, nothing truncated."""
        ...


class Embedder(Protocol):
    """Turns texts into unit vectors, batched across callers, off the event loop."""

    @property
    def space(self) -> EmbeddingSpace: ...

    @property
    def tokenizer(self) -> Tokenizer: ...

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        """One unit vector per text, in order. Raises `EmbedderUnavailable` when the model cannot answer.

        `bulk` marks work that no question may have to wait for.
        """
        ...

    async def forget(self, texts: Sequence[str]) -> None:
        """Remove the vectors of these texts from every cache."""
        ...


class WatchedEmbedder(Embedder, Protocol):
    """An embedder that can be asked whether it still answers."""

    async def probe(self) -> None:
        """Compute something, past every cache. Raises `EmbedderUnavailable`."""
        ...
