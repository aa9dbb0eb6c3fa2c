"""Many texts in one request, one a line: each is taken or refused by itself, and the line says which."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.knowledge import Knowledge, as_document, knowledge_base
from tests.fakes.waiting import until
from tillhand_common.keys import KeyStore, store_path
from tillhand_rag.routes.lines import MAX_DOCUMENTS, MOST_LINES


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path) as opened:
        yield opened


async def send(base: Knowledge, *lines: object) -> httpx.Response:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return await base.http.post("/v1/documents", content=body, headers={"content-type": "application/x-ndjson"})


def text(source: str, words: str, **fields: object) -> dict[str, object]:
    return {"source": source, "text": words, "media_type": "text/plain", **fields}


async def taken(base: Knowledge, *lines: object) -> dict[str, Any]:
    answer = await send(base, *lines)
    assert answer.status_code == 201, answer.text
    return as_document(answer)


async def test_every_line_becomes_a_document(base: Knowledge) -> None:
    batch = await taken(base, text("a", "Alpha kettle."), b"", text("b", "Beta kettle.", collection="other"))
    assert (batch["created"], batch["updated"], batch["unchanged"], batch["refused"]) == (2, 0, 0, [])
    assert [(each["source"], each["collection"]) for each in batch["documents"]] == [("a", "default"), ("b", "other")]
    assert [hit["source"] for hit in await base.search("kettle")] == ["a"]
    assert [hit["source"] for hit in await base.search("kettle", collection="other")] == ["b"]


async def test_what_has_not_changed_is_not_embedded_again_and_what_has_replaces(base: Knowledge) -> None:
    first = await taken(base, text("a", "Alpha."), text("b", "Beta."), text("c", "Gamma.", id="third"))
    calls = len(base.embedder.calls)
    again = await taken(base, text("a", "Alpha."), text("b", "Beta anew."), text("c", "Gamma.", id="third"))
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 1, 2)
    assert [each["id"] for each in again["documents"]] == [each["id"] for each in first["documents"]]
    assert base.embedder.calls[calls:] == [["Beta anew."]]


async def test_a_line_that_cannot_be_taken_is_named_and_stops_no_other(base: Knowledge) -> None:
    batch = await taken(
        base,
        text("a", "Alpha."),
        b'{"source": "torn',
        text("blank", "  "),
        b"",
        text("b", "Beta.", colour="red"),
        b"[1]",
        text("a", "Alpha again."),
        text("c", "Gamma."),
    )
    assert [each["source"] for each in batch["documents"]] == ["a", "c"]
    refused = {each["line"]: (each["type"].rsplit(":")[-1], each["status"], each["field"]) for each in batch["refused"]}
    assert refused == {
        2: ("malformed-body", 400, "body"),
        3: ("document-empty", 422, None),
        5: ("invalid-input", 422, "body.colour"),
        6: ("invalid-input", 422, "body"),
        7: ("duplicate-record", 422, "source"),
    }


async def test_when_no_line_can_be_taken_the_request_fails_and_says_why(base: Knowledge) -> None:
    answer = await send(base, text("a", " "), b"{")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["line"] for each in answer.json()["refused"]] == [1, 2]
    assert (await base.http.get("/v1/documents")).json()["items"] == []


async def test_an_id_and_a_source_of_the_same_name_are_two_documents(base: Knowledge) -> None:
    batch = await taken(base, text("help.md", "Alpha.", id="faq"), text("faq", "Beta."))
    assert batch["created"] == 2


async def test_an_id_that_another_line_has_taken_is_refused(base: Knowledge) -> None:
    derived = (await taken(base, text("a", "Alpha.")))["documents"][0]["id"]
    batch = await taken(base, text("a", "Alpha anew."), text("b", "Beta.", id=derived))
    assert [each["source"] for each in batch["documents"]] == ["a"]
    assert [(each["line"], each["field"]) for each in batch["refused"]] == [(2, "id")]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b"", b" "],
        [text(f"s{number}", "Words.") for number in range(MAX_DOCUMENTS + 1)],
        [text("s", "Words."), *[b""] * MOST_LINES],
    ],
    ids=["none", "blank", "too many", "too many blank"],
)
async def test_no_line_and_too_many_are_refused(base: Knowledge, lines: list[object]) -> None:
    answer = await send(base, *lines)
    assert answer.status_code == 422
    assert answer.json()["field"] == "body"
    assert (await base.http.get("/v1/documents")).json()["items"] == []


async def test_a_foreign_collection_is_refused_like_one_that_does_not_exist(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        await base.put("secret", "Beta.", collection="theirs")
    made = KeyStore(store_path(tmp_path)).create("bound", "service", collections=["ours"])
    async with knowledge_base(tmp_path, key=made.token) as base:
        batch = await taken(
            base,
            text("a", "Alpha.", collection="ours"),
            text("b", "Beta.", collection="theirs"),
            text("c", "Gamma.", collection="nowhere"),
        )
    assert [each["source"] for each in batch["documents"]] == ["a"]
    theirs, nowhere = ({**each, "line": 0} for each in batch["refused"])
    assert theirs == nowhere


async def test_nothing_is_stored_when_the_model_cannot_answer(base: Knowledge) -> None:
    await taken(base, text("a", "Alpha."))
    base.embedder.fails_on = "Gamma"
    answer = await send(base, text("b", "Beta."), text("c", "Gamma.", collection="other"))
    assert answer.status_code == 503
    held = (await base.http.get("/v1/collections")).json()["items"]
    assert [(each["name"], each["documents"]) for each in held] == [("default", 1)]


async def test_two_requests_that_replace_the_same_take_turns(base: Knowledge) -> None:
    base.embedder.gate.clear()
    first = asyncio.create_task(send(base, text("a", "Alpha one."), text("b", "Beta one.")))
    await until(lambda: len(base.embedder.calls) == 1)
    second = asyncio.create_task(send(base, text("b", "Beta two."), text("a", "Alpha two.")))
    base.embedder.gate.set()
    answers = await asyncio.gather(first, second)
    assert [answer.json()["created"] for answer in answers] == [2, 0]
    assert [answer.json()["updated"] for answer in answers] == [0, 2]
    assert {hit["text"] for hit in await base.search("alpha beta")} == {"Alpha two.", "Beta two."}


async def test_a_request_that_was_given_up_leaves_nothing_behind_and_keeps_nobody_waiting(base: Knowledge) -> None:
    base.embedder.gate.clear()
    given_up = asyncio.create_task(send(base, text("a", "Alpha one."), text("b", "Beta one.")))
    await until(lambda: len(base.embedder.calls) == 1)
    given_up.cancel()
    await asyncio.wait([given_up])
    base.embedder.gate.set()
    assert (await taken(base, text("b", "Beta two.")))["created"] == 1
    assert [hit["text"] for hit in await base.search("alpha beta one two")] == ["Beta two."]
