"""Three of a kind: what they are asked is counted once, and what they keep is kept once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.stack.conftest import Evidence
from tests.stack.running import LONG_S, call, compose, containers, counted, eventually, held, inner, ready, request

EACH = 20
REPLICAS = ("--file", str(Path(__file__).resolve().parents[2] / "deploy" / "compose.replicas.yaml"))
POSTGRES = {
    "COMPOSE_PROFILES": "postgres",
    "TILLHAND_DATABASE_URL": "postgresql://approvals@postgres:5432/approvals",
    "TILLHAND_APPROVALS_PORT": "18013-18019",
}
TOOL = {
    "name": "stock_note",
    "version": "1",
    "risk": "medium",
    "schema": {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]},
}


def up(*arguments: str, files: Sequence[str] = (), **variables: str) -> None:
    compose(*files, "up", "--detach", "--wait", "--wait-timeout", str(LONG_S), *arguments, **variables)


@pytest.mark.point(17)
def test_three_connectors_count_each_call_exactly_once(agent_key: str, evidence: Evidence) -> None:
    up("--no-deps", "mcp", files=REPLICAS, TILLHAND_MCP_PORT="18020-18026", TILLHAND_DATABASE_URL="postgresql:")
    try:
        places = [inner(each, "mcp") for each in containers("mcp")]
        assert len(places) == 3
        before = [counted(place, "/v1/tools") for place in places]
        for place in places * EACH:
            assert call("mcp", "GET", "/v1/tools", None, agent_key, place)[0] == 200
        rise = [counted(place, "/v1/tools") - was for place, was in zip(places, before, strict=True)]
        evidence(f"mcp x 3: {3 * EACH} calls, counted {rise}, together {sum(rise):.0f}")
        assert rise == [EACH] * 3
    finally:
        up("--no-deps", "mcp")


@pytest.fixture(scope="module")
def approvals() -> Iterator[list[tuple[str, int]]]:
    """Three approvals on one PostgreSQL."""
    try:
        up("--scale", "approvals=1", "postgres", "approvals", files=REPLICAS, **POSTGRES)
        up("--scale", "approvals=3", "approvals", files=REPLICAS, **POSTGRES)
        yield [inner(each, "approvals") for each in containers("approvals")]
    finally:
        compose("rm", "--stop", "--force", "postgres", **POSTGRES)
        up("approvals")


def propose(place: tuple[str, int], key: str, number: int, idempotency_key: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency_key}
    body = {"tool": "stock_note", "arguments": {"count": number}}
    status, answer, _ = request(place, "POST", "/v1/proposals", body, headers)
    return status, answer


@pytest.mark.point(17)
def test_three_approvals_on_one_database_keep_one_record(
    approvals: list[tuple[str, int]], agent_key: str, service_key: str, operator_key: str, evidence: Evidence
) -> None:
    assert len(approvals) == 3
    status, answer = call("approvals", "PUT", "/v1/executors/stack/tools", {"tools": [TOOL]}, service_key, approvals[0])
    assert status == 200, answer
    before = sum(counted(place, "/v1/proposals") for place in approvals)
    for number in range(3 * EACH):
        status, text = propose(approvals[number % 3], agent_key, number, str(uuid.uuid4()))
        assert status == 201, text
    rise = sum(counted(place, "/v1/proposals") for place in approvals) - before
    numbers = []
    for place in approvals:
        page = call("approvals", "GET", "/v1/audit?limit=500", None, operator_key, place)[1]["items"]
        created = [each for each in page if each["type"] == "proposal.created"]
        numbers.append(len(created))
    verified = call("approvals", "POST", "/v1/audit/verify", {}, operator_key, approvals[1])
    evidence(f"approvals x 3 on PostgreSQL: {3 * EACH} proposals, counted {rise:.0f}, seen by each: {numbers}")
    assert rise == 3 * EACH
    assert numbers == [3 * EACH] * 3
    assert verified[0] == 200
    assert verified[1]["ok"] is True


@pytest.mark.point(15)
def test_a_service_without_its_critical_dependency_is_alive_and_not_ready(
    approvals: list[tuple[str, int]], evidence: Evidence
) -> None:
    place = approvals[0]

    def verdict() -> int:
        return call("approvals", "GET", "/ready", None, "", place)[0]

    def look() -> None:
        took_s = eventually("the approvals are not ready", lambda: verdict() == 503)
        assert call("approvals", "GET", "/health", None, "", place)[0] == 200
        eventually(
            "the engine is told which check fails",
            lambda: any("failing: store" in each["Output"] for each in probes()),
        )
        evidence(f"postgres held: approvals /ready 503 after {took_s:.0f} s, /health 200, the probe names store")

    def probes() -> list[dict[str, Any]]:
        log: list[dict[str, Any]] = containers("approvals")[0]["State"]["Health"]["Log"]
        return log

    assert ready("rag")[0] == 200
    held("postgres", look)
    eventually("the approvals are ready again", lambda: verdict() == 200)
