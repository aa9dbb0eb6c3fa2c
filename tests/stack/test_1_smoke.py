"""Every service answers through its published port, and does what it is for."""

from __future__ import annotations

import http.client
import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.stack import running
from tests.stack.conftest import Evidence
from tests.stack.running import SERVICES, address, call, compose, containers, inside, request

DOCUMENT = "# Returns\n\nA customer may return a bicycle within 45 days of delivery, unused and with its receipt.\n"
REVISION = "2025-11-25"
MIB = 1024 * 1024


@pytest.mark.point(9)
def test_one_command_brings_everything_up_in_a_minute(within: Callable[[str, float, float], None]) -> None:
    within("up --wait, after the build", float(os.environ["TILLHAND_STACK_UP_S"]), 60)


@pytest.mark.point(10)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_ready(service: str, evidence: Evidence) -> None:
    status, report = call(service, "GET", "/ready")
    assert status == 200, report
    assert call(service, "GET", "/health")[0] == 200
    evidence(f"{service}: {report['status']}")


@pytest.mark.point(10)
@pytest.mark.parametrize(
    ("service", "path"), [("rag", "/v1/documents"), ("mcp", "/v1/tools"), ("approvals", "/v1/proposals")]
)
def test_without_a_key_nothing_is_told(service: str, path: str) -> None:
    status, problem = call(service, "GET", path)
    assert status == 401
    assert problem["type"] == "urn:tillhand:problem:unauthorized"


@pytest.mark.point(10)
def test_a_document_is_ingested_and_cited(operator_key: str) -> None:
    status, stored = call("rag", "POST", "/v1/documents", {"source": "returns.md", "text": DOCUMENT}, operator_key)
    assert status in {200, 201}, stored
    question = {"question": "How many days to return a bicycle?"}
    status, answer = call("rag", "POST", "/v1/answers", question, operator_key)
    assert status == 200
    assert "45 days" in json.dumps(answer)


def mcp(key: str, method: str, params: dict[str, Any], session: str = "") -> tuple[dict[str, Any], str]:
    """One message of the protocol: the answer and the session's id."""
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": REVISION,
    } | ({"MCP-Session-Id": session} if session else {})
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    status, answer, given = request(address("mcp"), "POST", "/mcp", body, headers)
    assert status == 200, answer
    text = answer.decode()
    data = next(line[5:] for line in text.split("\n") if line.startswith("data:")) if "data:" in text[:200] else text
    return json.loads(data), given.get("mcp-session-id", "")


@pytest.mark.point(10)
def test_a_client_of_the_protocol_initializes_lists_and_calls(agent_key: str, evidence: Evidence) -> None:
    client = {"protocolVersion": REVISION, "capabilities": {}, "clientInfo": {"name": "stack", "version": "1"}}
    opened, session = mcp(agent_key, "initialize", client)
    assert opened["result"]["protocolVersion"] == REVISION
    listed, _ = mcp(agent_key, "tools/list", {}, session)
    names = {tool["name"] for tool in listed["result"]["tools"]}
    assert {"knowledge_search", "inventory_at_risk"} <= names
    called, _ = mcp(agent_key, "tools/call", {"name": "knowledge_search", "arguments": {"query": "returns"}}, session)
    assert not called["result"].get("isError"), called
    evidence(f"MCP {REVISION}: initialize, {len(names)} tools listed, knowledge_search called")


@pytest.mark.point(10)
def test_the_live_feed_sends_an_event(operator_key: str, evidence: Evidence) -> None:
    connection = http.client.HTTPConnection(*address("approvals"), timeout=60)
    try:
        connection.request(
            "GET", "/v1/events", headers={"Authorization": f"Bearer {operator_key}", "Last-Event-ID": "0"}
        )
        response = connection.getresponse()
        assert response.status == 200
        assert (response.getheader("content-type") or "").startswith("text/event-stream")
        line = response.readline()
        while not line.startswith(b"data:"):
            assert line, "the stream has ended"
            line = response.readline()
        evidence(f"SSE: {line.decode().strip()[:80]}")
    finally:
        connection.close()


@pytest.mark.point(10)
def test_the_console_shows_a_page(evidence: Evidence) -> None:
    status, page, headers = request(address("dashboard"), "GET", "/sign-in")
    assert status == 200
    assert "default-src" in headers["content-security-policy"]
    title = re.search(rb"<title>(.*?)</title>", page, re.DOTALL)
    assert title is not None
    evidence(f"console: {title[1].decode().strip()}")


def test_the_log_is_one_json_object_per_line() -> None:
    for service in SERVICES:
        lines = compose("logs", "--no-log-prefix", service).splitlines()
        assert lines, service
        assert all(isinstance(json.loads(line), dict) for line in lines), service


def bytes_of(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text.strip()).groups()  # type: ignore[union-attr]  # else it raises
    return float(number) * {"B": 1, "KiB": 1024, "MiB": MIB, "GiB": 1024 * MIB}[unit]


@pytest.mark.point(9)
def test_the_idle_stack_is_small(evidence: Evidence) -> None:
    ids = [each["Id"] for service in SERVICES for each in containers(service)]
    used = running.docker("stats", "--no-stream", "--format", "{{.MemUsage}}", *ids).splitlines()
    total = sum(bytes_of(line.partition("/")[0]) for line in used)
    evidence(f"idle stack: {total / MIB:.0f} MiB resident (promised: 1536 MiB)")
    assert total <= 1536 * MIB


def test_the_first_start_made_keys_that_only_the_service_can_read() -> None:
    files = [f"/data/keys/{kind}.key" for kind in ("agent", "service", "operator")]
    assert inside("rag", "stat", "--format", "%a %u", *files).splitlines() == ["600 10001"] * 3
