"""Sessions of the older revisions: every one of these, ended as they should, and not too many of one caller."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from tests.mcp.fixtures.raw import MODERN, initialize, legacy, modern
from tests.mcp.fixtures.service import Service, build, serving
from tests.mcp.fixtures.toolbox import FakeToolbox
from tillhand_common.testing import client


@pytest.mark.parametrize("version", HANDSHAKE_PROTOCOL_VERSIONS)
async def test_each_older_revision_is_spoken(service: Service, key: str, version: str) -> None:
    async with httpx2.AsyncClient() as http:
        message = initialize(version)
        opened = await http.post(service.url, **message.sent(key))
        assert f'"protocolVersion":"{version}"' in opened.text
        session = opened.headers["mcp-session-id"]
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        headers = legacy("", {}, session, version).sent(key)["headers"]
        assert (await http.post(service.url, json=ready, headers=headers)).status_code == 202
        call = legacy("tools/call", {"name": "echo", "arguments": {"text": "hello"}}, session, version)
        answer = await http.post(service.url, **call.sent(key))
    assert '"text":"echo: hello"' in answer.text


async def test_a_session_that_was_ended_is_gone(service: Service, key: str) -> None:
    async with httpx2.AsyncClient() as http:
        session = (await http.post(service.url, **initialize().sent(key))).headers["mcp-session-id"]
        message = legacy("ping", {}, session).sent(key)
        assert (await http.delete(service.url, headers=message["headers"])).status_code == 200
        assert (await http.post(service.url, **message)).status_code == 404


async def test_a_caller_ends_a_session_to_open_one_more(tmp_path: Path) -> None:
    async with serving(FakeToolbox(), tmp_path, sessions_per_caller=2) as service, httpx2.AsyncClient() as http:
        key, other = service.key("tester"), service.key("other")
        sessions = [await http.post(service.url, **initialize().sent(key)) for _ in range(2)]
        refused = await http.post(service.url, **initialize().sent(key))
        assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
        assert (await http.post(service.url, **initialize().sent(other))).status_code == 200
        assert (await http.post(service.url, **modern("tools/list", {}).sent(key))).status_code == 200
        used = legacy("ping", {}, sessions[0].headers["mcp-session-id"]).sent(key)
        assert (await http.post(service.url, **used)).status_code == 200
        assert (await http.delete(service.url, headers=used["headers"])).status_code == 200
        assert (await http.post(service.url, **initialize().sent(key))).status_code == 200


async def test_no_session_is_opened_by_what_does_not_begin_one(tmp_path: Path) -> None:
    async with serving(FakeToolbox(), tmp_path, sessions_per_caller=2) as service, httpx2.AsyncClient() as http:
        key = service.key("tester")
        for _ in range(5):
            assert (await http.post(service.url, **legacy("tools/list", {}).sent(key))).status_code == 400
        assert (await http.post(service.url, **initialize().sent(key))).status_code == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
METHODS = (
    "tools/call",
    "tools/list",
    "resources/read",
    "prompts/get",
    "tasks/get",
    "completion/complete",
    "server/discover",
)
MESSAGES = JSON | st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "id": JSON | st.integers(), "method": st.sampled_from(METHODS) | JSON, "params": JSON}
)


async def test_nothing_that_is_sent_makes_the_service_fail(tmp_path: Path) -> None:
    app, _ = build(FakeToolbox(), tmp_path, settings={"rate_limit": "off"})
    async with client(app) as http:
        key = app.state.chassis.keys.create("tester", "agent").token
        session = (await http.post("/mcp", **initialize().sent(key))).headers["mcp-session-id"]
        sent: list[tuple[Any, str]] = []

        @given(MESSAGES, st.sampled_from((MODERN, "2025-11-25", "tomorrow")))
        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def collect(message: Any, version: str) -> None:  # noqa: ANN401  # any JSON
            sent.append((message, version))

        collect()
        for message, version in sent:
            method = message.get("method") if isinstance(message, dict) else None
            named = method if isinstance(method, str) and method.isascii() and method.isprintable() else "x"
            headers = {**legacy("", {}, session, version).sent(key)["headers"], "mcp-method": named.strip() or "x"}
            answer = await http.post("/mcp", json=message, headers=headers)
            assert answer.status_code < 500, (message, version, answer.text)
