"""From a question to the passage that answers it, and from an answer to a correction, in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.dashboard.library import OTTO, beside_knowledge
from tests.dashboard.platform import Beside
from tests.e2e.surfing import NARROW, accessible, in_looks, is_live, window, with_axe
from tillhand_dashboard.domain.results import Found

pytestmark = pytest.mark.asyncio(loop_scope="session")
QUESTION = "How many days to return an order?"
DROP: Final = """(most) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(['# Green\\n\\nTea.\\n'], 'green.md'));
  dataTransfer.items.add(new File([new Uint8Array(most)], 'huge.md'));
  document.querySelector('h1').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}"""
"""Two files dropped onto the page, one of them larger than is taken."""


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


async def test_earlier_questions_stay_behind_the_back_button(chromium: Browser, library: Beside) -> None:
    async with window(chromium, library) as opened:
        page = await opened.open("/ask")
        await ask(page)
        await page.get_by_label("Question").fill("How are helmets washed?")
        await page.get_by_role("button", name="Ask").click()
        await expect(page.locator(".said")).to_contain_text("by hand")
        await page.go_back()
        await expect(page.locator(".said")).to_contain_text("30 days")
        await expect(page.get_by_label("Question")).to_have_value(QUESTION)
        await page.get_by_text("Say why").click()
        await page.get_by_label("What was right, wrong or missing?").fill("Which carrier?")
        await page.get_by_role("button", name="No", exact=True).click()
        await expect(page.get_by_text("recorded: unhelpful, with what you wrote")).to_be_visible()
        assert opened.faults == []


async def test_two_who_change_a_correction_lose_nothing(chromium: Browser, library: Beside) -> None:
    async with window(chromium, library, viewport=NARROW) as opened:
        page = await opened.open("/corrections/new")
        await page.get_by_label("Questions").fill("Is bitcoin accepted?")
        await page.get_by_label("The answer").fill("No.")
        await page.get_by_role("button", name="Write it").click()
        await page.get_by_role("link", name="Change, history").click()
        other = await opened.open(page.url.removeprefix(library.url))
        await other.get_by_label("The answer").fill("Theirs.")
        await other.get_by_role("button", name="Write this version").click()
        await expect(other.get_by_text("This version answers from now on")).to_be_visible()
        await page.get_by_label("The answer").fill("Mine.")
        await page.get_by_role("button", name="Write this version").click()
        await expect(page.get_by_text("Somebody was faster.")).to_be_visible()
        await expect(page.get_by_label("The answer")).to_have_value("Mine.")
        await page.get_by_role("button", name="Write this version").click()
        await expect(page.locator("ins").first).to_have_text("now: Mine.")
        await with_axe(opened.context)
        await page.reload()
        assert await accessible(page) == []
        await page.get_by_role("link", name="Delete …").click()
        await page.get_by_role("button", name="Delete it").click()
        await expect(page.get_by_text("No corrections")).to_be_visible()
        assert opened.faults == []


def a_file(name: str, content: bytes = b"# Tea\n\nGreen tea steeps for two minutes.\n") -> FilePayload:
    """As a field of a form takes it."""
    return {"name": name, "mimeType": "text/markdown", "buffer": content}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_file_is_uploaded_and_its_job_ends_before_the_eyes(
    chromium: Browser, library: Beside, *, scripts: bool
) -> None:
    async with window(chromium, library, java_script_enabled=scripts) as opened:
        page = await opened.open("/documents")
        await page.get_by_text("Upload files").click()
        await page.get_by_label("Files").set_input_files(a_file("tea.md"))
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("region", name="The job")).to_be_visible()
        if scripts:
            await expect(page.get_by_text("1 of 1 files")).to_be_visible()
            await expect(page.get_by_role("heading", name="Read", exact=True)).to_be_visible()
        assert opened.faults == []


async def test_bytes_are_counted_as_they_go_up_and_can_be_stopped(chromium: Browser, library: Beside) -> None:
    async with window(chromium, library) as opened:
        page = await opened.open("/documents")
        line = await opened.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}
        await line.send("Network.emulateNetworkConditions", slow)
        await page.get_by_text("Upload files").click()
        await page.get_by_label("Files").set_input_files(a_file("long.md", b"# Long\n" + b"x" * 2_000_000))
        await page.get_by_role("button", name="Upload").click()
        await expect(page.locator("[data-amount]")).to_have_text(re.compile(r"^[1-9][\d.]* kB of 1\.9 MB$"))
        await expect(page.locator(".sending li")).to_contain_text(re.compile(r"\d %$"))
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator(".sending li")).to_contain_text("was not sent: stopped")
        await expect(page.get_by_role("button", name="Send 1 file again")).to_be_focused()
        assert opened.faults == []


async def test_what_cannot_go_up_is_named_and_the_rest_goes_on(chromium: Browser, library: Beside) -> None:
    async with window(chromium, library) as opened:
        await with_axe(opened.context)
        page = await opened.open("/documents")
        await page.get_by_text("Upload files").click()
        most = await page.locator("form[data-upload]").get_attribute("data-most-bytes")
        await page.evaluate(DROP, int(most or 0))
        await expect(page.get_by_text("2 files chosen")).to_be_visible()
        small, huge = (page.locator(".sending li", has_text=name) for name in ("green.md", "huge.md"))
        await expect(page.get_by_role("button", name="Upload")).to_be_focused()
        await opened.context.set_offline(offline=True)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("2 files of 2 not sent.")).to_be_visible()
        await expect(small).to_contain_text("was not sent: the connection broke off")
        await expect(huge).to_contain_text("is too large")
        assert await accessible(page) == []
        await opened.context.set_offline(offline=False)
        await page.get_by_role("button", name="Send 1 file again").click()
        await expect(small).to_contain_text("is being read")
        await page.get_by_role("link", name="Job 1").click()
        await expect(page.get_by_text("1 of 1 files")).to_be_visible()
        assert [fault for fault in opened.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []


@in_looks()
async def test_the_pages_of_the_knowledge_base_shut_nobody_out(
    chromium: Browser, library: Beside, looks: dict[str, Any]
) -> None:
    listed = await library.console.knowledge.documents(OTTO, "default")
    assert isinstance(listed, Found)
    document = f"/documents/{listed.value.items[0].id}"
    asked = f"/ask?question={QUESTION.replace(' ', '+')}"
    paths = (
        asked,
        "/documents?q=order",
        f"{document}?start=9&end=30",
        f"{document}/delete",
        "/corrections?collection=none",
    )
    async with window(chromium, library, **looks) as opened:
        await with_axe(opened.context)
        page = await opened.open("/ask")
        await is_live(page)
        for path in (*paths, "/corrections/new", "/goldens", "/uploads/nothing"):
            await page.goto(f"{library.url}{path}")
            assert await accessible(page) == [], path
            assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert opened.faults == []
