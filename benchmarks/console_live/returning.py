"""How soon a page is live again after a service was restarted, or its network was away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from playwright.async_api import Browser, Page

from benchmarks.console_live.platform import Platform, live, now_ms, window
from tests.fakes.restarting import Wire

WITHIN_S: Final = 60.0
STATES: Final = """() => {
  const shown = document.getElementById('live');
  window.states = [];
  const note = () => window.states.push([shown.textContent, performance.timeOrigin + performance.now()]);
  new MutationObserver(note).observe(shown, { childList: true, characterData: true, subtree: true });
}"""
LAST: Final = "() => window.states.at(-1) ?? ['Live', 0]"


async def _until(page: Page, word: str) -> float:
    async with asyncio.timeout(WITHIN_S):
        while True:
            state, at = await page.evaluate(LAST)
            if state == word:
                return float(at)
            await asyncio.sleep(0.01)


async def restarted(opened: Platform, page: Page, name: str, away_s: float) -> float:
    """Seconds from the moment at which a service answers again to that at which the page is live again."""
    await page.evaluate(STATES)
    await opened.running[name].stop()
    await _until(page, "Reconnecting")
    await asyncio.sleep(away_s)
    await opened.start(name)
    ready = now_ms()
    return (await _until(page, "Live") - ready) / 1000


async def offline(opened: Platform, chromium: Browser, cookies: Mapping[str, str], away_s: float) -> float:
    """The same after a network was away: nothing arrived, and no connection was closed."""
    wire = Wire(opened.url("dashboard"))
    async with wire.open() as url, window(chromium, url, cookies) as context:
        page = await context.new_page()
        await live(page, f"{url}/approvals")
        await page.evaluate(STATES)
        wire.die()
        await context.set_offline(True)
        await _until(page, "Offline")
        await asyncio.sleep(away_s)
        wire.revive()
        back = now_ms()
        await context.set_offline(False)
        return (await _until(page, "Live") - back) / 1000
