"""The running stack, as its tests see it: through the engine, through the published ports, and from inside."""

from __future__ import annotations

import http.client
import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

STACK: Final = os.environ.get("TILLHAND_STACK", "")
PORTS: Final = {"rag": 8001, "mcp": 8002, "approvals": 8003, "analytics": 8004, "dashboard": 3000}
SERVICES: Final = tuple(PORTS)
LONG_S: Final = 240
"""Bound of waits that are no promise: a busy machine starts a service slowly."""
COMPOSE_S: Final = 400


def docker(*arguments: str, timeout_s: float = 120) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, timeout=timeout_s)
    return done.stdout.strip()


def compose(*arguments: str, **variables: str) -> str:
    """One compose command on the stack under test, with other variables where some are given."""
    command = [*shlex.split(STACK), *arguments]
    env = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMPOSE_S, env=env)
    assert done.returncode == 0, f"{arguments}: {done.stderr[-1500:]}"
    return done.stdout.strip()


def inside(service: str, *command: str) -> str:
    return compose("exec", "--no-TTY", service, *command)


def containers(service: str) -> list[dict[str, Any]]:
    """What the engine knows of a service's containers."""
    found: list[dict[str, Any]] = json.loads(docker("inspect", *compose("ps", "--all", "--quiet", service).split()))
    return found


def container(service: str) -> dict[str, Any]:
    return containers(service)[0]


def address(service: str) -> tuple[str, int]:
    """Where the host's loopback leads to the service."""
    published = container(service)["NetworkSettings"]["Ports"][f"{PORTS[service]}/tcp"][0]
    return published["HostIp"], int(published["HostPort"])


def inner(found: Mapping[str, Any], service: str) -> tuple[str, int]:
    """A container's own address, which the host reaches over the bridge."""
    networks: dict[str, Any] = found["NetworkSettings"]["Networks"]
    return next(each["IPAddress"] for name, each in networks.items() if name.endswith("_services")), PORTS[service]


def request(
    place: tuple[str, int],
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 60,
) -> tuple[int, bytes, Mapping[str, str]]:
    """One request on a connection of its own: status, body and headers (in lower case)."""
    connection = http.client.HTTPConnection(*place, timeout=timeout_s)
    given = {"Content-Type": "application/json", **(headers or {})}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), given)
        response = connection.getresponse()
        return response.status, response.read(), {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()


def call(
    service: str, method: str, path: str, body: object = None, key: str = "", place: tuple[str, int] | None = None
) -> tuple[int, dict[str, Any]]:
    """One request that is answered in JSON."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    status, answer, _ = request(place or address(service), method, path, body, headers)
    return status, json.loads(answer or b"{}")


def ready(service: str) -> tuple[int, str]:
    """The status code of /ready, and its verdict."""
    status, report = call(service, "GET", "/ready")
    return status, str(report.get("readiness") or report.get("status"))


def eventually(what: str, holds: Callable[[], bool], within_s: float = LONG_S) -> float:
    """Wait, bounded, until it holds; returns the seconds that it took. Nobody may answer meanwhile."""
    started = time.monotonic()
    while time.monotonic() - started < within_s:
        try:
            if holds():
                return time.monotonic() - started
        except (OSError, http.client.HTTPException, subprocess.CalledProcessError, ValueError, KeyError):
            pass  # on its way up or down
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s:g} s: {what}\n{last_words()}")


def healthy(service: str) -> bool:
    """Whether the engine calls every container of it healthy."""
    return all(each["State"].get("Health", {}).get("Status") == "healthy" for each in containers(service))


def last_words() -> str:
    return compose("ps", "--all") + "\n" + compose("logs", "--tail", "5", "--no-color")[-3000:]


def counted(place: tuple[str, int], path: str, metrics: str = "/metrics") -> float:
    """How many requests of a path a process has answered."""
    lines = request(place, "GET", metrics)[1].decode().splitlines()
    rows = [line for line in lines if line.startswith("http_requests_total{") and f'route="{path}"' in line]
    return sum(float(row.rpartition(" ")[2]) for row in rows)


def held(service: str, then: Callable[[], None]) -> None:
    """Do something while the service is paused."""
    identity = container(service)["Id"]
    docker("pause", identity)
    try:
        then()
    finally:
        docker("unpause", identity)
