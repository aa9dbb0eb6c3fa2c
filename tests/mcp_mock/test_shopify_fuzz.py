"""Whatever is searched for, the mock answers; whatever the page size, paging reaches all that was found."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from hypothesis import given
from hypothesis import strategies as st

from tests.mcp_mock.shopify_client import Client
from tillhand_mcp.mock.shopify import Limits
from tillhand_mcp.mock.shopify.search import parse

WORDS = ("status:active", "tag:oak", "-", "(", ")", "OR", "AND", "NOT", '"oak lamp"', "title:o*", "id:>=1003", ":", "'")
DOCUMENT = "query($q: String, $n: Int) { products(first: $n, query: $q) { nodes { id } } }"


@lru_cache
def client() -> Client:
    """One for all examples; not made at import, where the schemas may be missing."""
    return Client(Limits(maximum_available=1e9))


@given(st.text(max_size=60))
def test_any_text_can_be_read_as_a_search(text: str) -> None:
    parse(text)


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_search_is_answered(query: str) -> None:
    asyncio.run(client().ask(DOCUMENT, q=query, n=0))


@given(
    st.integers(1, 9),
    st.sampled_from(["TITLE", "VENDOR", "INVENTORY_TOTAL", "ID", "UPDATED_AT"]),
    st.booleans(),
    st.sampled_from(["", "status:active", "tag:sale OR tag:wool"]),
)
def test_any_page_size_and_order_reach_all_that_was_found(size: int, key: str, reverse: bool, query: str) -> None:
    extra = f', sortKey: {key}, reverse: {str(reverse).lower()}, query: "{query}"'
    paged = [node["id"] for node in asyncio.run(client().every("products", "id", size, extra))]
    whole = [node["id"] for node in asyncio.run(client().every("products", "id", 50, extra))]
    assert paged == whole
    assert len(set(whole)) == len(whole)


def test_a_search_of_nothing_but_parentheses_finds_everything() -> None:
    query = "(" * 5000
    assert len(asyncio.run(client().ask(DOCUMENT, q=query, n=50))["products"]["nodes"]) == 8
