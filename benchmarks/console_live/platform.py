"""All services as processes of their own over one new folder, a browser before the console, and who is signed in."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.approvals.shop import ARGUMENTS, TOOL
from tests.fakes.visitor import Visitor
from tillhand_cli.members import ANALYTICS, APPROVALS, DASHBOARD, MCP, RAG, Member
from tillhand_cli.processes import Running, start, until_ready
from tillhand_cli.soak.service import HOST, free_port
from tillhand_common import keys

BROWSER: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
READY_WITHIN_S: Final = 120.0


@dataclass
class Platform:
    """The running services by name, and everybody's keys."""

    folder: Path
    members: Mapping[str, Member]
    http: httpx.AsyncClient
    tokens: Mapping[str, str]
    running: dict[str, Running] = field(default_factory=dict)

    def url(self, name: str) -> str:
        """Where a service is."""
        return self.members[name].url

    async def start(self, name: str) -> None:
        """Start a service, and wait until it is ready."""
        others = {f"TILLHAND_{other.name.upper()}_URL": other.url for other in self.members.values()}
        settings = {"TILLHAND_DATA_DIR": str(self.folder), "TILLHAND_RATE_LIMIT": "off", "TILLHAND_UNDO_S": "0"}
        logs = self.folder / "logs"
        self.running[name] = await start(self.members[name], host=HOST, logs=logs, environment={**others, **settings})
        await until_ready(self.running[name], READY_WITHIN_S)

    async def call(self, who: str, method: str, path: str, body: object) -> Any:  # noqa: ANN401  # any JSON
        """Ask the approvals."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        answer = await self.http.request(method, self.url("approvals") + path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def propose(self) -> dict[str, Any]:
        """A proposal of an agent."""
        made: dict[str, Any] = await self.call(
            "agent", "POST", "/v1/proposals", {"tool": TOOL["name"], "arguments": ARGUMENTS}
        )
        return made

    async def reject(self, proposal: Mapping[str, Any]) -> None:
        """Have it away again."""
        body = {"decision": "reject", "digest": proposal["digest"], "note": "measured"}
        await self.call("operator", "POST", f"/v1/proposals/{proposal['id']}/decisions", body)


@asynccontextmanager
async def platform(folder: Path) -> AsyncIterator[Platform]:
    """Every service, and a tool that an agent may propose."""
    members = {
        each.name: Member(each.name, each.package, free_port(), each.purpose)
        for each in (RAG, APPROVALS, MCP, ANALYTICS, DASHBOARD)
    }
    keys.bootstrap(folder)
    tokens: dict[str, str] = {kind: keys.read_token(folder, kind) or "" for kind in keys.KINDS}
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        opened = Platform(folder, members, http, tokens)
        stack.push_async_callback(_stop, opened)
        for name in members:
            await opened.start(name)
        await opened.call("service", "PUT", "/v1/executors/mcp/tools", {"tools": [TOOL]})
        yield opened


async def _stop(opened: Platform) -> None:
    for each in reversed(opened.running.values()):
        await each.stop()


async def signed_in(opened: Platform) -> Mapping[str, str]:
    """The cookies of the operator."""
    async with httpx.AsyncClient(base_url=opened.url("dashboard"), timeout=30) as http:
        visitor = Visitor(http)
        await visitor.enter((opened.folder / "keys" / "sign-in-link").read_text().strip())
        return visitor.cookies


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium."""
    if BROWSER is None:
        raise SystemExit("no Chromium (Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        await opened.close()


@asynccontextmanager
async def window(chromium: Browser, url: str, cookies: Mapping[str, str]) -> AsyncIterator[BrowserContext]:
    """A window of somebody who is signed in."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 900})
    await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    yield context
    await context.close()


async def live(page: Page, url: str) -> None:
    """Open a page, and wait until it is live."""
    await page.goto(url)
    await expect(page.locator("#live")).to_have_text("Live", timeout=30_000)


def now_ms() -> float:
    """The time of the day, as a page's `performance.timeOrigin + performance.now()` has it."""
    return time.time() * 1000
