"""Answers that are given again: only as long as they hold, only to whom they may be given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.knowledge import Knowledge, knowledge_base
from tests.rag.test_http_answer_streams import STREAM, streamed
from tests.rag.test_http_answers import QUESTION, TRUE, writing
from tests.rag.test_http_questions import SHIPPING
from tillhand_common import keys
from tillhand_common.testing import FakeClock
from tillhand_rag.ports.store import ChunkRecord
from tillhand_rag.service.answer_cache import AnswerCache, CacheOptions
from tillhand_rag.service.answers import Answered, Cited


async def ask(base: Knowledge, question: str = QUESTION, *, control: str = "", **fields: object) -> httpx.Response:
    headers = {"cache-control": control} if control else {}
    answer = await base.http.post("/v1/answers", json={"question": question, **fields}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def looks(base: Knowledge) -> dict[str, int]:
    """How often the cache was looked into, by result."""
    text = (await base.http.get("/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith("rag_answer_cache_total{")]
    return {line.split('"')[1]: int(float(line.rsplit(" ", 1)[1])) for line in lines}


async def test_an_equal_question_is_answered_once_and_the_second_answer_says_so(tmp_path: Path) -> None:
    async with writing(tmp_path, TRUE) as (base, chat):
        first, second = await ask(base), await ask(base, f"  {QUESTION[0].lower()}{QUESTION[1:]} ")
        streams = await streamed(base)
        assert await looks(base) == {"hit": 2, "miss": 1}
    assert len(chat.asked) == 1
    assert (first.json()["cached"], second.json()["cached"], streams[-1][1]["cached"]) == (False, True, True)
    assert "age" not in first.headers
    assert second.headers["age"] == "0"
    assert second.json()["id"] != first.json()["id"], "feedback is given on each answer by itself"
    same = {"answer", "citations", "sentences", "usage", "prompt"}
    assert {name: second.json()[name] for name in same} == {name: first.json()[name] for name in same}
    assert [name for name, _ in streams] == ["sources", "token", "done"]
    assert streams[0][1]["sources"]


@pytest.mark.parametrize(
    "other",
    [
        {"question": "what do parcels to austria cost?"},
        {"method": "extractive"},
        {"mode": "keyword"},
        {"max_citations": 1},
        {"max_tokens": 100},
        {"unsupported": "mark"},
        {"filters": {"record": 1}},
    ],
)
async def test_a_question_that_is_put_differently_is_another_one(tmp_path: Path, other: dict[str, Any]) -> None:
    async with writing(tmp_path, TRUE, TRUE) as (base, _):
        await ask(base)
        assert (await ask(base, **{"question": QUESTION, **other})).json()["cached"] is False


async def test_every_write_to_the_collection_makes_its_answers_void(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        document = (await base.put("shipping.md", SHIPPING))["documents"][0]["id"]
        assert "9.90" in (await ask(base)).json()["answer"]
        assert (await ask(base)).json()["cached"] is True
        await base.put("elsewhere.md", "Nothing.", collection="other")
        assert (await ask(base)).json()["cached"] is True, "another collection is another matter"
        await base.put("shipping.md", SHIPPING.replace("9.90", "11.90"))
        changed = (await ask(base)).json()
        assert (changed["cached"], "11.90" in changed["answer"]) == (False, True)
        assert (await base.http.delete(f"/v1/documents/{document}")).status_code == 204
        gone = (await ask(base)).json()
        assert (gone["cached"], gone["answered"]) == (False, False)
        await base.put("shipping.md", SHIPPING)
        assert (await base.http.delete("/v1/collections/default")).status_code == 204
        await base.put("shipping.md", SHIPPING.replace("9.90", "12.90"))
        assert "12.90" in (await ask(base)).json()["answer"], "a collection of the same name is another one"


async def test_a_kept_answer_never_crosses_keys_that_see_other_collections(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        await base.put("shipping.md", SHIPPING)
        await ask(base)
        store = keys.KeyStore(keys.store_path(base.data_dir))
        for name, options in (("narrow", {"collections": ["default"]}), ("elsewhere", {"tenant": "another"})):
            token = store.create(name, "service", **options).token
            base.http.headers["authorization"] = f"Bearer {token}"
            assert (await ask(base)).json()["cached"] is False, name
            assert (await ask(base)).json()["cached"] is True, name


async def test_a_request_decides_whether_it_takes_or_leaves_a_kept_answer(tmp_path: Path) -> None:
    async with writing(tmp_path, TRUE, TRUE, TRUE) as (base, chat):
        assert (await ask(base, control="no-store")).json()["cached"] is False
        assert (await ask(base)).json()["cached"] is False, "the one before was not to be kept"
        assert (await ask(base, control="max-age=0, no-cache")).json()["cached"] is False
        fresh = await base.http.post(
            "/v1/answers", json={"question": QUESTION}, headers={**STREAM, "cache-control": "max-age=60"}
        )
        assert '"cached":true' in fresh.text
        assert await looks(base) == {"bypass": 2, "miss": 1, "hit": 1}
    assert len(chat.asked) == 3


async def test_what_stood_in_for_a_failing_model_is_not_kept(tmp_path: Path) -> None:
    async with writing(tmp_path, "Nothing that is true.", TRUE) as (base, _):
        assert (await ask(base)).json()["fallback"]["reason"] == "unsupported"
        second = (await ask(base)).json()
    assert (second["cached"], second["fallback"]) == (False, None)


def answered(words: str, quotes: Sequence[str] = ()) -> Answered:
    chunk = ChunkRecord(1, "d", "s", "t", "v", 0, 0, 9, "text", (), None, {}, "")
    return Answered(words, 1.0, 0.3, [Cited(chunk, 0, 4, quote, 1.0) for quote in quotes], 0.0, 0.0)


def test_the_cache_is_bounded_in_number_and_forgets_what_was_used_least_recently() -> None:
    cache = AnswerCache(CacheOptions(max_entries=2))
    for key in "ab":
        cache.put(key, answered(key))
    assert cache.get("a")
    cache.put("c", answered("c"))
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]


def test_the_cache_is_bounded_in_bytes_and_counts_what_an_answer_holds() -> None:
    cache = AnswerCache(CacheOptions(max_bytes=100_000))
    cache.put("huge", answered("x" * 200_000))
    assert (len(cache), cache.weight) == (0, 0)
    for number in range(20):
        cache.put(number, answered("short", ["q" * 20_000]))
    assert 0 < len(cache) < 5
    assert cache.weight <= 100_000
    cache.put(19, answered("short"))
    assert cache.get(19) is not None
    assert cache.weight <= 100_000


async def test_a_kept_answer_grows_old_and_is_dropped() -> None:
    clock = FakeClock()
    cache = AnswerCache(CacheOptions(max_age_s=60), clock)
    cache.put("a", answered("a"))
    await clock.advance(59)
    assert [age_s for _, age_s in filter(None, [cache.get("a")])] == [59]
    await clock.advance(2)
    assert (cache.get("a"), cache.weight) == (None, 0)


def test_no_room_keeps_nothing() -> None:
    for options in (CacheOptions(max_entries=0), CacheOptions(max_bytes=0)):
        cache = AnswerCache(options)
        cache.put("a", answered("a"))
        assert (cache.get("a"), cache.weight) == (None, 0)
