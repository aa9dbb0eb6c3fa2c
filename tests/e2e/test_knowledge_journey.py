"""From a question to the passage that answers it, and from an answer to a correction, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.dashboard.library import OTTO, beside_knowledge
from tests.dashboard.platform import Beside
from tests.e2e.surfing import NARROW, accessible, in_looks, is_live, window, with_axe
from tillhand_dashboard.domain.results import Found

pytestmark = pytest.mark.asyncio(loop_scope="session")
QUESTION = "How many days to return an order?"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def library(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside a knowledge base."""
    async with beside_knowledge(tmp_path_factory.mktemp("library")) as beside:
        yield beside


async def ask(page: Page) -> None:
    """Ask, and wait for the whole answer."""
    await page.get_by_label("Question").fill(QUESTION)
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_text("Did this help?")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_question_leads_to_its_passage_and_to_a_correction(
    chromium: Browser, library: Beside, *, scripts: bool
) -> None:
    async with window(chromium, library, java_script_enabled=scripts, viewport=NARROW) as opened:
        page = await opened.open("/ask")
        await ask(page)
        if scripts:
            await expect(page.locator("#answer")).to_be_focused()
        await page.get_by_role("button", name="Yes", exact=True).click()
        await expect(page.get_by_text("recorded")).to_be_visible()
        await page.goto(page.url.partition("&said")[0])
        await page.locator(".cites a").first.click()
        mark = page.locator("mark")
        await expect(mark).to_have_text("You have 30 days to return an order, and the postage is free.")
        await expect(mark).to_be_in_viewport()
        await page.go_back()
        await page.get_by_role("button", name="Write a correction").click()
        await expect(page.get_by_label("Questions")).to_have_value(QUESTION)
        await page.get_by_label("The answer").fill("40 days, says the owner.")
        await page.get_by_role("button", name="Write it").click()
        await expect(page.get_by_text("In force")).to_be_visible()
        await page.goto(f"{library.url}/ask")
        await ask(page)
        await expect(page.get_by_text("Written by a person")).to_be_visible()
        await page.goto(f"{library.url}/corrections")
        await page.get_by_role("link", name="Delete …").click()
        await page.get_by_role("button", name="Delete it").click()
        await expect(page.get_by_text("No corrections")).to_be_visible()
        assert opened.faults == []


async def test_a_file_is_uploaded_and_its_job_ends_before_the_eyes(chromium: Browser, library: Beside) -> None:
    async with window(chromium, library) as opened:
        page = await opened.open("/documents")
        await page.get_by_text("Upload files").click()
        text = b"# Tea\n\nGreen tea steeps for two minutes.\n"
        await page.get_by_label("Files").set_input_files(
            {"name": "tea.md", "mimeType": "text/markdown", "buffer": text}
        )
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_text("1 of 1 files")).to_be_visible()
        await expect(page.get_by_role("heading", name="Read", exact=True)).to_be_visible()
        assert opened.faults == []


@in_looks()
async def test_the_pages_of_the_knowledge_base_shut_nobody_out(
    chromium: Browser, library: Beside, looks: dict[str, Any]
) -> None:
    listed = await library.console.knowledge.documents(OTTO, "default")
    assert isinstance(listed, Found)
    document = f"/documents/{listed.value.items[0].id}"
    asked = f"/ask?question={QUESTION.replace(' ', '+')}"
    paths = (asked, "/documents?q=order", f"{document}?start=9&end=30", f"{document}/delete", "/corrections")
    async with window(chromium, library, **looks) as opened:
        await with_axe(opened.context)
        page = await opened.open("/ask")
        await is_live(page)
        for path in (*paths, "/corrections/new", "/goldens", "/uploads/nothing"):
            await page.goto(f"{library.url}{path}")
            assert await accessible(page) == [], path
            assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert opened.faults == []
