"""Who gives up waiting stops the work: a cancelled request, and a connection that is closed."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from tests.mcp.conftest import Connect
from tests.mcp.fixtures.raw import Message, initialize, legacy, modern
from tests.mcp.fixtures.service import Service, serving
from tests.mcp.fixtures.toolbox import FakeToolbox
from tillhand_common.testing import settle

BOUND_S = 5.0


async def test_cancelling_a_call_cancels_the_work(connect: Connect, era: str, toolbox: FakeToolbox) -> None:
    async with connect(era) as client, asyncio.timeout(BOUND_S):
        call = asyncio.create_task(client.call_tool("waits", {}))
        await toolbox.waiting.wait()
        assert not toolbox.cancelled.is_set()
        call.cancel()
        await toolbox.cancelled.wait()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await client.call_tool("echo", {"text": "still here"})).structured_content == {"text": "still here"}


async def test_hanging_up_cancels_the_work(service: Service, key: str, era: str, toolbox: FakeToolbox) -> None:
    async with httpx2.AsyncClient() as http, asyncio.timeout(BOUND_S):
        message = await call_of(era, http, service, key)
        request = asyncio.create_task(http.post(service.url, **message.sent(key, {"mcp-name": "waits"})))
        await toolbox.waiting.wait()
        assert not toolbox.cancelled.is_set()
        request.cancel()
        await toolbox.cancelled.wait()


async def test_the_deadline_of_a_request_cancels_the_work(tmp_path: Path) -> None:
    toolbox = FakeToolbox()
    async with serving(toolbox, tmp_path, settings={"request_deadline_s": 0.2}) as served, httpx2.AsyncClient() as http:
        call = modern("tools/call", {"name": "waits", "arguments": {}})
        answer = await http.post(served.url, **call.sent(served.key("tester"), {"mcp-name": "waits"}))
    assert (answer.status_code, answer.headers["content-type"]) == (504, "application/problem+json")
    assert toolbox.cancelled.is_set()


async def test_a_session_of_another_key_cannot_cancel(service: Service, key: str, toolbox: FakeToolbox) -> None:
    stranger = service.key("stranger")
    async with httpx2.AsyncClient() as http, asyncio.timeout(BOUND_S):
        session = await opened(http, service, key)
        call = legacy("tools/call", {"name": "waits", "arguments": {}}, session)
        request = asyncio.create_task(http.post(service.url, **call.sent(key)))
        await toolbox.waiting.wait()
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
        refused = await http.post(service.url, json=cancel, headers=call.sent(stranger)["headers"])
        assert refused.status_code == 404
        await settle()
        assert not toolbox.cancelled.is_set()
        taken = await http.post(service.url, json=cancel, headers=call.sent(key)["headers"])
        assert taken.status_code == 202
        await toolbox.cancelled.wait()
        request.cancel()


async def call_of(era: str, http: httpx2.AsyncClient, service: Service, key: str) -> Message:
    """Return the call of the tool that waits."""
    params = {"name": "waits", "arguments": {}}
    if era == "legacy":
        return legacy("tools/call", params, await opened(http, service, key))
    return modern("tools/call", params)


async def opened(http: httpx2.AsyncClient, service: Service, key: str) -> str:
    """Open a session and return its id."""
    answer = await http.post(service.url, **initialize().sent(key))
    session = answer.headers["mcp-session-id"]
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    headers = legacy("", {}, session).sent(key)["headers"]
    assert (await http.post(service.url, json=ready, headers=headers)).status_code == 202
    return str(session)
