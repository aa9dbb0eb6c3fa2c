"""Which words the documents of a collection hold, in whatever form."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.shelved import document, opened


async def test_a_word_is_known_in_every_form_of_it_and_only_where_a_document_has_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("shop", [document("a", "Returned helmets of the Café go back within 30 days, says Wexcombe.")])
        await store.put("other", [document("b", "Jane has a kettle.")])
        asked = ["Return", "helmet", "CAFE", "30", "WEXCOMBE", "The", "Jane", "31", "x" * 70]
        assert await store.known("shop", asked) == {"Return", "helmet", "CAFE", "30", "WEXCOMBE", "The"}
        assert await store.known("other", asked) == {"The", "Jane"}
        assert await store.known("nowhere", asked) == frozenset()
        assert await store.known("shop", []) == frozenset()


async def test_a_word_of_a_replaced_document_is_not_known_for_long(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("shop", [document("a", "Jane has a kettle.")])
        await store.put("shop", [document("a", "Nobody has a kettle.")])
        await store.erase()
        assert await store.known("shop", ["Jane", "kettle"]) == {"kettle"}
