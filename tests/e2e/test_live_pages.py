"""What happens shows at once, in every tab, on one connection."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.platform import Beside
from tests.e2e.surfing import is_live, window
from tests.fakes.waiting import until
from tillhand_dashboard.commands import add_account

pytestmark = pytest.mark.asyncio(loop_scope="session")
PENDING = ".figures div:has(dt:text-is('pending')) dd"


def streams(beside: Beside) -> float:
    """How many browsers the console serves with events."""
    lines = beside.app.state.chassis.metrics.render().decode().splitlines()
    [found] = [line for line in lines if line.startswith("sse_streams_open ")]
    return float(found.split()[1])


async def test_a_proposal_shows_on_the_board_without_a_reload(chromium: Browser, beside: Beside) -> None:
    async with window(chromium, beside) as opened:
        page = await opened.open("/")
        await is_live(page)
        await page.evaluate("() => { window.same = true; }")
        await page.locator("summary", has_text="Knowledge base").click()
        before = int(await page.locator(PENDING).inner_text())
        await beside.approvals.propose()
        await expect(page.locator(PENDING)).to_have_text(str(before + 1), timeout=15_000)
        assert await page.evaluate("() => window.same")
        await expect(page.locator("details[open]")).to_have_count(1)
        assert opened.faults == []


async def test_all_tabs_share_one_connection(chromium: Browser, beside: Beside) -> None:
    async with window(chromium, beside) as opened:
        pages = [await opened.open("/styleguide") for _ in range(12)]
        for page in pages:
            await is_live(page)
        await until(lambda: streams(beside) == 1)  # those of other windows are noticed to have left
        assert opened.faults == []


async def test_going_offline_is_said_and_so_is_coming_back(chromium: Browser, beside: Beside) -> None:
    async with window(chromium, beside) as opened:
        page = await opened.open("/")
        await is_live(page)
        await opened.context.set_offline(True)
        await expect(page.locator("#notice-offline")).to_be_visible()
        await opened.context.set_offline(False)
        await is_live(page)
        await expect(page.locator("#notice-offline")).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_somebody_new_signs_in_looks_and_signs_out(
    chromium: Browser, beside: Beside, monkeypatch: pytest.MonkeyPatch, *, scripts: bool
) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
    link = await add_account(name := "vera" if scripts else "victor", "viewer")
    async with window(chromium, beside, signed_in=False, java_script_enabled=scripts) as opened:
        page = await opened.open(urlsplit(link).path)
        await page.get_by_label("New password").fill("four unrelated words")
        await page.get_by_label("The same again").fill("four unrelated words")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Status", exact=True)).to_be_visible()
        await expect(page.get_by_text(f"{name}, viewer")).to_be_visible()
        await page.locator("summary", has_text="Knowledge base").click()
        await expect(page.locator("details[open] .why")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_label("Name").fill(name)
        await page.get_by_label("Password").fill("four unrelated words")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text(f"{name}, viewer")).to_be_visible()
        assert opened.faults == []
