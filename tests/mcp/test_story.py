"""The one story: an agent calls a tool that writes, a person approves, and it is done once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from tests.approvals.shop import Shop, shop
from tests.mcp.fixtures.clients import TasksExtension
from tillhand_common.testing import FakeUpstream, Reply, running
from tillhand_mcp.adapters.messages.mailbox import Mailbox
from tillhand_mcp.app import create_app
from tillhand_mcp.settings import McpSettings

REPLY = {"to": "ann@example.com", "subject": "Re: Return", "body": "Within 30 days.", "reason": "returns.md says so."}


@dataclass
class Stage:
    """Connectors, approvals, and a knowledge base that a test writes."""

    http: httpx.AsyncClient
    shop: Shop
    rag: FakeUpstream
    mailbox: Mailbox

    async def call(self, name: str, arguments: object, who: str = "agent") -> httpx.Response:
        return await self.http.post(f"/v1/tools/{name}", json={"arguments": arguments}, headers=self.shop.headers(who))

    async def task(self, task_id: str) -> dict[str, Any]:
        answer = await self.http.get(f"/v1/tasks/{task_id}", headers=self.shop.headers("agent"))
        found: dict[str, Any] = answer.json()
        return found

    async def ended(self, task_id: str) -> dict[str, Any]:
        """The task once it has come to its end; the test's own time limit ends a wait in vain."""
        while (found := await self.task(task_id))["state"] == "working":
            pass
        return found

    async def registered(self) -> None:
        while "reply_to_customer" not in (await self.shop.call("operator", "GET", "/v1/tools")).text:
            pass


@asynccontextmanager
async def stage(folder: Path, **settings: str) -> AsyncIterator[Stage]:
    async with FakeUpstream.start() as rag, shop(folder) as opened:
        given = {"rag_url": rag.base_url, "approvals_url": str(opened.http.base_url), "rate_limit": "off"}
        given |= {"catalogue_sync": "off", "mock_port": "0"}
        made = McpSettings(data_dir=folder, **{**given, **settings})  # type: ignore[arg-type]  # settings by name
        async with running(create_app(made)) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
            yield Stage(http, opened, rag, Mailbox(folder / "mcp" / "mailbox.jsonl"))


async def test_an_approved_reply_is_delivered_once_and_the_agent_learns_of_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as scene:
        await scene.registered()
        called = await scene.call("reply_to_customer", REPLY)
        assert called.status_code == 202, called.text
        task = called.json()
        assert (task["state"], scene.mailbox.messages()) == ("working", [])
        proposal = await scene.shop.get({"id": task["id"]})
        assert proposal["justification"] == "returns.md says so."
        assert proposal["requester"]["kind"] == "agent"
        await scene.shop.decide("operator", proposal, "approve")
        ended = await scene.ended(task["id"])
        assert (ended["state"], ended["result"]["structured"]["origin"]["mode"]) == ("completed", "mock")
        (kept,) = scene.mailbox.messages()
        assert (kept["key"], kept["to"], kept["body"]) == (task["id"], "ann@example.com", "Within 30 days.")


async def test_an_edited_reply_goes_out_as_it_was_edited(tmp_path: Path) -> None:
    async with stage(tmp_path) as scene:
        await scene.registered()
        task = (await scene.call("reply_to_customer", REPLY)).json()
        proposal = await scene.shop.get({"id": task["id"]})
        arguments = {key: value for key, value in REPLY.items() if key != "reason"} | {"channel": "email"}
        edited = await scene.shop.decide("operator", proposal, "edit", arguments=arguments | {"body": "In 30 days."})
        assert edited.status_code == 200, edited.text
        assert (await scene.ended(task["id"]))["state"] == "completed"
        assert [each["body"] for each in scene.mailbox.messages()] == ["In 30 days."]


async def test_a_rejection_says_why_and_nothing_is_done(tmp_path: Path) -> None:
    async with stage(tmp_path) as scene:
        await scene.registered()
        task = (await scene.call("reply_to_customer", REPLY)).json()
        await scene.shop.decide("operator", await scene.shop.get({"id": task["id"]}), "reject", note="Too curt.")
        ended = await scene.ended(task["id"])
        assert (ended["state"], ended["refusal"]["slug"]) == ("failed", "rejected")
        assert "Too curt." in ended["status"]
        assert scene.mailbox.messages() == []


async def test_without_approvals_writes_are_refused_and_reads_go_on(tmp_path: Path) -> None:
    async with stage(tmp_path, approvals_url="") as scene:
        refused = await scene.call("reply_to_customer", REPLY)
        assert (refused.status_code, refused.json()["reason"]) == (503, "approvals-unavailable")
        scene.rag.default = Reply.json({"hits": []})
        found = await scene.call("knowledge_search", {"query": "returns"})
        assert (found.status_code, found.json()["structured"]["passages"]) == (200, [])


async def test_what_does_not_fit_is_refused_by_name_and_proposes_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as scene:
        await scene.registered()
        refused = await scene.call("reply_to_customer", {**REPLY, "to": "ann@example.com\r\nBcc: all@example.com"})
        assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, "to")
        assert "Bcc" not in refused.text
        assert (await scene.call("no_such_tool", {})).status_code == 404
        assert (await scene.shop.call("operator", "GET", "/v1/proposals")).json()["items"] == []


@asynccontextmanager
async def client_of(scene: Stage, era: str, **more: Any) -> AsyncIterator[Client]:  # noqa: ANN401  # the client's own options
    headers = scene.shop.headers("agent")
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(f"{str(scene.http.base_url).rstrip('/')}/mcp", http_client=http)
        async with Client(transport, mode=era, read_timeout_seconds=30, **more) as client:
            yield client


async def test_over_mcp_a_task_ends_with_what_a_person_has_approved(tmp_path: Path) -> None:
    async with stage(tmp_path) as scene:
        await scene.registered()

        async def decide() -> None:
            while not (items := (await scene.shop.call("operator", "GET", "/v1/proposals")).json()["items"]):
                pass
            await scene.shop.decide("operator", items[0], "approve")

        async with client_of(scene, "2026-07-28", extensions=[TasksExtension()]) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert {"knowledge_search", "reply_to_customer", "approval_status"} <= names
            deciding = asyncio.create_task(decide())
            result = await client.call_tool("reply_to_customer", REPLY)
            await deciding
        assert not result.is_error
        assert result.structured_content is not None
        assert result.structured_content["origin"]["source"] == "messages"
        assert [each["to"] for each in scene.mailbox.messages()] == ["ann@example.com"]


async def test_over_mcp_an_old_client_is_told_how_to_ask_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as scene:
        await scene.registered()
        async with client_of(scene, "legacy") as client:
            pending = (await client.call_tool("reply_to_customer", REPLY)).structured_content
            assert pending is not None
            (proposal,) = (await scene.shop.call("operator", "GET", "/v1/proposals")).json()["items"]
            assert proposal["id"] in str(pending)
            await scene.shop.decide("operator", proposal, "reject", note="Too curt.")
            told = await client.call_tool("approval_status", {"task_id": proposal["id"]})
            assert "Too curt." in str(told.content)


async def test_both_faces_answer_alike(tmp_path: Path) -> None:
    hit = {
        "document_id": "d1",
        "title": "Returns",
        "source": "returns.md",
        "heading_path": ["Returns", "Time"],
        "start": 0,
        "end": 4,
        "text": "Text",
        "score": 0.5,
    }
    async with stage(tmp_path) as scene:
        scene.rag.default = Reply.json({"hits": [hit]})
        over_http = (await scene.call("knowledge_search", {"query": "returns"})).json()
        async with client_of(scene, "2026-07-28") as client:
            over_mcp = await client.call_tool("knowledge_search", {"query": "returns"})
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        shown = (await scene.http.get("/v1/tools", headers=scene.shop.headers("agent"))).json()["items"]
    assert over_mcp.structured_content is not None
    for answer in (over_http["structured"], over_mcp.structured_content):
        del answer["origin"]["fetched_at"]
    assert over_http["structured"] == over_mcp.structured_content
    assert {tool["name"]: tool["input_schema"] for tool in shown} == {
        name: tool.input_schema for name, tool in listed.items() if name != "approval_status"
    }


@pytest.mark.parametrize("fault", [Reply(503), Reply(failure="reset"), Reply(200, b"no JSON")])
async def test_an_upstream_that_fails_is_said_to_fail_on_both_faces(tmp_path: Path, fault: Reply) -> None:
    async with stage(tmp_path) as scene:
        scene.rag.default = fault
        refused = await scene.call("knowledge_search", {"query": "returns"})
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:tillhand:problem:connector-unavailable")
        assert refused.json()["upstream"] == "rag"
        async with client_of(scene, "2026-07-28") as client:
            told = await client.call_tool("knowledge_search", {"query": "returns"})
        assert told.is_error


async def test_a_task_that_cannot_be_asked_for_is_no_missing_task(tmp_path: Path) -> None:
    async with stage(tmp_path, approvals_url="") as scene:
        for method, path in (("GET", "/v1/tasks/{}"), ("POST", "/v1/tasks/{}/cancel")):
            answer = await scene.http.request(method, path.format("0" * 32), headers=scene.shop.headers("agent"))
            assert answer.json()["type"] == "urn:tillhand:problem:approvals-unavailable"
    async with stage(tmp_path / "other") as scene:
        assert (await scene.http.get(f"/v1/tasks/{'0' * 32}", headers=scene.shop.headers("agent"))).status_code == 404


async def test_approvals_that_stop_answering_degrade_the_service_and_do_not_take_it_out(tmp_path: Path) -> None:
    async with FakeUpstream.start() as approvals:
        approvals.default = Reply.json({"items": [], "stopped": False})
        async with stage(tmp_path, approvals_url=approvals.base_url) as scene:

            async def reads(wanted: str) -> None:
                while (await scene.http.get("/ready")).json()["checks"]["approvals"]["detail"] != wanted:
                    pass

            await reads("")
            approvals.default = Reply.json({}, status=503)
            await reads("The approvals do not answer: writes wait.")
            assert (await scene.http.get("/ready")).status_code == 200
