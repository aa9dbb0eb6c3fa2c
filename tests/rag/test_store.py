"""The store through its port: what is put is found, what is removed is gone, and nothing leaks."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.fakes.shelved import document, found, opened, vector
from tillhand_rag.domain.documents import IndexedDocument
from tillhand_rag.domain.filters import Condition
from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports.store import KnowledgeStore


async def test_a_document_put_is_found_by_meaning_and_by_words_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        port: KnowledgeStore = store
        text = "Returns are accepted within thirty days of delivery."
        [record] = await port.put("default", [document("returns", text, attributes={"lang": "en"})])
        near = await port.dense("default", vector("accepted within thirty days"), where=(), limit=3)
        worded = await port.keyword("default", "accepting a return", where=(), limit=3)
        [best] = await port.chunks("default", [near[0].chunk_id])
        assert (record.characters, record.chunks, record.attributes) == (len(text), 2, {"lang": "en"})
        assert text[best.start : best.end] == best.text
        assert near[0].chunk_id in {candidate.chunk_id for candidate in worded}
        assert await port.get("default", "returns") == record
        assert await port.text("default", "returns") is not None


async def test_a_replaced_document_keeps_its_birthday_and_loses_its_old_words(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        [first] = await store.put("default", [document("policy", "the obsolete wording of a long clause we dropped")])
        [second] = await store.put("default", [document("policy", "something entirely different")])
        assert second.created_at == first.created_at
        assert second.version != first.version
        assert await store.keyword("default", "obsolete clause", where=(), limit=5) == []
        assert len(await store.dense("default", vector("different"), where=(), limit=5)) == second.chunks == 1


async def test_a_deleted_document_is_gone_from_every_view(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document("one", "a blue kettle"), document("two", "a red kettle")])
        assert await store.delete("default", "one")
        assert not await store.delete("default", "one")
        assert await store.get("default", "one") is None
        assert await store.text("default", "one") is None
        assert await store.versions("default", ["one", "two"]) == {
            "two": document("two", "a red kettle").parsed.version
        }
        assert await found(store, "kettle") == {"two"}


async def test_an_upload_replaces_and_removes_in_one_step(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("shop", [document(name, f"record {name}", source="products.csv") for name in ("a", "b", "c")])
        await store.put("shop", [document("a", "record a anew", source="products.csv")], remove=["b", "a", "unknown"])
        assert await store.of_sources("shop", ["products.csv", "none"]) == ["a", "c"]
        assert await found(store, "record", collection="shop") == {"a", "c"}


async def test_documents_are_listed_by_id_in_pages(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document(f"d{number}", "some text") for number in (3, 1, 4, 2, 0)])
        first = await store.list("default", after=None, limit=2)
        second = await store.list("default", after=first[-1].document_id, limit=9)
        assert [record.document_id for record in [*first, *second]] == ["d0", "d1", "d2", "d3", "d4"]


async def test_collections_never_see_one_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("ours", [document("shared-id", "our secret recipe")])
        await store.put("theirs", [document("shared-id", "their secret recipe")])
        [ours] = await store.dense("ours", vector("secret recipe"), where=(), limit=9)
        assert (await store.chunks("ours", [ours.chunk_id]))[0].text == "our secret recipe"
        assert await store.chunks("theirs", [ours.chunk_id]) == []
        assert await store.similarity("theirs", vector("secret"), [ours.chunk_id]) == {}
        assert await store.keyword("ours", "their", where=(), limit=9) == []
        assert await store.delete("ours", "shared-id")
        assert await found(store, "secret", collection="theirs") == {"shared-id"}


async def test_how_common_a_word_is_in_one_collection_does_not_show_in_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("ours", [document("a", "a rare word"), document("b", "another one")])
        before = await store.keyword("ours", "rare", where=(), limit=1)
        await store.put("theirs", [document(f"t{number}", "rare rare rare") for number in range(20)])
        assert await store.keyword("ours", "rare", where=(), limit=1) == before


def writing_threads() -> int:
    """Threads of keyword indexes that are open for writing."""
    names = [(task / "comm").read_text() for task in Path("/proc/self/task").iterdir()]
    return sum(name.startswith(("merge_thread", "segment_updater", "thrd-tantivy")) for name in names)


async def test_many_collections_do_not_keep_many_threads(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        for number in range(24):
            await store.put(f"c{number}", [document("a", f"text {number}")])
        assert 0 < writing_threads() <= 8 * 6
        await store.put("c0", [document("b", "written again")])
        assert await found(store, "again", collection="c0") == {"a", "b"}


async def test_a_deleted_collection_is_gone_and_can_be_begun_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document("old", "an old text")])
        assert await store.delete_collection("default")
        assert not await store.delete_collection("default")
        assert await store.collections() == []
        assert await store.dense("default", vector("old"), where=(), limit=5) == []
        await store.put("default", [document("new", "a new text")])
        assert await found(store, "text") == {"new"}


async def test_an_unknown_collection_is_empty(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        assert await store.put("nowhere", [], remove=["a"]) == []
        assert await found(store, "anything", collection="nowhere") == set()
        assert await store.collections() == []


async def test_filters_hold_in_both_lists(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        brands = ("Aster", "Birch")
        await store.put(
            "shop",
            [
                document(f"lamp{n}", f"bicycle lamp {n}", attributes={"brand": brands[n % 2], "price": n})
                for n in range(8)
            ],
        )
        where = [Condition("brand", "eq", "Birch"), Condition("price", "gte", 3)]
        for candidates in (
            await store.dense("shop", vector("bicycle lamp"), where=where, limit=9),
            await store.keyword("shop", "bicycle lamp", where=where, limit=9),
        ):
            chunks = await store.chunks("shop", [candidate.chunk_id for candidate in candidates])
            assert {chunk.document_id for chunk in chunks} == {"lamp3", "lamp5", "lamp7"}


async def test_the_fields_of_every_document_can_be_filtered(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document("a", "one text", source="x.md"), document("b", "one text", source="y.md")])
        for attribute, value in (("source", "y.md"), ("document_id", "b")):
            where = [Condition(attribute, "eq", value), Condition("media_type", "eq", "text/plain")]
            [candidate] = await store.dense("default", vector("text"), where=where, limit=9)
            [chunk] = await store.chunks("default", [candidate.chunk_id])
            assert chunk.document_id == "b"


async def test_similarity_says_what_the_dense_list_would(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document("a", "one two three four five six seven"), document("b", "eight nine")])
        near = await store.dense("default", vector("three eight"), where=(), limit=9)
        asked = [candidate.chunk_id for candidate in near]
        cosines = await store.similarity("default", vector("three eight"), [*asked, 10**12])
        assert cosines == pytest.approx({candidate.chunk_id: candidate.score for candidate in near}, abs=1e-6)


async def test_writes_that_come_together_are_all_carried_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        async with asyncio.TaskGroup() as tasks:
            for number in range(40):
                tasks.create_task(store.put(f"c{number % 3}", [document(f"d{number}", f"text number {number}")]))
        assert {stats.name: stats.documents for stats in await store.collections()} == {"c0": 14, "c1": 13, "c2": 13}


async def test_a_document_whose_parts_do_not_fit_is_refused_and_spoils_no_other(tmp_path: Path) -> None:
    good, bad = document("good", "fine"), document("bad", "text", source="not \ud800 text")
    short = document("short", "one two three four five six")
    short = type(short)(short.document_id, short.source, short.parsed, short.chunks, short.vectors[:-4])
    async with opened(tmp_path) as store:
        with pytest.raises(ValueError, match="as many vectors"):
            await store.put("default", [short])
        outcomes = await asyncio.gather(
            store.put("default", [good]), store.put("default", [bad]), return_exceptions=True
        )
        assert isinstance(outcomes[1], ValueError)
        assert await found(store, "fine") == {"good"}
        assert [stats.documents for stats in await store.collections()] == [1]


async def test_a_caller_that_stops_waiting_does_not_stop_its_write(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        task = asyncio.create_task(store.put("default", [document("a", "some text")]))
        await asyncio.sleep(0)
        task.cancel()
        await store.put("default", [document("b", "some text")])
        assert await found(store, "text") == {"a", "b"}


async def test_a_closed_store_takes_no_writes_and_answers_no_reads(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        pass
    with pytest.raises(StoreUnavailable):
        await store.put("default", [document("a", "too late")])
    with pytest.raises(StoreUnavailable):
        await store.get("default", "a")


async def test_closing_waits_for_the_writes_that_have_begun(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        writes = [asyncio.create_task(store.put("default", [document(f"d{n}", "some text")])) for n in range(9)]
        await asyncio.sleep(0)
    assert len(await asyncio.gather(*writes)) == 9
    async with opened(tmp_path) as store:
        assert [stats.documents for stats in await store.collections()] == [9]


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(12)]
    async with opened(tmp_path) as store:
        await store.put("default", [document(name, f"text of {name} in words") for name in names])
        await store.delete("default", "d3")
        before = await store.dense("default", vector("text of d5"), where=(), limit=50)
        words = await store.keyword("default", "text d5", where=(), limit=50)
    async with opened(tmp_path) as store:
        assert store.status().rebuilds == 0
        assert await store.keyword("default", "text d5", where=(), limit=50) == words
        after = await store.dense("default", vector("text of d5"), where=(), limit=50)
        assert sorted(after, key=lambda c: c.chunk_id) == sorted(before, key=lambda c: c.chunk_id)
        await store.settled()
        assert store.status().vector_index == "ready"


async def test_a_reader_never_sees_two_versions_of_a_document_or_half_of_one(tmp_path: Path) -> None:
    names, versions = ("a", "b", "c"), range(12)
    async with opened(tmp_path) as store:

        def revision(number: int) -> list[IndexedDocument]:
            words = " ".join(f"revision{number}" for _ in range(3 + 7 * (number % 4)))
            return [document(name, f"{name} {words}") for name in names]

        async def write() -> None:
            for number in versions:
                await store.put("default", revision(number))

        await store.put("default", revision(0))
        writing = asyncio.create_task(write())
        while not writing.done():
            near = await store.dense("default", vector("revision"), where=(), limit=99)
            chunks = await store.chunks("default", [candidate.chunk_id for candidate in near])
            assert {chunk.document_id for chunk in chunks} == set(names)
            for name in names:
                own = [chunk for chunk in chunks if chunk.document_id == name]
                assert len({chunk.version for chunk in own}) == 1
                assert len({word for chunk in own for word in chunk.text.split() if word != name}) == 1
        await writing


async def test_writes_show_in_a_keyword_index_that_was_lost_under_the_running_store(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document("a", "some text")])
        shutil.rmtree(tmp_path / "keywords")
        await store.put("default", [document("b", "some text")])
        assert len(await store.keyword("default", "text", where=(), limit=9)) == 2
        assert store.status().rebuilds == 1


async def test_a_write_that_cannot_be_shown_is_not_acknowledged_and_shows_once_it_can(tmp_path: Path) -> None:
    keywords = tmp_path / "keywords"
    async with opened(tmp_path) as store:
        await store.put("default", [document("a", "some text")])
        shutil.rmtree(keywords)
        keywords.touch()
        with pytest.raises(StoreUnavailable):
            await store.put("default", [document("b", "some text")])
        with pytest.raises(StoreUnavailable):
            await store.put("default", [document("c", "some text")])
        keywords.unlink()
        await store.put("default", [document("d", "some text")])
        assert await found(store, "text") == {"a", "b", "d"}
        assert len(await store.keyword("default", "text", where=(), limit=9)) == 3


async def test_a_very_large_collection_is_asked_in_the_vector_index(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document(f"d{number}", f"item {number} of many") for number in range(30)])
        exact = await store.dense("default", vector("item of many"), where=(), limit=5)
        await store.settled()
    async with opened(tmp_path, approximate_from=20) as store:
        await store.put("default", [document("other", "something else")])
        await store.settled()
        near = await store.dense("default", vector("item of many"), where=(), limit=5)
        assert [candidate.score for candidate in near] == pytest.approx([c.score for c in exact], abs=1e-5)
        await store.delete("default", "d7")
        await store.settled()
        near = await store.dense("default", vector("item 7 of many"), where=(), limit=99)
        chunks = await store.chunks("default", [candidate.chunk_id for candidate in near])
        assert len(chunks) == len(near) == 30
        assert store.status().vector_index_queries == 2
        assert "d7" not in {chunk.document_id for chunk in chunks}
