"""Two lists become one: nothing is lost, agreement wins, and a list that says nothing decides nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tillhand_rag.domain.fusion import fuse
from tillhand_rag.ports.store import Candidate

SCORES = st.floats(-1.0, 40.0)
LISTS = st.dictionaries(st.integers(0, 50), SCORES, max_size=30).map(
    lambda found: sorted((Candidate(*pair) for pair in found.items()), key=lambda candidate: -candidate.score)
)


@given(dense=LISTS, keyword=LISTS)
def test_every_chunk_comes_once_with_its_place_in_each_list(dense: list[Candidate], keyword: list[Candidate]) -> None:
    fused = fuse(dense, keyword)
    assert [found.score for found in fused] == sorted((found.score for found in fused), reverse=True)
    assert sorted(found.chunk_id for found in fused) == sorted({c.chunk_id for c in [*dense, *keyword]})
    assert fuse(dense, keyword, 3) == fused[:3]
    for found in fused:
        for rank, score, candidates in (
            (found.dense_rank, found.dense_score, dense),
            (found.keyword_rank, found.keyword_score, keyword),
        ):
            if rank is None:
                assert score is None
                assert found.chunk_id not in {candidate.chunk_id for candidate in candidates}
            else:
                assert candidates[rank - 1] == Candidate(found.chunk_id, score or 0.0)


@given(only=LISTS)
def test_a_single_list_keeps_its_order_and_its_scores(only: list[Candidate]) -> None:
    for fused in (fuse(only, []), fuse([], only)):
        assert [(found.chunk_id, found.score) for found in fused] == [(c.chunk_id, c.score) for c in only]


@given(dense=LISTS, keyword=LISTS)
def test_a_chunk_that_is_first_in_both_lists_is_first(dense: list[Candidate], keyword: list[Candidate]) -> None:
    best = Candidate(99, 41.0)
    assert fuse([best, *dense], [best, *keyword])[0].chunk_id == 99


def test_the_one_chunk_that_holds_a_part_number_beats_many_that_are_near() -> None:
    near = [Candidate(chunk, 0.60 - 0.002 * chunk) for chunk in range(100)]
    assert fuse(near, [Candidate(500, 9.0)])[0].chunk_id == 500
    assert fuse(near, [Candidate(99, 9.0)])[0].chunk_id == 99


def test_a_word_that_all_hold_alike_changes_nothing() -> None:
    near = [Candidate(chunk, 0.9 - 0.1 * chunk) for chunk in range(5)]
    fused = fuse(near, [Candidate(chunk, 0.3) for chunk in range(5)])
    assert [found.chunk_id for found in fused] == [0, 1, 2, 3, 4]
