"""A customer's message becomes a reply that waits for a person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.approvals.shop import Shop, shop
from tillhand_approvals.adapters.assistant import ChatAssistant
from tillhand_approvals.domain.drafts import HOLDING, LONGEST_QUESTION, PARTLY, questions_of
from tillhand_common.testing import FakeUpstream, Reply

REPLY_TOOL = {
    "name": "reply_to_customer",
    "version": "1",
    "risk": "medium",
    "subject": "/to",
    "schema": {
        "type": "object",
        "required": ["channel", "to", "subject", "body"],
        "additionalProperties": False,
        "properties": {
            name: {"type": "string", "minLength": 1} for name in ("channel", "to", "subject", "body", "in_reply_to")
        },
    },
}
MESSAGE = {
    "channel": "email",
    "message": "Hello, I am Miriam Oduya (miriam@example.com). How long do I have to return a rack?",
    "sender": "miriam@example.com",
    "sender_name": "Miriam",
    "subject": "Return",
    "message_id": "<1@mail.example.com>",
}
CITATION = {"document_id": "d1", "source": "returns.md", "title": "Returns", "quote": "Return it within 30 days."}


def answer(*, text: str | None = "You can return it within 30 days. [1]") -> Reply:
    return Reply.json(
        {
            "answered": text is not None,
            "answer": text,
            "confidence": 0.81 if text else 0.05,
            "threshold": 0.14,
            "method": "extractive",
            "citations": [CITATION] if text else [],
            "notices": [],
            "model": None,
        }
    )


@asynccontextmanager
async def drafting(folder: Path, **settings: str) -> AsyncIterator[tuple[Shop, FakeUpstream]]:
    async with FakeUpstream.start() as rag:
        rag.fixed["/ready"] = Reply.json({"status": "ready"})
        rag.fixed["/v1/answers"] = answer()
        async with shop(folder, rag_url=rag.base_url, **settings) as opened:
            await opened.register(REPLY_TOOL)
            yield opened, rag


def asked(upstream: FakeUpstream, target: str) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in upstream.requests if each.target == target]


def evidence(proposal: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in proposal["evidence"] if each["kind"] == kind]


async def draft(opened: Shop, **changes: object) -> httpx.Response:
    return await opened.call("agent", "POST", "/v1/drafts", MESSAGE | changes)


async def test_the_reply_waits_with_its_sources_and_the_executor_gets_it_whole(tmp_path: Path) -> None:
    async with drafting(tmp_path) as (opened, rag):
        made = await draft(opened)
        assert made.status_code == 201
        proposal = made.json()
        assert (proposal["tool"], proposal["state"]) == ("reply_to_customer", "pending")
        assert evidence(proposal, "citation")[0]["quote"] == CITATION["quote"]
        assert evidence(proposal, "draft")[0] | {"answered": True, "confidence": 0.81} == evidence(proposal, "draft")[0]
        assert "miriam" not in json.dumps(proposal).lower()
        assert "miriam" not in json.dumps(asked(rag, "/v1/answers")).lower()
        await opened.decide("operator", proposal, "approve")
        lease = await opened.run(proposal, "lease", executor="mcp")
        arguments = lease.json()["arguments"]
    assert arguments["to"] == "miriam@example.com"
    assert arguments["in_reply_to"] == "<1@mail.example.com>"
    assert arguments["subject"] == "Re: Return"
    assert arguments["body"] == "Hello Miriam,\n\nYou can return it within 30 days. [1]\n\nKind regards"


async def test_a_message_that_comes_twice_makes_one_draft(tmp_path: Path) -> None:
    async with drafting(tmp_path) as (opened, rag):
        first = await draft(opened)
        rag.fixed["/v1/answers"] = answer(text="Something else.")
        second = await draft(opened)
        assert second.json()["id"] == first.json()["id"]
        assert second.headers["idempotency-replayed"] == "true"
        assert len(asked(rag, "/v1/answers")) == 1


async def test_where_nothing_is_known_the_reply_promises_nothing(tmp_path: Path) -> None:
    async with drafting(tmp_path) as (opened, rag):
        rag.fixed["/v1/answers"] = answer(text=None)
        proposal = (await draft(opened)).json()
        assert HOLDING in proposal["arguments"]["body"]
        assert evidence(proposal, "draft")[0]["method"] == "holding"
        assert "no answer" in proposal["justification"]


async def test_an_assistant_words_the_reply_from_the_passages(tmp_path: Path) -> None:
    async with FakeUpstream.start() as assistant:
        assistant.fixed["/v1/models"] = Reply.json({"data": []})
        written = {"choices": [{"message": {"content": "Thirty days it is. [1]"}}]}
        assistant.fixed["/v1/chat/completions"] = Reply.json(written)
        settings = {"assistant_url": f"{assistant.base_url}/v1", "assistant_model": "small"}
        async with drafting(tmp_path, **settings) as (opened, _):
            proposal = (await draft(opened)).json()
        (body,) = asked(assistant, "/v1/chat/completions")
    assert "Thirty days it is." in proposal["arguments"]["body"]
    assert evidence(proposal, "draft")[0] | {"method": "assistant", "model": "small"} == evidence(proposal, "draft")[0]
    told = json.dumps(body)
    assert CITATION["quote"] in told
    assert "miriam" not in told.lower()


@pytest.mark.parametrize(
    "broken",
    [Reply(500), Reply(failure="reset"), Reply.json({"choices": []}), Reply(401)],
    ids=["500", "reset", "shape", "401"],
)
async def test_an_assistant_that_fails_leaves_nothing_behind(tmp_path: Path, broken: Reply) -> None:
    async with FakeUpstream.start(broken) as assistant:
        settings = {"assistant_url": f"{assistant.base_url}/v1", "assistant_model": "small"}
        async with drafting(tmp_path, **settings) as (opened, _):
            refused = await draft(opened)
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:tillhand:problem:drafts-unavailable")
            assert (await opened.call("operator", "GET", "/v1/proposals")).json()["items"] == []


async def test_without_a_knowledge_base_or_a_tool_drafts_are_refused_and_say_why(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        assert (await draft(opened)).json()["type"] == "urn:tillhand:problem:tool-not-registered"
        await opened.register(REPLY_TOOL)
        refused = await draft(opened)
        assert refused.status_code == 503
        assert "TILLHAND_RAG_URL" in refused.json()["detail"]


async def test_the_service_is_unready_while_the_assistant_is_away_and_people_decide_all_the_same(
    tmp_path: Path,
) -> None:
    settings = {"assistant_url": "http://127.0.0.1:9/v1", "assistant_model": "small"}
    async with drafting(tmp_path, **settings) as (opened, _):
        await opened.register({**REPLY_TOOL, "name": "stock_set", "subject": None, "schema": {"type": "object"}})
        proposal = await opened.propose()
        assert (await opened.decide("operator", proposal, "approve")).status_code == 200
        traffic = await opened.http.get("/ready?for=traffic")
        assert traffic.status_code == 200
        assert "assistant" not in traffic.json()["checks"]
        assert "assistant" in (await opened.http.get("/ready")).json()["checks"]


async def test_one_failed_probe_is_none_and_two_are_one() -> None:
    async with FakeUpstream.start() as upstream:
        assistant = ChatAssistant(f"{upstream.base_url}/v1", "small", None)
        upstream.script(Reply(200), Reply(500), Reply(200), Reply(500), Reply(500), Reply(404))
        seen = [(await assistant.check()).status for _ in range(6)]
        await assistant.aclose()
    assert seen == ["ok", "degraded", "ok", "degraded", "failed", "ok"]


def test_only_what_asks_is_looked_up_and_cut_between_words() -> None:
    message = "Hello dear shop,\nHow long do I have? Thanks!\n\nAnd is  pickup\nfree?"
    assert questions_of(message) == ["How long do I have?", "And is pickup free?"]
    assert questions_of("The rack is broken. Please help.") == ["The rack is broken. Please help."]
    (cut,) = questions_of("word " * 1000)
    assert len(cut) <= LONGEST_QUESTION
    assert set(cut.split()) == {"word"}


async def test_several_questions_are_answered_one_by_one_and_what_is_not_known_is_said(tmp_path: Path) -> None:
    async with drafting(tmp_path) as (opened, rag):
        del rag.fixed["/v1/answers"]
        rag.script(answer(), answer(text=None))
        proposal = (await draft(opened, message="Hello. How long do I have? Do you ship overseas? Bye")).json()
        assert [each["question"] for each in asked(rag, "/v1/answers")] == [
            "How long do I have?",
            "Do you ship overseas?",
        ]
        assert proposal["arguments"]["body"].endswith(f"30 days. [1]\n\n{PARTLY}\n\nKind regards")
        assert evidence(proposal, "draft")[0]["confidence"] == 0.05
        assert proposal["arguments"]["subject"] == "Re: Return"
