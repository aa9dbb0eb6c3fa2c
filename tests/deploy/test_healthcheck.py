"""The health check of a container: a program with an exit code, run against a small real server."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

HEALTHCHECK = Path(__file__).resolve().parents[2] / "deploy" / "healthcheck.py"


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[str]]]:
    """A server that answers every request with one status; yields its port and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port, asked
        server.shutdown()
        thread.join(timeout=5)


def healthcheck(port: int) -> subprocess.CompletedProcess[str]:
    environment = {"TILLHAND_PORT": str(port)}
    command = [sys.executable, "-I", str(HEALTHCHECK)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=20)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_only_a_ready_service_is_healthy(status: int, code: int) -> None:
    with answering(status) as (port, asked):
        assert healthcheck(port).returncode == code
    assert asked == ["/ready?for=traffic"]


def test_a_service_that_does_not_listen_is_unhealthy_in_one_line() -> None:
    with answering(200) as (port, _):
        pass
    done = healthcheck(port)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert not done.stderr
