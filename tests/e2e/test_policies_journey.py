"""A policy is tried and put in force by a person at a browser, and what is wrong leads to its line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.dashboard.platform import Beside, beside_approvals
from tests.e2e.surfing import NARROW, accessible, in_looks, is_live, window, with_axe

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ruled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside approvals whose policies nobody else changes."""
    async with beside_approvals(tmp_path_factory.mktemp("ruled")) as beside:
        await beside.approvals.propose()
        yield beside


async def fill(page: Page, rule: object) -> None:
    """Put a rule on top of those in the text, and try it."""
    text = page.get_by_label("The policies, as JSON")
    document = json.loads(await text.input_value())
    await text.fill(json.dumps({**document, "rules": [rule, *document["rules"]]}))
    await page.get_by_role("button", name="Try it").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_policy_is_tried_read_and_put_in_force(chromium: Browser, ruled: Beside, *, scripts: bool) -> None:
    async with window(chromium, ruled, java_script_enabled=scripts, viewport=NARROW) as opened:
        page = await opened.open("/policies")
        await page.get_by_role("link", name="Change them").click()
        name = f"denied-{'with' if scripts else 'without'}-scripts"
        await fill(
            page, {"id": name, "when": {"tools": ["stock_set"], "requesters": [name]}, "then": {"action": "deny"}}
        )
        await expect(page.get_by_role("heading", name="Tried on the newest 1 proposal")).to_be_visible()
        await expect(page.get_by_role("region", name="Your changes")).to_contain_text(f'"id": "{name}"')
        await page.get_by_role("checkbox", name="I have read").check()
        await page.get_by_role("button", name="Put in force").click()
        await expect(page.get_by_text("is in force.", exact=False).first).to_be_visible()
        await expect(page.get_by_role("row", name=name)).to_contain_text("Denied")
        assert opened.faults == []


async def test_a_fault_leads_to_its_line(chromium: Browser, ruled: Beside) -> None:
    async with window(chromium, ruled) as opened:
        page = await opened.open("/policies/edit")
        await fill(page, {"id": "odd", "when": {}, "then": {"action": "alow"}})
        await page.get_by_role("link", name="Line").first.click()
        text = page.get_by_label("The policies, as JSON")
        await expect(text).to_be_focused()
        chosen = await text.evaluate("(text) => text.value.slice(text.selectionStart, text.selectionEnd)")
        assert chosen.strip() == '"action": "alow"'
        assert [each for each in opened.faults if "422" not in each] == []


@in_looks()
async def test_the_pages_of_the_policies_shut_nobody_out(
    chromium: Browser, ruled: Beside, looks: dict[str, Any]
) -> None:
    async with window(chromium, ruled, **looks) as opened:
        await with_axe(opened.context)
        page = await opened.open("/policies")
        await is_live(page)
        rule = {"id": "loose", "when": {"tools": ["stock_set"], "arguments": [{"at": "/sku", "eq": "A-1"}]}}
        for then in ({"action": "alow"}, {"action": "allow"}):
            await page.goto(f"{ruled.url}/policies/edit")
            await fill(page, {**rule, "then": then})
            await expect(page.get_by_role("link", name="Line")).to_have_count(int(then["action"] == "alow"))
            assert await accessible(page) == [], then
            assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        await expect(page.get_by_text("Newly done at once").first).to_be_visible()
        assert [each for each in opened.faults if "422" not in each] == []
