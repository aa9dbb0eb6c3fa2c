"""The OpenAI-compatible interface: what existing clients send, what they read, and how they are told what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.chat_model import ScriptedChat
from tests.fakes.embedder import HashingEmbedder
from tests.fakes.events import events
from tests.fakes.knowledge import Knowledge, knowledge_base
from tests.fakes.waiting import until
from tests.rag.test_http_answers import QUESTION, TRUE, stored, writing
from tests.rag.test_http_documents import problem
from tests.rag.test_http_questions import CARE, SHIPPING
from tillhand_common import keys
from tillhand_common.testing import running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

MODEL = "tillhand/default"


def body(*questions: str, **fields: object) -> dict[str, Any]:
    turns = [{"role": "user", "content": question} for question in questions or (QUESTION,)]
    return {"model": MODEL, "messages": turns, **fields}


async def complete(base: Knowledge, *questions: str, **fields: object) -> dict[str, Any]:
    answer = await base.http.post("/v1/chat/completions", json=body(*questions, **fields))
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Knowledge]:
    """The shop without a language model."""
    async with knowledge_base(tmp_path) as base:
        await base.put("shipping.md", SHIPPING)
        await base.put("care.md", CARE)
        yield base


async def test_a_completion_is_the_answer_with_a_note_for_each_mark(tmp_path: Path) -> None:
    async with writing(tmp_path, TRUE) as (base, _):
        got = await complete(base)
        text = got["choices"][0]["message"]["content"]
        assert text.startswith("Parcels to Austria cost 9.90 EUR. [1]\n\n[1] Shipping (shipping.md): “Parcels")
        assert (got["object"], got["model"], got["choices"][0]["finish_reason"]) == ("chat.completion", MODEL, "stop")
        assert got["usage"] == {"prompt_tokens": 40, "completion_tokens": 8, "total_tokens": 48}
        citation = got["tillhand"]["citations"][0]
        assert await stored(base, citation) == citation["quote"]


async def test_quotes_and_refusals_are_completions_too(tmp_path: Path) -> None:
    async with writing(tmp_path, "Not true [1].") as (base, _):
        quoted = (await complete(base))["choices"][0]["message"]["content"]
        refused = await complete(base, "Who won the chess championship?")
    assert "What the language model wrote is not in the sources" in quoted
    assert refused["choices"][0]["message"]["content"] == "The sources do not hold an answer to this question."
    assert refused["tillhand"]["answered"] is False
    assert refused["usage"]["total_tokens"] == 0


async def test_a_stream_is_made_of_chunks_and_ends_with_done(tmp_path: Path) -> None:
    async with writing(tmp_path, f"{TRUE} We do not ship to islands [1].", TRUE) as (base, _):
        asked = body(stream=True, stream_options={"include_usage": True})
        answer = await base.http.post("/v1/chat/completions", json=asked)
        whole = await complete(base)
    assert answer.headers["content-type"].startswith("text/event-stream")
    got = events(answer.text)
    assert "event:" not in answer.text
    assert "retry:" not in answer.text
    assert got[-1] == ("message", "[DONE]")
    chunks = [data for _, data in got[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    text = "".join(choice["delta"].get("content", "") for choice in choices)
    assert text == whole["choices"][0]["message"]["content"]
    assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    assert chunks[-2]["tillhand"]["citations"] == whole["tillhand"]["citations"]
    assert (chunks[-1]["choices"], chunks[-1]["usage"]["total_tokens"]) == ([], 48)


async def test_a_follow_up_is_asked_with_the_question_before_it(shop: Knowledge) -> None:
    alone = await complete(shop, "And how often?")
    assert alone["tillhand"]["answered"] is False
    followed = await complete(shop, "Should I oil the wooden board?", "And how often?")
    assert "once a month" in followed["tillhand"]["answer"]
    another = await complete(shop, "Should I oil the wooden board?", QUESTION)
    assert "9.90 EUR" in another["tillhand"]["answer"]


async def test_what_every_client_sends_along_is_ignored(shop: Knowledge) -> None:
    parts = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    turns = [
        {"role": "system", "content": "Answer in French.", "name": "x"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": parts},
    ]
    extra: dict[str, Any] = {"temperature": 0.2, "tools": [{"type": "function"}], "n": 3, "user": "u", "seed": 1}
    got = await complete(shop, **{"messages": turns, **extra, "stream": None})
    assert len(got["choices"]) == 1
    assert "9.90 EUR" in got["tillhand"]["answer"]


async def test_the_most_tokens_reach_the_model_under_either_name(tmp_path: Path) -> None:
    async with writing(tmp_path, TRUE, TRUE) as (base, chat):
        await complete(base, max_tokens=20)
        await complete(base, max_completion_tokens=30, max_tokens=20)
    assert chat.max_tokens == [20, 30]


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"model": "gpt-4o"}, 404, "not-found", "body.model"),
        ({"model": "tillhand/nowhere"}, 404, "not-found", "body.model"),
        ({"model": "tillhand/../x"}, 404, "not-found", "body.model"),
        ({"messages": [{"role": "assistant", "content": "Hello."}]}, 422, "invalid-input", "body.messages"),
        ({"messages": [{"role": "user", "content": []}]}, 422, "invalid-input", "body.messages"),
        ({"messages": [{"role": "user", "content": "x" * 4_001}]}, 422, "invalid-input", "body.messages"),
        ({"messages": []}, 422, "invalid-input", "body.messages"),
        ({"max_tokens": 0}, 422, "invalid-input", "body.max_tokens"),
    ],
)
async def test_an_error_is_a_problem_that_such_clients_can_show(
    shop: Knowledge, change: dict[str, Any], status: int, code: str, param: str
) -> None:
    answer = await shop.http.post("/v1/chat/completions", json={**body(), **change})
    problem(answer, status, code, param)
    error = answer.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert error["message"] == answer.json()["detail"]


async def test_a_failure_in_the_middle_of_a_stream_is_an_error_chunk(shop: Knowledge) -> None:
    shop.embedder.fails_on = "Parcels to Austria cost"
    got = events((await shop.http.post("/v1/chat/completions", json=body(stream=True))).text)
    assert got[-2][1]["error"]["type"] == "server_error"
    assert got[-1][1] == "[DONE]"


async def test_models_are_the_collections_of_the_key_and_a_foreign_one_is_like_none(shop: Knowledge) -> None:
    await shop.put("secret.md", SHIPPING, collection="hidden")
    listed = (await shop.http.get("/v1/models")).json()
    assert [model["id"] for model in listed["data"]] == ["tillhand/default", "tillhand/hidden"]
    made = keys.KeyStore(keys.store_path(shop.data_dir)).create("narrow", "service", collections=["default"])
    shop.http.headers["authorization"] = f"Bearer {made.token}"
    listed = (await shop.http.get("/v1/models")).json()
    assert [model["id"] for model in listed["data"]] == ["tillhand/default"]
    told = []
    for name in ("hidden", "never-was"):
        answer = await shop.http.post("/v1/chat/completions", json=body(model=f"tillhand/{name}"))
        told.append((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
    assert told[0] == told[1]
    assert told[0][0] == 404


async def test_a_drain_ends_a_stream_with_an_error_and_a_client_that_leaves_ends_the_work(tmp_path: Path) -> None:
    chat = ScriptedChat([TRUE, " We do", asyncio.Event()], [TRUE, " We do", asyncio.Event()])
    async with writing(tmp_path):
        pass  # the shop is stored; now a real server serves it
    app = create_app(RagSettings(data_dir=tmp_path), embedder=HashingEmbedder(), chat=chat)
    async with asyncio.timeout(30), running(app) as url, httpx.AsyncClient(base_url=url) as http:
        async with http.stream("POST", "/v1/chat/completions", json=body(stream=True)) as response:
            async for line in response.aiter_lines():
                if "9.90 EUR" in line:
                    break
            assert chat.open == 1
        await until(lambda: chat.open == 0)
        async with http.stream("POST", "/v1/chat/completions", json=body(stream=True)) as response:
            lines = response.aiter_lines()
            while "9.90 EUR" not in await anext(lines):
                pass
            app.state.chassis.drain.begin()
            rest = [line async for line in lines if line]
    assert '"code": "draining"' in rest[-1]
