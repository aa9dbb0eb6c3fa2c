"""What corrections rest on: verified when written, and again whenever one is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.knowledge import Knowledge, as_document, knowledge_base

TEXT = "# Payment\n\nWe take cards. Bitcoin is not accepted."
QUOTE = "Bitcoin is not accepted."

NO_SOURCES: tuple[dict[str, object], ...] = (
    {"document_id": "never"},
    {"source": "never.md"},
    {"document_id": "payment", "quote": "Bitcoin is accepted."},
    {"document_id": "payment", "quote": QUOTE, "start": 0, "end": len(QUOTE)},
    {"document_id": "payment", "start": 5, "end": 5},
    {"document_id": "payment", "start": 5, "end": 10_000},
    {"document_id": "payment", "end": 10_000},
)


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path, rate_limit="off") as opened:
        await opened.put("payment.md", TEXT, id="payment")
        yield opened


async def written(base: Knowledge, *sources: dict[str, object], status: int = 201) -> dict[str, Any]:
    body = {
        "match": {"type": "pattern", "pattern": "* bitcoin *"},
        "answer": "No.",
        "author": "Support",
        "last_verified": "2026-01-02T03:04:05Z",
        "sources": list(sources),
    }
    answer = await base.http.put("/v1/corrections/x", json=body)
    assert answer.status_code == status, answer.text
    return as_document(answer)


async def sources(base: Knowledge) -> list[dict[str, Any]]:
    [item] = (await base.http.get("/v1/corrections")).json()["items"]
    assert item == (await base.http.get("/v1/corrections/x")).json()
    found: list[dict[str, Any]] = item["sources"]
    return found


async def test_a_quote_is_found_in_the_stored_text(base: Knowledge) -> None:
    named: dict[str, object] = {"document_id": "payment"}
    [source] = (await written(base, {**named, "quote": QUOTE}))["sources"]
    span = {"start": source["start"], "end": source["end"]}
    stored = (await base.http.get("/v1/documents/payment/text", params=span)).json()
    assert (stored["text"], stored["version"]) == (QUOTE, source["version"])
    assert (source["document_id"], source["source"], source["title"]) == ("payment", "payment.md", "Payment")
    assert source["stale"] is False
    [again] = (await written(base, {**named, **span, "quote": QUOTE}, status=200))["sources"]
    [spanned] = (await written(base, {**named, **span}, status=200))["sources"]
    [by_source] = (await written(base, {"source": "payment.md", "quote": QUOTE}, status=200))["sources"]
    assert by_source == again == spanned == source


async def test_a_source_that_does_not_say_so_is_refused_by_its_place(base: Knowledge) -> None:
    for source in NO_SOURCES:
        told = await written(base, {"url": "https://example.com/a"}, source, status=422)
        assert (told["type"], told["field"]) == ("urn:tillhand:problem:source-not-verified", "body.sources.1"), source


async def test_a_source_that_has_changed_since_is_stale_until_it_says_so_again(base: Knowledge) -> None:
    await written(base, {"document_id": "payment", "quote": QUOTE}, {"document_id": "payment"}, {"url": "https://a.b"})
    first = await sources(base)
    assert [source["stale"] for source in first] == [False, False, False]

    await base.put("payment.md", f"# Payment\n\nNew here: vouchers. {QUOTE}", id="payment")
    moved, whole, page = await sources(base)
    assert (moved["stale"], whole["stale"], page["stale"]) == (False, True, False)
    span = {"start": moved["start"], "end": moved["end"]}
    stored = (await base.http.get("/v1/documents/payment/text", params=span)).json()
    assert (stored["text"], stored["version"]) == (QUOTE, moved["version"])
    assert moved["version"] != first[0]["version"]

    await base.put("payment.md", "# Payment\n\nBitcoin is welcome.", id="payment")
    assert [source["stale"] for source in await sources(base)] == [True, True, False]
    assert (await sources(base))[0] == {**first[0], "stale": True}

    await base.put("payment.md", TEXT, id="payment")
    assert await sources(base) == first
    await base.http.delete("/v1/documents/payment")
    assert [source["stale"] for source in await sources(base)] == [True, True, False]


async def test_a_source_named_by_a_file_of_many_documents_is_not_one(base: Knowledge) -> None:
    products = b'{"id": "A1", "name": "Bell"}\n{"id": "B2", "name": "Horn"}\n'
    assert (await base.upload("parts.jsonl", products)).status_code == 201
    assert len((await base.http.get("/v1/documents")).json()["items"]) == 3
    told = await written(base, {"source": "parts.jsonl"}, status=422)
    assert told["type"] == "urn:tillhand:problem:source-not-verified"


async def test_deleting_the_collection_removes_its_corrections_and_their_history(base: Knowledge) -> None:
    await written(base, {"document_id": "payment"})
    await base.put("a.md", "Other.", collection="other")
    assert (await base.http.delete("/v1/collections/default")).status_code == 204
    assert (await base.http.get("/v1/corrections")).json()["items"] == []
    assert (await base.http.get("/v1/corrections/x/history")).status_code == 404
    trial = await base.http.post("/v1/corrections/match", json={"question": "bitcoin?"})
    assert trial.json() == {"winner": None, "considered": []}


async def test_a_collection_of_corrections_alone_can_be_deleted_once(base: Knowledge) -> None:
    await written(base)
    await base.http.delete("/v1/documents/payment")
    await base.http.delete("/v1/collections/default")
    assert (await base.http.get("/v1/corrections")).json()["items"] == []
    assert (await base.http.delete("/v1/collections/default")).status_code == 404
