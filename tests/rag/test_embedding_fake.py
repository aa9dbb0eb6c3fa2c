"""The fake embedder keeps the promises that tests of other parts rest on."""

from __future__ import annotations

import numpy as np

from tests.fakes.embedder import HashingEmbedder, PieceTokenizer
from tillhand_rag.ports.embedding import Embedder


async def test_equal_texts_are_equal_and_related_texts_are_near() -> None:
    embedder: Embedder = HashingEmbedder()
    vectors = await embedder.embed(["a red kettle", "a red kettle", "one red kettle please", "returns within 30 days"])
    assert vectors.shape == (4, embedder.space.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-6)
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[3]


def test_offsets_are_the_pieces_that_are_counted() -> None:
    tokenizer = PieceTokenizer()
    text = "Refrigerators, two."
    assert [text[start:end] for start, end in tokenizer.offsets(text)] == ["Refrig", "erator", "s", ",", "two", "."]
    assert tokenizer.count(text) == 8
