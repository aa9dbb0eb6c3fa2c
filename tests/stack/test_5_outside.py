"""Who is told outside, and who cannot get there: alerts to a webhook, and no way out for anything else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.conftest import Evidence
from tests.stack.running import LONG_S, SERVICES, compose, container, docker, eventually, inside

OUTSIDE, HERE = "203.0.113.2", "203.0.113.1"  # TEST-NET-3: an address of the world's, for documents and tests
ALERT = "TillhandServiceDown"
REACH = "import socket, sys; socket.create_connection((sys.argv[1], 443), 3).close()"
RECEIVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        print(self.rfile.read(int(self.headers["content-length"])).decode(), flush=True)
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("0.0.0.0", 9000), Handler).serve_forever()
"""
LISTEN = f"""
import socket
s = socket.create_server(("{OUTSIDE}", 443)); print("listening", flush=True)
while True: s.accept()[0].close()
"""


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True, timeout=20)


@pytest.fixture
def outside() -> Iterator[None]:
    """A host beyond the machine that knows no way back to a container: what the world is to it."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("making a host beyond the machine wants root and iproute2")
    try:
        ip("netns", "add", "tillhand-outside")
    except subprocess.CalledProcessError as refused:
        pytest.skip(f"no network namespace can be made here: {refused.stderr.strip()}")
    server = None
    try:
        ip("link", "add", "tillhand-out", "type", "veth", "peer", "name", "eth0", "netns", "tillhand-outside")
        ip("addr", "add", f"{HERE}/30", "dev", "tillhand-out")
        ip("link", "set", "tillhand-out", "up")
        ip("-netns", "tillhand-outside", "addr", "add", f"{OUTSIDE}/30", "dev", "eth0")
        ip("-netns", "tillhand-outside", "link", "set", "eth0", "up")
        command = ["ip", "netns", "exec", "tillhand-outside", "python3", "-c", LISTEN]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        assert server.stdout.readline().strip() == "listening"
        yield
    finally:
        if server is not None:
            server.kill()
            server.wait()
            assert server.stdout is not None
            server.stdout.close()
        ip("netns", "delete", "tillhand-outside")


@pytest.mark.point(20)
def test_nothing_gets_out_although_the_way_is_there(outside: None, evidence: Evidence) -> None:
    image = container("mcp")["Config"]["Image"]
    docker("run", "--rm", "--network", "bridge", image, "python", "-c", REACH, OUTSIDE)  # whoever is let out gets there
    held_in = []
    for service in SERVICES:
        with pytest.raises(AssertionError):
            inside(service, "python", "-c", REACH, OUTSIDE)
        held_in.append(service)
    evidence(f"a container on an open network reaches {OUTSIDE}; none of {', '.join(held_in)} does")


@pytest.fixture
def watched() -> Iterator[str]:
    """Prometheus and Alertmanager, and somebody whom they tell; yields the receiver's container."""
    webhook = Path(os.environ["TILLHAND_SECRETS"]) / "alert_webhook"
    before = webhook.read_text()
    webhook.chmod(0o644)
    webhook.write_text("http://receiver:9000/")
    network = next(name for name in container("mcp")["NetworkSettings"]["Networks"] if name.endswith("_services"))
    image = container("mcp")["Config"]["Image"]
    receiver = docker(
        "run", "--detach", "--network", network, "--network-alias", "receiver", image, "python", "-c", RECEIVER
    )
    try:
        names = ("prometheus", "alertmanager")
        compose("up", "--detach", "--wait", "--wait-timeout", str(LONG_S), *names, COMPOSE_PROFILES="observability")
        yield receiver
    finally:
        docker("rm", "--force", receiver)
        compose("rm", "--stop", "--force", *names, COMPOSE_PROFILES="observability")
        webhook.write_text(before)


def prometheus(query: str) -> list[dict[str, Any]]:
    found = compose(
        "exec", "--no-TTY", "prometheus",
        "promtool", "query", "instant", "--format=json", "http://127.0.0.1:9090", query,
        COMPOSE_PROFILES="observability",
    )  # fmt: skip
    results: list[dict[str, Any]] = json.loads(found)
    return results


@pytest.mark.point(18)
def test_an_alert_reaches_whoever_is_to_be_told(watched: str, evidence: Evidence) -> None:
    eventually("all services are scraped", lambda: len(prometheus('up{job=~"tillhand-.*"} == 1')) == len(SERVICES))

    def told() -> bool:
        return any(ALERT in line and "analytics" in line for line in docker("logs", watched).splitlines())

    compose("stop", "analytics")
    try:
        took_s = eventually("the receiver is told that analytics is down", told, within_s=600)
    finally:
        compose("start", "analytics")
    evidence(f"analytics stopped: {ALERT} at the webhook after {took_s:.0f} s")
