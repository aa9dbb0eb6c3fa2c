"""The record in a browser, read while it grows, verified, exported and unmasked; and connectors, which are tried."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.approvals.shop import ARGUMENTS
from tests.dashboard.connecting import beside_connectors
from tests.dashboard.platform import Beside
from tests.e2e.surfing import NARROW, accessible, in_looks, is_live, window, with_axe
from tillhand_dashboard.domain.accounts import Person

pytestmark = pytest.mark.asyncio(loop_scope="session")
OPERATOR = Person("operator", "admin")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside approvals with a record, connectors and analytics."""
    async with beside_connectors(tmp_path_factory.mktemp("connecting")) as beside:
        for _ in range(3):
            await beside.approvals.propose()
        yield beside


async def search(page: Page, kind: str) -> None:
    """Search the record for a kind; the form is folded where the screen is narrow."""
    await page.get_by_text("Search and export").click()
    await page.get_by_label("Kind").select_option(kind)
    await page.get_by_role("button", name="Search", exact=True).click()
    await expect(page).to_have_url(re.compile(f"kind={kind}"))


async def test_what_happens_is_told_and_moves_nothing_under_the_reader(chromium: Browser, shop: Beside) -> None:
    async with window(chromium, shop) as opened:
        page = await opened.open("/audit")
        await is_live(page)
        shown = await page.locator("tbody tr").first.get_attribute("id")
        first = page.locator(f"#{shown}")
        await first.locator("summary").focus()
        await page.keyboard.press("Enter")
        place = await first.bounding_box()
        made = await shop.approvals.propose()
        await expect(page.locator("#new-count")).to_contain_text("new record")
        assert await first.bounding_box() == place
        await expect(first.locator("summary")).to_be_focused()
        await expect(first.locator("details")).to_have_attribute("open", "")
        await page.get_by_text("Show them here").click()
        await expect(page.locator(f"#new-ones a[href='/approvals/{made['id']}']")).to_be_visible()
        await shop.approvals.propose()
        await expect(page.locator("#new-ones tbody tr")).to_have_count(2)
        assert opened.faults == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_on_a_phone_somebody_verifies_exports_and_unmasks(
    chromium: Browser, shop: Beside, *, scripts: bool
) -> None:
    pseudonym = (await shop.approvals.propose())["subject"]
    async with window(chromium, shop, viewport=NARROW, java_script_enabled=scripts) as opened:
        page = await opened.open("/")
        await page.get_by_text("Menu: Status").click()
        await page.get_by_role("link", name="Audit").click()
        await expect(page.locator("tbody tr").first).to_be_in_viewport()
        await page.get_by_role("button", name="Verify the whole record").click()
        await expect(page.get_by_text("The record was whole.")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("The record was whole.")).to_be_visible()
        await page.goto(f"{shop.url}/audit")
        await search(page, "looks")
        await expect(page.locator("tbody")).to_contain_text("audit.verified")
        async with page.expect_download() as begun:
            await page.get_by_role("link", name="Export as JSON lines").click()
        kept = (await asyncio.to_thread(Path(await (await begun.value).path()).read_bytes)).decode()
        assert kept.count("\n") == kept.count('"tillhand.audit.') > 0
        await page.get_by_label("Pseudonym").fill(pseudonym)
        await page.get_by_label("Reason").fill("A call by the owner.")
        await page.get_by_role("button", name="Unmask").click()
        await expect(page.get_by_text(str(ARGUMENTS["email"]))).to_be_visible()
        assert opened.faults == []


async def test_what_a_test_found_stays_with_its_connector(chromium: Browser, shop: Beside) -> None:
    async with window(chromium, shop) as opened:
        page = await opened.open("/connectors")
        await is_live(page)
        card = page.get_by_role("region", name="Inventory, search and sales")
        await expect(card.locator(".badge.mode")).to_have_text("mock")
        await page.get_by_role("button", name="Test now: Inventory, search and sales").click()
        found = page.locator("#tested-analytics")
        await expect(found).to_contain_text("Analytics answers with mock figures", timeout=15_000)
        async with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
            await page.evaluate("() => document.body.dispatchEvent(new CustomEvent('live-again'))")
        await expect(found).to_contain_text("by operator")
        await page.goto(f"{shop.url}/connectors")
        await expect(found).to_contain_text("by operator")
        assert opened.faults == []


@in_looks()
async def test_a_full_record_and_tried_connectors_shut_nobody_out(
    chromium: Browser, shop: Beside, looks: dict[str, Any]
) -> None:
    await shop.console.trials.make(OPERATOR, "messages")
    async with window(chromium, shop, **looks) as opened:
        await with_axe(opened.context)
        page = await opened.open("/audit")
        await is_live(page)
        await shop.approvals.propose()
        await page.get_by_text("Show them here").click()
        await expect(page.locator("#new-ones tbody tr").first).to_be_visible()
        assert await accessible(page) == []
        await page.get_by_role("button", name="Verify the whole record").click()
        await expect(page.get_by_text("What was verified")).to_be_visible()
        assert await accessible(page) == []
        await page.goto(f"{shop.url}/connectors")
        await expect(page.locator("#tested-messages")).to_be_visible()
        assert await accessible(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        if looks["viewport"] == NARROW:
            await page.get_by_text("Menu: Connectors").click()
            await expect(page.get_by_role("link", name="Audit")).to_be_in_viewport()
            assert await accessible(page) == []
        assert opened.faults == []
