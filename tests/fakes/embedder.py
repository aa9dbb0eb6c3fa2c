"""A small deterministic embedder: a bag of hashed words, with a tokenizer that cuts words into pieces."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import EmbeddingSpace, Vectors

DIMENSION = 64
_WORD = re.compile(r"\w+|[^\w\s]")
_PIECE_LENGTH = 6
_SPECIAL_TOKENS = 2


def fake_space(name: str = "hashing", *, dimension: int = DIMENSION, max_tokens: int = 256) -> EmbeddingSpace:
    """The space of a fake embedder; two names are two spaces."""
    return EmbeddingSpace(
        id=hashlib.sha256(f"{name}-{dimension}".encode()).hexdigest(),
        model=name,
        revision="1",
        backend="onnxruntime",
        precision="float32",
        dimension=dimension,
        max_tokens=max_tokens,
        threads=1,
    )


class PieceTokenizer:
    """Words, cut into pieces of at most six characters; punctuation stands alone; two special tokens per text."""

    def count(self, text: str) -> int:
        return _SPECIAL_TOKENS + len(self.offsets(text))

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return list(_pieces(text))


class HashingEmbedder:
    """An `Embedder` without a model: texts that share words are near each other, equal texts have equal vectors.

    `calls` holds the texts of each call, in order; `called` is set with the first. While `available` is false every
    call raises `EmbedderUnavailable`, and so does one with the words `fails_on` in it; while `gate` is cleared every
    call waits, so that a test can hold calls in flight.
    """

    def __init__(self, name: str = "hashing", *, max_tokens: int = 256) -> None:
        self.space = fake_space(name, max_tokens=max_tokens)
        self.tokenizer = PieceTokenizer()
        self.calls: list[list[str]] = []
        self.forgotten: list[str] = []
        self.available = True
        self.fails_on: str | None = None
        self.called = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def embedded(self) -> list[str]:
        """Every text that was embedded, over all calls."""
        return [text for call in self.calls for text in call]

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to release."""

    async def probe(self) -> None:
        """Raises `EmbedderUnavailable` while `available` is false."""
        if not self.available:
            raise EmbedderUnavailable("The fake embedder was told to be unavailable.")

    async def forget(self, texts: Sequence[str]) -> None:
        """There is no cache to forget from; `forgotten` holds what was asked for."""
        self.forgotten.extend(texts)

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:  # noqa: ARG002  # one lane for all
        self.calls.append(list(texts))
        self.called.set()
        await self.gate.wait()
        if not self.available or (self.fails_on is not None and any(self.fails_on in text for text in texts)):
            raise EmbedderUnavailable("The fake embedder was told to be unavailable.")
        return hashed_vectors(texts)


def hashed_vectors(texts: Sequence[str]) -> Vectors:
    """One unit vector per text, shape (texts, 64); a text without words gets the first axis."""
    vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    for row, text in zip(vectors, texts, strict=True):
        _add_words(row, text)
    return vectors


def _add_words(row: NDArray[np.float32], text: str) -> None:
    for word in _WORD.findall(text.lower()):
        digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        row[digest[0] % DIMENSION] += 1.0 if digest[1] % 2 else -1.0
        row[digest[2] % DIMENSION] += 1.0 if digest[3] % 2 else -1.0
    length = float(np.linalg.norm(row))
    if length:
        row /= length
    else:
        row[0] = 1.0


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    for word in _WORD.finditer(text):
        for start in range(word.start(), word.end(), _PIECE_LENGTH):
            yield start, min(start + _PIECE_LENGTH, word.end())
