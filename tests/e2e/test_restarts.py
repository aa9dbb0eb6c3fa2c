"""What is away comes back: the page says so meanwhile, and no event is lost or doubled, by the numbers of records."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.approvals.shop import shop
from tests.dashboard.listening import listening
from tests.dashboard.platform import Beside, console
from tests.e2e.surfing import is_live, window
from tests.fakes.restarting import Restarting, Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")
WITHIN_S: Final = 30.0
OFFLINE_S: Final = 30.0 if os.environ.get("TILLHAND_EVERY_LOOK") else 1.0
KEEP: Final = """() => {
  window.numbers = [];
  document.body.addEventListener('live-record', ({ detail }) => window.numbers.push(Number(detail.id)));
}"""
HEARD: Final = """(last) => new Promise((done) => {
  const look = () => (window.numbers.at(-1) >= last ? done(window.numbers) : setTimeout(look, 20));
  look();
})"""


@dataclass
class Shifting:
    """The console beside the approvals, each of which can be restarted."""

    beside: Beside
    parts: dict[str, Restarting]

    async def newest(self) -> int:
        """The number of the newest record."""
        answer = await self.beside.approvals.call("operator", "GET", "/v1/audit?limit=500")
        number: int = answer.json()["items"][-1]["sequence"]
        return number


@pytest_asyncio.fixture(loop_scope="session")
async def shifting(tmp_path: Path) -> AsyncIterator[Shifting]:
    parts = {"console": Restarting(), "approvals": Restarting()}
    async with AsyncExitStack() as stack:
        approvals = await stack.enter_async_context(shop(tmp_path, parts["approvals"].serve))
        address = {"approvals_url": str(approvals.http.base_url)}
        opened = console(tmp_path, approvals, address, serve=parts["console"].serve)
        yield Shifting(await stack.enter_async_context(opened), parts)


async def heard(page: Page, last: int) -> list[int]:
    async with asyncio.timeout(WITHIN_S):
        numbers: list[int] = await page.evaluate(HEARD, last)
    return numbers


@pytest.mark.parametrize("what", ["console", "approvals"])
async def test_a_restart_loses_and_doubles_nothing(
    chromium: Browser, shifting: Shifting, what: Literal["console", "approvals"]
) -> None:
    beside, part = shifting.beside, shifting.parts[what]
    async with window(chromium, beside) as opened, listening(beside.visitor, beside.url) as listener:
        page = await opened.open("/approvals")
        await is_live(page)
        await page.evaluate(KEEP)
        first = await shifting.newest() + 1
        await beside.approvals.propose()
        await expect(page.locator(".proposal")).to_have_count(1)
        await part.stop()
        await expect(page.locator("#live")).to_have_text("Reconnecting")
        if what == "console":  # whom nobody tells what happens meanwhile
            await beside.approvals.propose()
        await part.start()
        await beside.approvals.propose()
        await is_live(page)
        await beside.approvals.propose()
        last = await shifting.newest()
        await expect(page.locator(".proposal")).to_have_count(4 if what == "console" else 3)
        assert await heard(page, last) == list(range(first, last + 1))
        async with asyncio.timeout(WITHIN_S):
            await listener.until_number(last)
        assert listener.numbers == list(range(first, last + 1))
        assert listener.resets == 0
        assert [fault for fault in opened.faults if "ERR_" not in fault] == []


async def test_what_happens_while_a_browser_is_offline_comes_when_it_is_back(
    chromium: Browser, shifting: Shifting
) -> None:
    wire = Wire(shifting.beside.url)
    async with wire.open() as url:
        beside = replace(shifting.beside, url=url)
        async with window(chromium, beside) as opened:
            pages = [await opened.open("/approvals") for _ in range(2)]
            for page in pages:
                await is_live(page)
                await page.evaluate(KEEP)
            first = await shifting.newest() + 1
            wire.die()
            await opened.context.set_offline(True)
            for page in pages:
                await expect(page.locator("#notice-offline")).to_be_visible()
            for _ in range(3):
                await beside.approvals.propose()
            await asyncio.sleep(OFFLINE_S)
            wire.revive()
            await opened.context.set_offline(False)
            last = await shifting.newest()
            for page in pages:
                await is_live(page)
                await expect(page.locator("#notice-offline")).to_be_hidden()
                await expect(page.locator(".proposal")).to_have_count(3)
                assert await heard(page, last) == list(range(first, last + 1))
