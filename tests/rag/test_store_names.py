"""What an upload replaces is found by name, and nothing else is."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.shelved import document, opened


async def test_a_source_is_never_taken_for_another_one_that_begins_like_it(tmp_path: Path) -> None:
    sources = ["a", "a\0b", "a'b", "ä"]
    async with opened(tmp_path) as store:
        await store.put("shop", [document(f"d{n}", f"record {n}", source=name) for n, name in enumerate(sources)])
        for number, name in enumerate(sources):
            assert await store.of_sources("shop", [name]) == [f"d{number}"]
        assert await store.of_sources("shop", sources) == ["d0", "d1", "d2", "d3"]


async def test_the_records_of_a_file_are_found_by_its_name_and_nothing_else_is(tmp_path: Path) -> None:
    names = ["faq", "faq:1", "faq:2", "faq2:1", "fa:1", "faq-x"]
    async with opened(tmp_path) as store:
        await store.put("shop", [document(name, "a record") for name in names])
        await store.put("other", [document("faq:3", "a record")])
        assert await store.parts("shop", ["faq", "fa", "none"]) == ["fa:1", "faq:1", "faq:2"]
