"""Pages of figures in a browser: every view, light and dark, wide and narrow, and a way through each page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.dashboard.figures import SKUS, beside_figures
from tests.dashboard.platform import Beside
from tests.e2e.surfing import NARROW, accessible, in_looks, is_live, window, with_axe

pytestmark = pytest.mark.asyncio(loop_scope="session")
EXPERIMENT = "/sales?view=experiments&arm=old&visitors=9000&conversions=400&arm=new&visitors=9000&conversions=600"
VIEWS = (
    "/inventory?view=fast",
    "/inventory?view=orders",
    "/sales",
    "/sales?view=customers",
    "/sales?view=anomalies",
    EXPERIMENT,
    "/seo",
)
DRAWN = "(picture) => picture.complete && picture.naturalWidth > 0"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside analytics and approvals."""
    async with beside_figures(tmp_path_factory.mktemp("figures")) as (running_beside, _):
        yield running_beside


async def drawn(page: Page) -> None:
    """Wait until the first chart of a page is there."""
    picture = page.locator("picture img").first
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True, timeout=15_000)
    assert await picture.evaluate(DRAWN)


@in_looks()
async def test_every_view_shuts_nobody_out_and_keeps_the_policy(
    chromium: Browser, shop: Beside, looks: dict[str, Any]
) -> None:
    async with window(chromium, shop, **looks) as opened:
        await with_axe(opened.context)
        for path in VIEWS:
            page = await opened.open(path)
            assert await accessible(page) == [], path
            assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
            await page.close()
        assert opened.faults == []


async def test_from_the_list_to_a_sku_its_chart_and_the_days_behind_it(chromium: Browser, shop: Beside) -> None:
    async with window(chromium, shop) as opened:
        page = await opened.open("/inventory?view=fast")
        await is_live(page)
        await page.locator("tbody th a").first.click()
        await drawn(page)
        await page.get_by_text("What is expected, day by day, as a table").click(timeout=15_000)
        await expect(page.locator("#sku-forecast tbody tr")).to_have_count(28)
        await page.locator("#origin-forecast summary").click()
        await expect(page.locator("#origin-forecast")).to_contain_text("Digest of what came in")
        assert opened.faults == []


@in_looks()
async def test_a_chart_is_looked_at_more_nearly_by_keyboard(
    chromium: Browser, shop: Beside, looks: dict[str, Any]
) -> None:
    fetched: list[str] = []
    async with window(chromium, shop, **looks) as opened:
        await with_axe(opened.context)
        opened.context.on("request", lambda asked: fetched.append(asked.url))
        page = await opened.open("/inventory?view=fast")
        await page.goto(f"{shop.url}{await page.locator('tbody th a').first.get_attribute('href')}")
        zoom = page.get_by_role("button", name="Zoom", exact=True)
        await drawn(page)
        assert not [url for url in fetched if "uplot" in url]
        await zoom.focus()
        await page.keyboard.press("Enter")
        chart = page.locator(".nearer")
        await expect(chart).to_be_focused(timeout=30_000)
        said = page.locator(".nearer + [role=status]")
        await expect(said).to_contain_text("118 of 118 days")
        await expect(page.locator("div:has(> .nearer) .badge.mode.mock")).to_be_visible()
        await page.keyboard.press("+")
        await expect(said).not_to_contain_text("118 of 118 days")
        await page.keyboard.press(".")
        await expect(said).to_contain_text(re.compile(r"On \d{4}-\d\d-\d\d: Sold \d"))
        assert await accessible(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        await page.get_by_role("button", name="All days").click()
        await expect(said).to_contain_text("118 of 118 days")
        await page.get_by_role("button", name="Back to the picture").click()
        await expect(zoom).to_be_focused()
        await expect(chart).to_have_count(0)
        await page.goto(f"{shop.url}/sales?view=forecast")
        await drawn(page)
        await zoom.click()
        await expect(said).to_contain_text("118 of 118 days", timeout=30_000)
        assert opened.faults == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_on_a_phone_somebody_searches_sorts_and_reads_all(
    chromium: Browser, shop: Beside, *, scripts: bool
) -> None:
    async with window(chromium, shop, viewport=NARROW, java_script_enabled=scripts) as opened:
        page = await opened.open("/inventory")
        await page.get_by_label("Order").select_option(label="On hand, largest first")
        await page.get_by_role("button", name="Show").click()
        await expect(page).to_have_url(f"{shop.url}/inventory?search=&supplier=&abc_class=&standing=&sort=-on_hand")
        await expect(page.locator("tbody tr")).to_have_count(25)
        await page.get_by_role("link", name=f"Show all {SKUS}").click()
        await expect(page.locator("tbody tr")).to_have_count(SKUS)
        assert opened.faults == []


async def test_an_order_is_proposed_by_keyboard(chromium: Browser, shop: Beside) -> None:
    async with window(chromium, shop) as opened:
        page = await opened.open("/inventory?view=orders")
        await page.locator("tbody th a").first.focus()
        await page.keyboard.press("Enter")
        await page.get_by_label("The supplier's e-mail address").focus()
        await page.keyboard.type("orders@example.com")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="See the proposal")).to_be_visible()
        assert opened.faults == []


async def test_a_finding_opens_its_evidence_and_an_unusual_day_its_causes(chromium: Browser, shop: Beside) -> None:
    async with window(chromium, shop) as opened:
        page = await opened.open("/sales?view=anomalies")
        await page.locator("#episode-1 summary").click()
        await expect(page.locator("#episode-1")).to_contain_text("robust deviations off")
        await page.goto(f"{shop.url}/sales?view=forecast")
        await expect(page.locator("#record")).to_contain_text("seasonal naive")
        await drawn(page)
        await page.goto(f"{shop.url}/seo")
        await drawn(page)
        await page.locator("#finding-more-1 summary").click()
        await expect(page.locator("#finding-more-1 dl")).to_contain_text("Reckoned by")
        assert opened.faults == []
