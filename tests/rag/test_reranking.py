"""The second look at the passages found: by the query's words, or by a model where there is one."""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.knowledge import Knowledge, knowledge_base
from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding.reference import reference_available
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.adapters.reranking import CrossEncoderReranker
from tillhand_rag.adapters.reranking.cross_encoder import MOST_WAITING, Load
from tillhand_rag.domain.fusion import Fused
from tillhand_rag.domain.query import Query
from tillhand_rag.domain.reordering import reordered
from tillhand_rag.ports.reranking import Judged, Reranker, RerankerState, RerankingFailed
from tillhand_rag.service.search import Search

WORDS = ["brake", "pads", "worn", "red", "light", "helmet"]
TEXTS = ["The brake is red.", "Worn pads of a brake.", "Worn brake pads are replaced.", "A helmet."]


def found(scores: Sequence[float], *, keyword: bool = True) -> list[Fused]:
    return [
        Fused(place, score, place + 1, 0.5, place + 1 if keyword else None, 1.0) for place, score in enumerate(scores)
    ]


# --- by words ---------------------------------------------------------------------------------------------------------


def test_a_passage_that_holds_all_words_side_by_side_comes_first_among_equals() -> None:
    assert [each.chunk_id for each in reordered("worn brake pads", found([1.0] * 4), TEXTS)] == [2, 1, 0, 3]


def test_a_far_better_passage_stays_before_one_with_more_words() -> None:
    assert reordered("worn brake pads", found([9.0, 1.0, 1.0, 1.0]), TEXTS)[0].chunk_id == 0


def test_words_are_found_in_every_form_and_a_short_one_only_whole() -> None:
    texts = ["The battery lasts.", "Nothing."]
    assert reordered("batteries", found([1.0, 1.0]), texts)[0].score > 1.0
    assert [each.score for each in reordered("car", found([1.0, 1.0]), ["A cargo bike.", "A card."])] == [1.0, 1.0]


def test_passages_of_one_list_keep_their_order_and_scores() -> None:
    alone = found([3.0, 2.0, 1.0, 0.5], keyword=False)
    assert reordered("worn brake pads", alone, TEXTS) == alone


@given(
    scores=st.lists(st.floats(-5, 5), max_size=8).map(lambda scores: sorted(scores, reverse=True)),
    query=st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join),
    texts=st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), min_size=8, max_size=8),
)
def test_no_passage_is_lost_or_made_worse(scores: list[float], query: str, texts: list[str]) -> None:
    before = found(scores)
    after = reordered(query, before, texts[: len(scores)])
    assert sorted(each.chunk_id for each in after) == [each.chunk_id for each in before]
    assert [each.score for each in after] == sorted((each.score for each in after), reverse=True)
    assert all(each.score >= scores[each.chunk_id] for each in after)


# --- by a model -------------------------------------------------------------------------------------------------------


class Favouring:
    """A `Reranker` that prefers passages with a word, or fails."""

    def __init__(self, word: str, *, depth: int = 30, fails: bool = False) -> None:
        self.name = word
        self.depth = depth
        self.state: RerankerState = "unavailable" if fails else "ready"
        self.judged: list[Judged] = []

    async def rerank(self, query: str, passages: Sequence[Judged]) -> Sequence[float]:
        self.judged = list(passages)
        assert query == "worn brake pads"
        if self.state == "unavailable":
            raise RerankingFailed("out of order")
        return [float(self.name in passage.text) for passage in passages]


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path) as opened:
        await opened.put("brakes.md", "# Brakes\n\nWorn brake pads are replaced.\n")
        await opened.put("tyres.md", "# Tyres\n\nA worn tyre takes sealant, brake pads do not.\n")
        await opened.put("light.md", "# Lights\n\nA red light shines.\n")
        yield opened


async def sources(base: Knowledge, reranker: Reranker | None, *, mode: str = "hybrid", top_k: int = 10) -> list[str]:
    index = base.app.state.rag.indexes.of("default")
    search = Search(
        store=index.store, embedder=index.embedder, observer=PrometheusObserver(Metrics("test")), reranker=reranker
    )
    assert mode in {"hybrid", "dense", "keyword"}
    query = Query("worn brake pads", "default", mode, top_k=top_k)  # type: ignore[arg-type]  # checked above
    return [passage.chunk.source for passage in (await search.search(query)).passages]


async def test_a_model_orders_what_was_found_and_reads_titles_too(base: Knowledge) -> None:
    favouring = Favouring("sealant")
    assert (await sources(base, None))[0] == "brakes.md"
    assert (await sources(base, favouring))[0] == "tyres.md"
    assert any("Tyres" in passage.text for passage in favouring.judged)


async def test_a_model_sees_more_passages_than_are_asked_for_and_no_more_than_its_depth(base: Knowledge) -> None:
    assert await sources(base, Favouring("sealant"), top_k=1) == ["tyres.md"]
    shallow = Favouring("sealant", depth=1)
    assert (await sources(base, shallow))[0] == "brakes.md"
    assert len(shallow.judged) == 1


async def test_without_the_model_searches_go_on_in_the_order_of_words(base: Knowledge) -> None:
    assert await sources(base, Favouring("sealant", fails=True)) == await sources(base, None)


@pytest.mark.parametrize("mode", ["dense", "keyword"])
async def test_a_single_list_is_left_as_it_is(base: Knowledge, mode: str) -> None:
    favouring = Favouring("sealant")
    assert await sources(base, favouring, mode=mode) == await sources(base, None, mode=mode)
    assert not favouring.judged


# --- the adapter ------------------------------------------------------------------------------------------------------


class Judge:
    """A model that gives these scores once it is let."""

    def __init__(self, score: float = 0.5) -> None:
        self.score = score
        self.let = threading.Event()
        self.let.set()

    def predict(self, inputs: Sequence[tuple[str, str]], *, batch_size: int, show_progress_bar: bool) -> list[float]:
        assert batch_size > 0
        assert not show_progress_bar
        assert self.let.wait(10)
        if self.score < 0:
            raise RuntimeError("out of memory")
        return [self.score] * len(inputs)


async def test_a_model_that_fails_is_unavailable_until_it_judges_again() -> None:
    judge = Judge()
    reranker = await loaded("judge", lambda: judge)
    for score in (math.nan, -1.0):
        judge.score = score
        with pytest.raises(RerankingFailed, match=r"not finite|out of memory"):
            await reranker.rerank("worn brake", PASSAGES)
        assert reranker.state == "unavailable"
    judge.score = 0.5
    assert await reranker.rerank("worn brake", PASSAGES) == [0.5] * 3
    assert reranker.state == "ready"
    await reranker.close()


async def test_who_would_wait_behind_too_many_goes_without() -> None:
    judge = Judge()
    reranker = await loaded("judge", lambda: judge)
    judge.let.clear()
    waiting = [asyncio.create_task(reranker.rerank("worn brake", PASSAGES)) for _ in range(MOST_WAITING + 1)]
    await asyncio.sleep(0)
    with pytest.raises(RerankingFailed, match="wait"):
        await reranker.rerank("worn brake", PASSAGES)
    judge.let.set()
    async with asyncio.timeout(10):
        assert await asyncio.gather(*waiting) == [[0.5] * 3] * (MOST_WAITING + 1)
    await reranker.close()


needs_torch = pytest.mark.skipif(not reference_available(), reason="torch is not installed")
PASSAGES = [Judged(1, "brake pads are worn"), Judged(2, "red light"), Judged(3, "helmet")]


def cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    """A tiny cross-encoder with random weights: it judges by nothing, but it runs."""
    import tokenizers  # noqa: PLC0415  # with torch, which not every machine has
    import torch  # noqa: PLC0415  # as above
    import transformers  # noqa: PLC0415  # as above

    vocabulary = {word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=32, **special).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=32,
        num_labels=labels,
    )
    torch.manual_seed(0)
    transformers.utils.logging.disable_progress_bar()
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    return folder


async def loaded(model: str | Path, load: Load | None = None) -> CrossEncoderReranker:
    reranker = CrossEncoderReranker(model, threads=1, load=load)
    await reranker.start()
    async with asyncio.timeout(60):
        await reranker.loaded()
    return reranker


@needs_torch
@pytest.mark.reference
async def test_a_cross_encoder_of_a_folder_judges_each_passage_with_the_query(tmp_path: Path) -> None:
    reranker = await loaded(cross_encoder(tmp_path))
    assert reranker.state == "ready"
    scores = await reranker.rerank("worn brake", PASSAGES)
    assert json.dumps(scores)
    assert len(set(scores)) == len(PASSAGES)
    again = await reranker.rerank("worn brake", PASSAGES[::-1])
    assert again == pytest.approx(scores[::-1], abs=1e-6)
    assert await reranker.rerank("worn brake", []) == []
    await reranker.close()


@needs_torch
@pytest.mark.reference
@pytest.mark.parametrize("labels", [None, 3])
async def test_a_model_that_is_no_reranker_or_not_there_leaves_searches_without(
    tmp_path: Path, labels: int | None
) -> None:
    folder = tmp_path / "nothing" if labels is None else cross_encoder(tmp_path, labels=labels)
    folder.mkdir(exist_ok=True)
    reranker = await loaded(folder)
    assert reranker.state == "unavailable"
    with pytest.raises(RerankingFailed, match="not loaded"):
        await reranker.rerank("worn brake", PASSAGES)
    await reranker.close()


@needs_torch
@pytest.mark.reference
async def test_the_service_takes_its_reranker_from_the_settings_and_says_how_it_is(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "model")
    async with knowledge_base(tmp_path / "data", reranker=str(folder), rerank_passages=2) as opened:
        await opened.put("brakes.md", "# Brakes\n\nWorn brake pads are replaced.\n")
        await opened.put("light.md", "# Lights\n\nA red light shines.\n")
        async with asyncio.timeout(60):
            await opened.app.state.rag.reranker.loaded()
        hits = await opened.search("worn brake pads")
        scores = [hit["why"]["rerank_score"] for hit in hits]
        assert len(set(scores)) == 2
        assert scores == sorted(scores, reverse=True)
        await opened.refresh()
        assert (await opened.http.get("/ready")).json()["checks"]["reranker"]["status"] == "ok"
        assert 'rag_reranked_searches_total{outcome="judged"} 1.0' in (await opened.http.get("/metrics")).text


async def test_who_asks_before_the_model_is_loaded_goes_without() -> None:
    reranker = CrossEncoderReranker("somewhere", threads=1)
    with pytest.raises(RerankingFailed, match="still loading"):
        await reranker.rerank("worn brake", PASSAGES)
    await reranker.close()
