"""The exact index against brute force, small and large, filtered or not, through additions and removals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.store.exact_index import SCAN_ALL, ExactIndex

DIMENSION = 48


def unit(rng: np.random.Generator, count: int) -> Vectors:
    """Vectors that crowd along a few axes, as those of an embedder do."""
    raw = rng.standard_normal((count, DIMENSION)) * np.geomspace(4.0, 0.2, DIMENSION)
    found: Vectors = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
    return found


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=25),
    passing=st.lists(st.booleans(), min_size=6, max_size=6),
    limit=st.integers(1, 30),
)
@settings(deadline=None)
def test_any_history_is_searched_as_brute_force_would(
    steps: list[tuple[int, int]], passing: list[bool], limit: int
) -> None:
    rng = np.random.default_rng(7)
    index, held = ExactIndex(DIMENSION), dict[int, tuple[NDArray[np.int64], Vectors]]()
    for number, (slot, count) in enumerate(steps):
        if slot in held:
            index.remove(held.pop(slot)[0])
        vectors = unit(rng, count)
        held[slot] = index.add([1000 * number + chunk for chunk in range(count)], slot, vectors), vectors
    query = unit(rng, 1)[0]
    expected = sorted((score for slot in held if passing[slot] for score in held[slot][1] @ query), reverse=True)
    _, scores = index.search(query, np.array(passing), limit)
    assert scores.tolist() == pytest.approx(expected[:limit], abs=1e-5)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
def test_a_large_index_finds_what_brute_force_finds(share: float) -> None:
    rng = np.random.default_rng(11)
    count = 2 * SCAN_ALL
    vectors, index = unit(rng, count), ExactIndex(DIMENSION)
    rows = np.concatenate([index.add([slot], slot, vectors[slot : slot + 1]) for slot in range(count)])
    index.remove(rows[::7])
    alive = np.ones(count, dtype=np.bool_)
    alive[::7] = False
    passing = rng.random(count) < share
    recalled = []
    for query in unit(rng, 20):
        exact = vectors @ query
        exact[~(alive & passing)] = -2.0
        best = np.argsort(-exact)[:50]
        chunks, scores = index.search(query, passing, 50)
        assert alive[chunks].all()
        assert passing[chunks].all()
        np.testing.assert_allclose(scores, vectors[chunks] @ query, atol=1e-5)
        recalled.append(len(set(chunks.tolist()) & set(best.tolist())) / len(best))
    assert np.mean(recalled) >= 0.99


def test_removed_vectors_are_overwritten_and_their_rows_used_again() -> None:
    rng = np.random.default_rng(3)
    index = ExactIndex(DIMENSION)
    rows = index.add([1, 2, 3], 0, unit(rng, 3))
    index.remove(rows)
    assert index.used == 0
    assert not index.cosines(unit(rng, 1)[0], rows).any()
    assert sorted(index.add([4, 5, 6], 1, unit(rng, 3)).tolist()) == sorted(rows.tolist())
