"""The compose file on a real engine, seen from outside; skipped unless `make stack-test` has started it."""

from __future__ import annotations

import http.client
import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

STACK, URL = os.environ.get("TILLHAND_STACK", ""), os.environ.get("TILLHAND_STACK_URL", "")
pytestmark = pytest.mark.skipif(not STACK, reason="wants the running stack: make stack-test")

DOCUMENT = "# Returns\n\nA customer may return a bicycle within 45 days of delivery, unused and with its receipt.\n"
HEALTHY_S = 120


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


def compose(*arguments: str) -> str:
    done = subprocess.run([*shlex.split(STACK), *arguments], capture_output=True, text=True, check=True, timeout=180)
    return done.stdout.strip()


def inside(*command: str) -> str:
    return compose("exec", "--no-TTY", "rag", *command)


def container() -> dict[str, Any]:
    """What the engine knows of the running container."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", compose("ps", "--all", "--quiet", "rag")))
    return found[0]


def call(method: str, path: str, body: object = None, key: str = "") -> tuple[int, dict[str, Any]]:
    """One request from the host: status and decoded answer."""
    address = urlsplit(URL)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"{}")
    finally:
        connection.close()


def healthy_again() -> None:
    """Wait, bounded, for the engine to call the container healthy."""
    deadline = time.monotonic() + HEALTHY_S
    while container()["State"]["Health"]["Status"] != "healthy":
        assert time.monotonic() < deadline, compose("logs", "--tail", "30")
        time.sleep(0.5)


@pytest.fixture(scope="module")
def operator_key() -> str:
    return inside("cat", "/data/keys/operator.key")


def test_the_service_is_ready_with_its_model_store_and_index() -> None:
    status, report = call("GET", "/ready")
    assert status == 200
    assert {check["status"] for check in report["checks"].values()} == {"ok"}


def test_the_process_has_no_rights_to_lose() -> None:
    status = dict(line.split(":", 1) for line in inside("cat", "/proc/1/status").splitlines() if ":" in line)
    assert status["Uid"].split() == ["10001"] * 4
    assert int(status["CapEff"].strip(), 16) == 0
    assert int(status["CapBnd"].strip(), 16) == 0
    assert status["NoNewPrivs"].strip() == "1"


@pytest.mark.parametrize("path", ["/probe", "/opt/tillhand/probe", "/usr/local/bin/probe"])
def test_the_root_file_system_cannot_be_written(path: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        inside("touch", path)


def test_nothing_in_tmp_can_be_executed() -> None:
    assert "noexec" in next(line for line in inside("cat", "/proc/mounts").splitlines() if " /tmp " in line)


def test_the_first_start_made_keys_that_only_the_service_can_read() -> None:
    modes = inside(
        "stat", "--format", "%a %u", "/data/keys/agent.key", "/data/keys/service.key", "/data/keys/operator.key"
    )
    assert modes.splitlines() == ["600 10001"] * 3


def test_the_image_holds_no_torch_and_no_installer() -> None:
    code = "import importlib.util as u; print([n for n in ('torch', 'transformers', 'pip') if u.find_spec(n)])"
    assert inside("python", "-c", code) == "[]"


def test_without_a_key_nothing_is_told_in_a_container() -> None:
    status, problem = call("POST", "/v1/search", {"query": "returns"})
    assert status == 401
    assert problem["type"] == "urn:tillhand:problem:unauthorized"


def test_a_document_is_ingested_and_cited(operator_key: str) -> None:
    document = {"source": "returns.md", "text": DOCUMENT}
    status, stored = call("POST", "/v1/documents", document, operator_key)
    assert status in {200, 201}, stored
    status, answer = call("POST", "/v1/answers", {"question": "How many days to return a bicycle?"}, operator_key)
    assert status == 200
    assert "45 days" in json.dumps(answer)


@pytest.fixture
def stopped() -> Callable[[], int]:
    """Stops the service as `docker stop` does; returns its exit code."""

    def stop() -> int:
        compose("stop", "rag")
        code: int = container()["State"]["ExitCode"]
        return code

    return stop


def test_a_stopped_service_exits_cleanly_and_keeps_its_documents(operator_key: str, stopped: Callable[[], int]) -> None:
    assert stopped() == 0
    compose("start", "rag")
    healthy_again()
    status, answer = call("POST", "/v1/answers", {"question": "How many days to return a bicycle?"}, operator_key)
    assert status == 200
    assert "45 days" in json.dumps(answer)


def test_the_log_is_one_json_object_per_line() -> None:
    lines = compose("logs", "--no-log-prefix", "rag").splitlines()
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
