"""Answers as streams: what comes in which order, and what happens when either side breaks off."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.chat_model import ScriptedChat
from tests.fakes.embedder import HashingEmbedder
from tests.fakes.events import Received, events, received
from tests.fakes.knowledge import Knowledge
from tests.fakes.waiting import until
from tests.rag.test_http_answers import FALSE, QUESTION, TRUE, writing
from tests.rag.test_http_documents import problem
from tests.rag.test_http_questions import SHIPPING
from tillhand_common import keys
from tillhand_common.testing import running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

STREAM = {"accept": "text/event-stream"}
LONG = f"{TRUE} We do not ship to islands [1]."


async def streamed(base: Knowledge, question: str = QUESTION, **fields: object) -> list[Received]:
    answer = await base.http.post("/v1/answers", json={"question": question, **fields}, headers=STREAM)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return events(answer.text)


def said(received: list[Received]) -> str:
    return "".join(data["text"] for name, data in received if name == "token")


async def test_a_stream_gives_sources_then_sentences_then_the_whole_answer(tmp_path: Path) -> None:
    async with writing(tmp_path, LONG) as (base, _):
        got = await streamed(base)
    assert [name for name, _ in got] == ["sources", "token", "token", "done"]
    assert "shipping.md" in [source["source"] for source in got[0][1]["sources"]]
    whole = got[-1][1]
    assert said(got) == whole["answer"] == "Parcels to Austria cost 9.90 EUR. [1] We do not ship to islands. [2]"
    first, second = got[1][1], got[2][1]
    assert (first["sentence"], first["citations"], second["sentence"], second["citations"]) == (1, [1], 2, [2])
    assert first["cited"] + second["cited"] == whole["citations"]
    assert whole["usage"] == {"prompt_tokens": 40, "completion_tokens": 8}
    assert whole["times_ms"]["total"] >= whole["times_ms"]["write"] > 0


async def test_quotes_and_refusals_stream_the_same_way(tmp_path: Path) -> None:
    async with writing(tmp_path) as (base, _):
        quoted = await streamed(base, method="extractive")
        refused = await streamed(base, "Who won the chess championship?")
    assert [name for name, _ in quoted] == ["sources", "token", "done"]
    assert said(quoted) == quoted[-1][1]["answer"] == "Parcels to Austria cost 9.90 EUR."
    assert quoted[1][1]["cited"] == quoted[-1][1]["citations"][:1]
    assert [name for name, _ in refused] == ["sources", "done"]
    assert refused[-1][1]["answered"] is False


async def test_nothing_is_sent_before_it_is_verified(tmp_path: Path) -> None:
    async with writing(tmp_path, f"{FALSE} {TRUE}") as (base, _):
        got = await streamed(base)
    assert "4.90" not in str(got[1:])
    assert said(got) == "Parcels to Austria cost 9.90 EUR. [1]"


async def test_a_failure_before_the_stream_has_a_status_of_its_own(tmp_path: Path) -> None:
    async with writing(tmp_path) as (base, _):
        base.embedder.available = False
        refused = await base.http.post("/v1/answers", json={"question": QUESTION}, headers=STREAM)
        problem(refused, 503, "embedder-unavailable")
        bad = await base.http.post("/v1/answers", json={"question": ""}, headers=STREAM)
        problem(bad, 422, "invalid-input")


async def test_a_failure_after_the_start_is_an_event_with_the_problem(tmp_path: Path) -> None:
    async with writing(tmp_path) as (base, _):
        base.embedder.fails_on = "Parcels to Austria cost"  # the candidates, not the question
        got = await streamed(base)
    assert [name for name, _ in got] == ["sources", "error"]
    assert got[-1][1]["type"] == "urn:tillhand:problem:embedder-unavailable"
    assert got[-1][1]["status"] == 503


async def test_a_client_that_leaves_ends_the_work_upstream(tmp_path: Path) -> None:
    chat = ScriptedChat([TRUE, " We do", asyncio.Event()])
    async with writing(tmp_path):
        pass  # the shop is stored; now a real server serves it
    app = create_app(RagSettings(data_dir=tmp_path), embedder=HashingEmbedder(), chat=chat)
    async with asyncio.timeout(30), running(app) as url, httpx.AsyncClient(base_url=url) as http:
        async with http.stream("POST", "/v1/answers", json={"question": QUESTION}, headers=STREAM) as response:
            stream = received(response)
            assert [(await anext(stream))[0] for _ in range(2)] == ["sources", "token"]
            assert chat.open == 1
        await until(lambda: chat.open == 0)


async def test_a_drain_says_farewell_and_stops_the_model(tmp_path: Path) -> None:
    chat = ScriptedChat([TRUE, " We do", asyncio.Event()])
    async with writing(tmp_path):
        pass  # the shop is stored; now a real server serves it
    app = create_app(RagSettings(data_dir=tmp_path), embedder=HashingEmbedder(), chat=chat)
    async with asyncio.timeout(30), running(app) as url, httpx.AsyncClient(base_url=url) as http:
        async with http.stream("POST", "/v1/answers", json={"question": QUESTION}, headers=STREAM) as response:
            stream = received(response)
            assert [(await anext(stream))[0] for _ in range(2)] == ["sources", "token"]
            app.state.chassis.drain.begin()
            assert [name async for name, _ in stream] == ["farewell"]
        await until(lambda: chat.open == 0)


async def test_a_foreign_collection_streams_nothing_and_tells_nothing(tmp_path: Path) -> None:
    async with writing(tmp_path) as (base, _):
        await base.put("secret.md", SHIPPING, collection="hidden")
        made = keys.KeyStore(keys.store_path(base.data_dir)).create("narrow", "service", collections=["default"])
        base.http.headers["authorization"] = f"Bearer {made.token}"
        told = []
        for name in ("hidden", "never-was"):
            body: dict[str, Any] = {"question": QUESTION, "collection": name}
            answer = await base.http.post("/v1/answers", json=body, headers=STREAM)
            told.append((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
    assert told[0] == told[1]
    assert told[0][0] == 404
