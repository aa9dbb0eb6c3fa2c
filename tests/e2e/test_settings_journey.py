"""An admin adds somebody, who comes by the link and ends a session elsewhere; a key is made: at a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.dashboard.platform import Beside, beside_approvals
from tests.e2e.surfing import NARROW, accessible, in_looks, is_live, window, with_axe

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "four unrelated words"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def staffed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console with accounts that nobody else changes."""
    async with beside_approvals(tmp_path_factory.mktemp("staffed")) as beside:
        yield beside


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_somebody_is_added_ends_a_session_elsewhere_and_is_barred(
    chromium: Browser, staffed: Beside, *, scripts: bool
) -> None:
    name = f"vera-{'with' if scripts else 'without'}"
    looks: dict[str, Any] = {"java_script_enabled": scripts, "viewport": NARROW}
    async with (
        window(chromium, staffed, **looks) as admins,
        window(chromium, staffed, signed_in=False, **looks) as theirs,
        window(chromium, staffed, signed_in=False, **looks) as elsewhere,
    ):
        admin = await admins.open("/settings/accounts")
        await admin.get_by_label("Name").fill(name)
        await admin.get_by_role("button", name="Add it").click()
        link = await admin.locator("#link").inner_text()
        page = await theirs.open(link.removeprefix(staffed.url))
        await page.get_by_label("New password").fill(PASSWORD)
        await page.get_by_label("The same again").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text(f"{name}, viewer")).to_be_visible()
        there = await elsewhere.open("/sign-in")
        await there.get_by_label("Name").fill(name)
        await there.get_by_label("Password").fill(PASSWORD)
        await there.get_by_role("button", name="Sign in").click()
        await expect(there.get_by_text(f"{name}, viewer")).to_be_visible()
        await page.goto(f"{staffed.url}/settings")
        await page.get_by_role("button", name="End the session").click()
        await expect(page.get_by_text("That session is over.")).to_be_visible()
        await there.goto(f"{staffed.url}/settings")
        await expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
        await admin.goto(f"{staffed.url}/settings/accounts")
        await admin.get_by_role("link", name=f"Change {name}").click()
        await admin.get_by_role("button", name=f"Bar {name}").click()
        await expect(admin.get_by_text(f"{name} is barred")).to_be_visible()
        await page.goto(f"{staffed.url}/settings")
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert admins.faults == []
        assert [each for each in theirs.faults if "401" not in each] == []


@in_looks()
async def test_the_settings_shut_nobody_out(chromium: Browser, staffed: Beside, looks: dict[str, Any]) -> None:
    async with window(chromium, staffed, **looks) as opened:
        await with_axe(opened.context)
        page = await opened.open("/settings")
        await is_live(page)
        chosen = "Light" if looks["color_scheme"] == "dark" else "Dark"
        await page.get_by_role("radio", name=chosen).check()
        await page.get_by_role("button", name="Use it").click()
        await expect(page.locator("html")).to_have_attribute("data-look", chosen.lower())
        for path in ("/settings", "/settings/accounts", "/settings/keys", "/settings/platform"):
            await page.goto(f"{staffed.url}{path}")
            for hidden in await page.locator("main details").all():
                await hidden.evaluate("(details) => { details.open = true; }")
            assert await accessible(page) == [], path
            assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
        await page.goto(f"{staffed.url}/settings/keys")
        name = f"stock-{looks['color_scheme']}"
        await page.get_by_label("Name").fill(name)
        await page.get_by_role("button", name="Make it").click()
        await expect(page.locator("#token")).to_contain_text("th_agent_")
        await page.get_by_role("link", name=f"Change {name}").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await accessible(page) == []
        await page.get_by_role("button", name=f"Revoke {name}").click()
        await expect(page.get_by_text("good no more")).to_be_visible()
        assert opened.faults == []
