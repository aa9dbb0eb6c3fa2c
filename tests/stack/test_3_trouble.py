"""What becomes of the stack when a process is stopped, killed or held, and when all of it goes and comes back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Self

import pytest

from tests.stack.conftest import Evidence
from tests.stack.running import (
    PORTS,
    SERVICES,
    address,
    call,
    compose,
    container,
    eventually,
    healthy,
    held,
    inner,
    inside,
    ready,
    request,
)

Within = Callable[[str, float, float], None]
ASKED = {
    "rag": "/v1/collections",
    "mcp": "/v1/tools",
    "approvals": "/v1/proposals",
    "analytics": "/v1/status",
    "dashboard": "/sign-in",
}
CALLERS = 4


class Load:
    """Callers that send what a balancer would still send: nothing more once the service says that it leaves."""

    def __init__(self, service: str, key: str) -> None:
        self._place, self._path = inner(container(service), service), ASKED[service]
        self._headers = {"Authorization": f"Bearer {key}"}
        self._leaving = threading.Event()
        self.answered, self.lost = 0, list[str]()
        self._threads = [threading.Thread(target=self._call, daemon=True) for _ in range(CALLERS)]
        self._threads.append(threading.Thread(target=self._watch, daemon=True))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        for thread in self._threads:
            thread.join(timeout=60)

    def _watch(self) -> None:
        while not self._leaving.is_set():
            try:
                status = request(self._place, "GET", "/ready?for=traffic")[0]
            except OSError:
                status = 0
            if status != 200:
                self._leaving.set()

    def _call(self) -> None:
        while not self._leaving.is_set():
            try:
                status = request(self._place, "GET", self._path, headers=self._headers)[0]
                if status < 500:
                    self.answered += 1
                else:
                    self.lost.append(str(status))
            except OSError as error:
                self.lost.append(type(error).__name__)


@pytest.mark.point(13)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_stopped_under_load_loses_nothing(
    service: str, operator_key: str, within: Within, evidence: Evidence
) -> None:
    with Load(service, operator_key) as load:
        eventually("some load", lambda: load.answered > 20)
        started = time.monotonic()
        compose("stop", service)
        took_s = time.monotonic() - started
    code = container(service)["State"]["ExitCode"]
    compose("start", service)
    eventually(f"{service} is healthy again", lambda: healthy(service))
    evidence(f"{service}: {load.answered} requests answered, {len(load.lost)} lost, exit code {code}")
    assert load.lost == []
    assert code == 0
    within(f"{service}: SIGTERM to exit", took_s, 5)


@pytest.mark.point(14)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_killed_comes_back_by_itself(service: str, within: Within) -> None:
    before = container(service)
    script = "import os, pathlib; os.kill(int(pathlib.Path('/proc/1/task/1/children').read_text().split()[0]), 9)"
    inside(service, "python", "-c", script)
    killed_at = time.monotonic()
    eventually(
        f"{service} is another process and healthy",
        lambda: container(service)["State"]["StartedAt"] != before["State"]["StartedAt"] and healthy(service),
    )
    within(f"{service}: kill -9 to healthy", time.monotonic() - killed_at, 10)


@pytest.mark.point(15)
@pytest.mark.parametrize(("held_service", "asked"), [("approvals", "mcp"), ("approvals", "dashboard")])
def test_a_service_without_a_dependency_that_it_can_do_without_is_degraded(
    held_service: str, asked: str, evidence: Evidence
) -> None:
    eventually(f"{asked} is ready", lambda: ready(asked) == (200, "ready"))

    def look() -> None:
        took_s = eventually(f"{asked} is degraded", lambda: ready(asked) == (200, "degraded"))
        assert call(asked, "GET", "/health")[0] == 200
        evidence(f"{held_service} held: {asked} /ready 200 degraded after {took_s:.0f} s, /health 200")

    held(held_service, look)
    eventually(f"{asked} is ready again", lambda: ready(asked) == (200, "ready"))


@pytest.mark.point(16)
def test_down_and_up_keeps_what_was_there(operator_key: str, evidence: Evidence) -> None:
    document = {"source": "warranty.md", "text": "# Warranty\n\nA frame is guaranteed for seven years.\n"}
    assert call("rag", "POST", "/v1/documents", document, operator_key)[0] in {200, 201}
    audited = call("approvals", "GET", "/v1/audit?limit=500", None, operator_key)[1]["items"]
    compose("down")
    compose("up", "--detach", "--wait", "--wait-timeout", "300")
    again = call("approvals", "GET", "/v1/audit?limit=500", None, operator_key)[1]["items"]
    assert again[: len(audited)] == audited
    answer = call("rag", "POST", "/v1/answers", {"question": "How long is a frame guaranteed?"}, operator_key)[1]
    assert "seven years" in json.dumps(answer)
    evidence(f"down and up: the document, {len(audited)} audit records and the keys are there")


@pytest.mark.point(16)
def test_a_backup_brings_back_what_was_wiped(operator_key: str, evidence: Evidence) -> None:
    question = {"question": "How long is a frame guaranteed?"}
    status, asked = call("rag", "POST", "/v1/backups", {}, operator_key)
    assert status in {200, 201, 202}, asked
    eventually("there is a backup", lambda: bool(call("rag", "GET", "/v1/backups", None, operator_key)[1]["items"]))
    backup = call("rag", "GET", "/v1/backups", None, operator_key)[1]["items"][0]["id"]
    listed = call("rag", "GET", "/v1/documents", None, operator_key)[1]
    for document in listed["items"]:
        assert call("rag", "DELETE", f"/v1/documents/{document['id']}", None, operator_key)[0] in {200, 204}
    assert "seven years" not in json.dumps(call("rag", "POST", "/v1/answers", question, operator_key)[1])
    status, asked = call("rag", "POST", "/v1/restores", {"backup": backup}, operator_key)
    assert status in {200, 201, 202}, asked
    eventually(
        "the answer is there again",
        lambda: "seven years" in json.dumps(call("rag", "POST", "/v1/answers", question, operator_key)[1]),
    )
    evidence(f"backup, {len(listed['items'])} documents deleted, restore: the answer is there again")


def test_ports_are_those_of_the_documents() -> None:
    for service, port in PORTS.items():
        assert f"{port}/tcp" in container(service)["NetworkSettings"]["Ports"]
        assert address(service)[0] == "127.0.0.1"
