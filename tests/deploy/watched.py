"""The whole platform as `tillhand up` starts it, used a little, with a real Prometheus that watches it."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.cli.shell import WITHOUT_SETTINGS, free_port
from tests.deploy.promtool import ROOT
from tests.fakes.visitor import Visitor

HANGS_S: Final = 180
"""What no start takes, however busy the machine."""
SERVICES: Final = ("rag", "mcp", "approvals", "analytics", "dashboard")
DEPLOYED: Final = ROOT / "deploy" / "prometheus"
DISCOUNT: Final = {
    "title": "Ten per cent",
    "code": "TEN-OFF",
    "percent": 10,
    "usage_limit": 5,
    "reason": "To see how it is decided.",
    "starts_at": "2030-01-01T00:00:00Z",
}


@dataclass(frozen=True)
class Watched:
    """Where everything is: the folder in which it was started, and each address by name."""

    folder: Path
    urls: dict[str, str]
    prometheus: httpx.AsyncClient

    def headers(self, who: str) -> dict[str, str]:
        """Those of the operator, or of the agent."""
        return {"authorization": f"Bearer {(self.folder / f'.tillhand/keys/{who}.key').read_text().strip()}"}

    async def asked(self, query: str) -> list[Any]:
        """What Prometheus answers to a query, now."""
        answer = await self.prometheus.get("/api/v1/query", params={"query": query})
        assert answer.status_code == 200, f"{query}\n{answer.text}"
        found: list[Any] = answer.json()["data"]["result"]
        return found

    async def gives_data(self, query: str) -> list[Any]:
        """The same, once there is something, for there are two scrapes to wait for."""
        deadline = asyncio.get_running_loop().time() + 60
        while not (found := await self.asked(query)) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.5)  # nothing tells when the next scrape has been kept
        return found


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Watched]:
    """The platform and its Prometheus, stopped at the end."""
    ports = {name: free_port() for name in SERVICES}
    async with AsyncExitStack() as stack:
        settings = {f"TILLHAND_{name.upper()}_PORT": str(port) for name, port in ports.items()}
        command = (sys.executable, "-m", "tillhand_cli", "up", "--json", "--samples", str(ROOT / "samples"))
        out = await _started(stack, command, folder, settings)
        async with asyncio.timeout(HANGS_S):
            while (line := await out.readline()) != b"}\n":
                assert line, (folder / "errors.log").read_text()
        port = free_port()
        await _started(stack, _prometheus(folder, ports, port), folder, {})
        urls = {name: f"http://127.0.0.1:{at}" for name, at in ports.items()} | {
            "prometheus": f"http://127.0.0.1:{port}"
        }
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["prometheus"], timeout=30))
        yield Watched(folder, urls, http)


async def _started(
    stack: AsyncExitStack, command: tuple[str, ...], folder: Path, settings: dict[str, str]
) -> asyncio.StreamReader:
    errors = stack.enter_context((folder / "errors.log").open("ab"))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**WITHOUT_SETTINGS, **settings}, stdout=asyncio.subprocess.PIPE, stderr=errors
    )

    async def stop() -> None:
        if process.returncode is None:
            process.send_signal(signal.SIGINT if "up" in command else signal.SIGTERM)
        await process.communicate()

    stack.push_async_callback(stop)
    assert process.stdout is not None
    return process.stdout


def _prometheus(folder: Path, ports: dict[str, int], port: int) -> tuple[str, ...]:
    """The command of a Prometheus with the deployed configuration, faster, at these addresses."""
    config = yaml.safe_load((DEPLOYED / "prometheus.yaml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    del config["alerting"]
    jobs = [job for job in config["scrape_configs"] if job["job_name"].startswith("tillhand-")]
    for job in jobs:
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name'].removeprefix('tillhand-')]}"]}]
    config["scrape_configs"] = jobs
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    for name in config["rule_files"]:
        (folder / name).write_text(re.sub(r"(?m)^(\s+)interval: .*$", r"\1interval: 1s", (DEPLOYED / name).read_text()))
    return (
        "prometheus",
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )


async def use(watched: Watched) -> None:
    """Ask a little of every service, so that there is something to see."""
    headers = watched.headers("operator") | {"accept": "text/html, application/json"}
    asked: list[tuple[str, str, str, Any]] = [
        ("POST", "rag", "/v1/search", {"query": "how long may I return it", "collection": "default"}),
        ("POST", "rag", "/v1/answers", {"question": "How long may I return it?", "collection": "default"}),
        ("POST", "mcp", "/v1/tools/shopify_products", {}),
        ("GET", "analytics", "/v1/inventory/skus", None),
        ("GET", "analytics", "/v1/slo", None),
        ("GET", "approvals", "/v1/proposals", None),
    ]
    async with httpx.AsyncClient(headers=headers, timeout=60) as http:
        for method, service, path, body in asked:
            answer = await http.request(method, f"{watched.urls[service]}{path}", json=body)
            assert answer.status_code < 400, f"{service} {path}: {answer.text}"
        proposed = await http.post(
            f"{watched.urls['mcp']}/v1/tools/shopify_discount_create",
            json={"arguments": DISCOUNT},
            headers=watched.headers("agent"),
        )
        assert proposed.status_code < 400, proposed.text
        approvals = f"{watched.urls['approvals']}/v1/proposals"
        (waiting,) = (await http.get(approvals)).json()["items"]
        decision = {"decision": "reject", "digest": waiting["digest"], "note": "Only looked at."}
        decided = await http.post(f"{approvals}/{waiting['id']}/decisions", json=decision)
        assert decided.status_code < 400, decided.text
    async with httpx.AsyncClient(base_url=watched.urls["dashboard"], timeout=60) as http:
        visitor = Visitor(http)
        await visitor.enter((watched.folder / ".tillhand/keys/sign-in-link").read_text().strip())
        assert (await visitor.open("/")).status_code == 200
        assert (await visitor.open("/approvals")).status_code == 200
