"""The list of all SKUs: when its rows are there, and what the page then holds."""

from __future__ import annotations

from typing import Final

from playwright.async_api import BrowserContext, expect

ROWS: Final = 1_200
SHOWN: Final = """() => new Promise((done) => {
  const rows = () => document.querySelectorAll('main tbody tr').length;
  const look = () => (rows() < ROWS ? setTimeout(look, 5) : requestAnimationFrame(() => done(performance.now())));
  look();
})""".replace("ROWS", str(ROWS))


async def rows(context: BrowserContext, url: str, count: int) -> tuple[list[float], float]:
    """Milliseconds from each opening until all rows are there, and the megabytes of the page's scripts after it."""
    page = await context.new_page()
    times = []
    for _ in range(count + 1):
        await page.goto(f"{url}/inventory?rows=all", wait_until="commit")
        times.append(float(await page.evaluate(SHOWN)))
    await expect(page.locator("main tbody tr")).to_have_count(ROWS)
    session = await context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    heap = await session.send("Runtime.getHeapUsage")
    await page.close()
    return times[1:], heap["usedSize"] / 1e6
