"""Words are found in all their forms, part numbers as wholes, and nothing in a query is syntax."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tillhand_rag.store.keyword_index import KeywordIndex
from tillhand_rag.store.records import Indexable, Passage
from tillhand_rag.store.schema import chunk_key, document_of

TEXTS = {
    1: ("Returns and refunds", "You may send back unworn goods within thirty days of delivery."),
    2: ("Brake pads", "Organic brake pads AB-1234/X for hydraulic calipers, sold in pairs."),
    3: ("Brake pads", "Metallic brake pads AB-1235/X for hydraulic calipers, sold in pairs."),
    4: ("Chains", "Chain with 114 links. Returning a chain that was ridden is not possible."),
    5: ("Café lights", "Battery light for the café terrace; order number 90210, drawing v2.1."),
}


def indexable(key: int, title: str, text: str, **fields: str) -> Indexable:
    return Indexable(key, title, fields, [Passage(chunk_key(key, 0), (), text)], np.zeros((1, 4), dtype=np.float32))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeywordIndex]:
    index = KeywordIndex.create(tmp_path_factory.mktemp("words") / "1", "store")
    index.apply({key: indexable(key, *text, sku=f"TH-{key:03d}-Z") for key, text in TEXTS.items()})
    yield index
    index.close()


def hits(index: KeywordIndex, query: str) -> list[int]:
    return [document_of(chunk) for chunk, _ in index.search(query, 10)]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("refunding", 1),
        ("Can I return a chain?", 4),
        ("AB-1234/X", 2),
        ("ab1235x", 3),
        ("do you have brake pads AB-1235/X in stock", 3),
        ("order 90210", 5),
        ("cafe", 5),
        ("drawing V2.1", 5),
        ("TH-003-Z", 3),
    ],
)
def test_the_right_document_comes_first(index: KeywordIndex, query: str, best: int) -> None:
    assert hits(index, query)[0] == best


@pytest.mark.parametrize(("query", "best"), [("hydrualic", 2), ("refunts", 1), ("terace", 5)])
def test_a_word_that_no_document_has_finds_one_that_is_spelt_alike(index: KeywordIndex, query: str, best: int) -> None:
    assert best in hits(index, query)


def test_a_known_word_and_a_number_are_taken_as_they_are(index: KeywordIndex) -> None:
    assert hits(index, "pairs") == hits(index, "pair") == [2, 3]
    assert hits(index, "order 90211") == [5]
    assert hits(index, "90211") == []
    assert hits(index, "AB-1236/X") == hits(index, "AB X")


def test_a_word_in_the_title_weighs_more_than_one_in_the_text(index: KeywordIndex) -> None:
    assert hits(index, "returns")[0] == 1


def test_a_word_said_twice_counts_once(index: KeywordIndex) -> None:
    assert index.search("brake brake brake calipers", 10) == index.search("brake calipers", 10)


@pytest.mark.parametrize("query", ["", "   ", "the of and", "?!", "\x00", "🚲"])
def test_a_query_without_words_finds_nothing(index: KeywordIndex, query: str) -> None:
    assert hits(index, query) == []


@pytest.mark.parametrize(
    "query",
    ['title:"', "words:brake", "brake AND (", "-brake", "+brake", "brake~2", "bra*", '"brake pads', "brake^9", "[a TO"],
)
def test_what_looks_like_syntax_is_text(index: KeywordIndex, query: str) -> None:
    assert set(hits(index, query)) <= {2, 3}


@given(query=st.text(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_valid_query(index: KeywordIndex, query: str) -> None:
    scores = [score for _, score in index.search(query, 10)]
    assert scores == sorted(scores, reverse=True)


def test_a_search_can_be_kept_to_some_documents(index: KeywordIndex) -> None:
    everywhere = {document_of(chunk): score for chunk, score in index.search("brake pads", 10)}
    only = {document_of(chunk): score for chunk, score in index.search("brake pads", 10, [3, 4])}
    assert only == {3: pytest.approx(everywhere[3])}


def test_documents_are_replaced_and_removed(tmp_path: Path) -> None:
    index = KeywordIndex.create(tmp_path / "1", "store")
    index.apply({key: indexable(key, *text) for key, text in TEXTS.items()})
    index.apply({2: indexable(2, "Rim brakes", "Blocks of rubber."), 3: None})
    assert len(index) == 4
    assert hits(index, "hydraulic AB-1234/X AB-1235/X") == []
    assert hits(index, "rubber") == [2]
    index.close()


def test_an_index_is_opened_again_only_by_its_own_store(tmp_path: Path) -> None:
    index = KeywordIndex.create(tmp_path / "1", "ours")
    index.apply({1: indexable(1, *TEXTS[1])})
    assert KeywordIndex.open(tmp_path / "1", "ours") is None, "it was not said how far it has come"
    index.advance(7)
    index.close()
    assert KeywordIndex.open(tmp_path / "1", "theirs") is None
    again = KeywordIndex.open(tmp_path / "1", "ours")
    assert again is not None
    assert (again.mark.sequence, hits(again, "refund")) == (7, [1])
    again.close()
