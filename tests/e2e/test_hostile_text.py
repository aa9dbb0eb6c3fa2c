"""What agents and customers write does nothing, wherever it appears: nothing runs, is fetched, or hides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.approvals.shop import TOOL
from tests.dashboard.platform import Beside
from tests.e2e.surfing import Window, is_live, window

pytestmark = pytest.mark.asyncio(loop_scope="session")
LURES: Final = (
    "<img src='/struck?image' onerror=fetch('/struck?error')>",
    "<a hx-get=/struck?get hx-trigger=load>x</a>",
    "<b data-hx-post=/struck?post hx-trigger='every 100ms' hx-on::load=fetch('/struck?on')>x</b>",
    "<hx-partial hx-target='#main'><img src='/struck?partial'></hx-partial>",
    "</textarea></title></script><script>fetch('/struck?script')</script>",
    "\" autofocus onfocus=fetch('/struck?focus') '",
    "<svg/onload=fetch('/struck?svg')><iframe srcdoc='<img src=/struck?frame>'></iframe>",
    "<link rel=stylesheet href='/struck?style'><form action=/struck><button>Sign in</button></form>",
    "[x](javascript:fetch('/struck?link')) javascript:fetch('/struck?address')",
    "{{ 7 * 191 }} ${7 * 191}",
    "\u202egnp.exe\u2066\u200b\u00ad",
)
HOSTILE: Final = " ".join(LURES)
ADDRESS: Final = "javascript:fetch('/struck?href')"
KINDS: Final = ("message", "draft", "change", "figure", "citation", "notice", "<b hx-get=/struck?kind hx-trigger=load>")
EVIDENCE: Final = [
    {
        "kind": kind,
        **dict.fromkeys(("text", "subject", "channel", "method", "model", "what", "field", "before", "name"), HOSTILE),
        **dict.fromkeys(("title", "quote", "note", "value", "place", "detail"), HOSTILE),
        **dict.fromkeys(("url", "href", "source", "link", "document_id", "document"), ADDRESS),
        "after": f"{HOSTILE}\n{HOSTILE}",
        "provenance": {HOSTILE[:90]: HOSTILE, "mode": "live", "source": ADDRESS},
        "start": 0,
        "end": 9,
    }
    for kind in KINDS
]
FREE: Final = {
    "name": "page_write",
    "version": "1",
    "risk": "medium",
    "schema": {
        "type": "object",
        "properties": {"title": {"type": "string", "description": HOSTILE[:200]}, "body": {"type": "string"}},
    },
}
OPENED: Final = "() => { for (const each of document.querySelectorAll('details')) each.open = true; }"
FOUND: Final = """() => {
  const wrong = [];
  for (const each of document.querySelectorAll('*')) {
    for (const { name, value } of each.attributes) {
      if (name === 'value' || name === 'content' || name === 'title' || name.startsWith('aria-')) continue;
      const acts = name.startsWith('on') || /^\\s*(\\/struck|javascript:)/i.test(value);
      if (acts) wrong.push(`${each.tagName} ${name}=${value}`);
    }
  }
  const shown = document.title + document.body.innerText;
  if (/[\\u202a-\\u202e\\u2066-\\u2069\\u200b]/.test(shown)) wrong.push('something hides');
  if (shown.includes('1337')) wrong.push('something was worked out');
  return wrong;
}"""


@asynccontextmanager
async def lured(chromium: Browser, beside: Beside) -> AsyncIterator[tuple[Window, list[str]]]:
    """A window, and what text has made it do."""
    struck: list[str] = []
    async with window(chromium, beside) as opened:
        opened.context.on("request", lambda asked: struck.append(asked.url) if "/struck" in asked.url else None)
        opened.context.on("dialog", lambda dialog: struck.append(dialog.message))
        yield opened, struck


async def hostile(beside: Beside, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    given = {"title": HOSTILE, "body": f"{HOSTILE}\n{HOSTILE}", HOSTILE[:80]: [HOSTILE, {ADDRESS: ADDRESS}]}
    return await beside.approvals.propose(
        tool=FREE["name"], arguments={**given, **arguments}, justification=HOSTILE, evidence=EVIDENCE
    )


async def inert(page: Page) -> None:
    assert await page.evaluate(FOUND) == [], page.url


async def test_it_does_nothing_on_any_page(chromium: Browser, beside: Beside) -> None:
    assert (await beside.approvals.register(TOOL, FREE)).status_code == 200
    made, failed, other = [await hostile(beside) for _ in range(3)]
    await beside.approvals.call("agent", "POST", f"/v1/proposals/{made['id']}/notes", {"text": HOSTILE})
    await beside.approvals.decide("second", failed, "approve", note=HOSTILE)
    await beside.approvals.run(failed, "start")
    await beside.approvals.run(failed, "finish", status="failed", detail=HOSTILE)
    await beside.approvals.decide("second", other, "reject", note=HOSTILE)
    path = f"/approvals/{made['id']}"
    sources = [f"{path}/sources/{number}" for number in (0, KINDS.index("citation"))]
    details = [path, f"{path}?view=full", f"{path}/edit", f"{path}/edit?raw=true", f"/approvals/{failed['id']}"]
    lists = ["/approvals?q=struck", "/approvals?tab=all&group=agent", "/approvals?tab=all&group=tool&q=%3Cimg%20src%3D"]
    async with lured(chromium, beside) as (opened, struck):
        await inert(await opened.open("/"))  # stays open, and so does the connection
        page = await opened.open("/audit")
        for each in ("/audit", *lists, *details, f"/approvals/{other['id']}", *sources):
            await page.goto(f"{beside.url}{each}")
            await is_live(page)
            await page.evaluate(OPENED)
            await inert(page)
        assert struck == []
        assert opened.faults == []


async def test_it_does_nothing_where_it_arrives_while_one_looks(chromium: Browser, beside: Beside) -> None:
    assert (await beside.approvals.register(TOOL, FREE)).status_code == 200
    async with lured(chromium, beside) as (opened, struck):
        page = await opened.open("/approvals?q=arrived")
        await is_live(page)
        first, second = [await hostile(beside, when="arrived") for _ in range(2)]
        await expect(page.locator(".proposal")).to_have_count(2)
        await inert(page)
        await beside.approvals.decide("second", first, "approve", note=HOSTILE)
        await expect(page.locator(".toast")).to_contain_text("approved: page_write")
        await expect(page.locator(".proposal")).to_have_count(1)
        await inert(page)
        await page.keyboard.press("j")
        await page.keyboard.press("r")
        await expect(page.get_by_role("dialog", name="Reject")).to_contain_text("page_write")
        await inert(page)
        await page.keyboard.press("Escape")
        await page.locator(".proposal input").check()
        await page.get_by_role("button", name="Reject …").click()
        await expect(page.get_by_role("heading", name="Reject 1 proposal?")).to_be_visible()
        await inert(page)
        await page.get_by_label("Reason").fill(HOSTILE)
        await page.get_by_role("button", name="Reject 1").click()
        await expect(page.get_by_role("heading", name="What became of them")).to_be_visible()
        await inert(page)
        looked = await opened.open(f"/approvals/{second['id']}")
        await is_live(looked)
        await inert(looked)
        assert struck == []
        assert opened.faults == []
