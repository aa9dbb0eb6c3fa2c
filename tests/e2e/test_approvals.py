"""The inbox: decided by keys alone, on a small screen, by two people at once, and with nobody shut out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.approvals.shop import TOOL, shop
from tests.dashboard.platform import Beside, console
from tests.e2e.surfing import NARROW, WIDE, Window, accessible, in_looks, is_live, window, with_axe
from tests.fakes.visitor import Visitor
from tillhand_dashboard.commands import add_account

pytestmark = pytest.mark.asyncio(loop_scope="session")
HOSTILE = "\u202eevil <img src=x onerror=alert(1)> <a hx-get=/ hx-trigger=load>x</a> javascript:alert(1)"
EVIDENCE: list[dict[str, Any]] = [
    {"kind": "message", "channel": "email", "subject": "Where is it", "text": "Where is my parcel?"},
    {"kind": "draft", "method": "assistant", "answered": True, "confidence": 0.8, "threshold": 0.5, "model": None},
    {"kind": "change", "what": "A-1", "field": "stock", "before": 3, "after": 9},
    {"kind": "change", "what": "A-1", "field": "text", "before": "one\ntwo", "after": f"one\n{HOSTILE}"},
    {
        "kind": "change",
        "what": "product",
        "before": {"text": "\n".join("abcdefghijk"), "options": [{"name": "size", "values": 3}], HOSTILE: 1},
        "after": {"text": "\n".join("abcdefghijK"), "options": [{"name": "size", "values": 4}], "new": [HOSTILE]},
    },
    {"kind": "change", "what": "many", "before": list(range(120)), "after": [-1 - each for each in range(120)]},
    {"kind": "figure", "name": "days of cover", "value": 3, "provenance": {"mode": "mock", "source": "fixture"}},
    {"kind": "citation", "title": "Returns", "quote": "Within 30 days", "document_id": "d1", "start": 0, "end": 9},
    {"kind": "notice", "text": HOSTILE},
    {"kind": "something new", "deep": {"er": [1, 2]}},
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def undoable(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside approvals whose decisions can be taken back for a while."""
    folder = tmp_path_factory.mktemp("undoable")
    async with shop(folder, undo_s=600) as approvals:
        address = {"approvals_url": str(approvals.http.base_url)}
        async with console(folder, approvals, address) as opened:
            yield opened


async def inbox(opened: Window, query: str = "") -> Page:
    page = await opened.open(f"/approvals{query}")
    await is_live(page)
    return page


async def proposed(beside: Beside, *skus: str) -> list[dict[str, Any]]:
    return [await beside.approvals.propose(arguments={"sku": sku, "count": 1}) for sku in skus]


async def states(beside: Beside, proposals: list[dict[str, Any]]) -> list[str]:
    return [(await beside.approvals.get(each))["state"] for each in proposals]


async def focused(page: Page, proposal: dict[str, Any]) -> None:
    await expect(page.locator(f"#p-{proposal['id']} .what")).to_be_focused()


async def test_twenty_are_decided_by_keys_alone(chromium: Browser, undoable: Beside) -> None:
    proposals = await proposed(undoable, *(f"K-{number}" for number in range(20)))
    async with window(chromium, undoable, viewport=WIDE) as opened:
        page = await inbox(opened, "?q=K-")
        rows = page.locator(".proposal")
        await expect(rows).to_have_count(20)
        await page.keyboard.press("j")
        for left in range(20, 0, -1):
            await focused(page, proposals[20 - left])
            if left % 4:
                await page.keyboard.press("a")
            else:
                await page.keyboard.press("r")
                await page.keyboard.type(f"no {left}")
                await page.keyboard.press("Control+Enter")
            await expect(rows).to_have_count(left - 1)
        await expect(page.get_by_text("Nothing matches")).to_be_visible()
        await expect(page.locator("#main")).to_be_focused()
        await expect(page.locator(".tabs", has_text="Approved 15").filter(has_text="Rejected 5")).to_be_visible(
            timeout=15_000
        )
        assert await states(undoable, proposals) == (["rejected"] + ["approved"] * 3) * 5
        await page.keyboard.press("u")
        await expect(rows).to_have_count(1)
        assert (await states(undoable, proposals))[-1] == "pending"
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
        assert opened.faults == []


async def test_a_list_that_changes_keeps_what_was_chosen_and_where_one_was(chromium: Browser, undoable: Beside) -> None:
    first, second, third = await proposed(undoable, "L-1", "L-2", "L-3")
    async with window(chromium, undoable, viewport=WIDE) as opened:
        page = await inbox(opened, "?q=L-")
        rows = page.locator(".proposal")
        await page.get_by_role("searchbox").fill("half a word")
        await page.locator(f"#p-{third['id']} .what").focus()
        await page.keyboard.press("x")
        await page.keyboard.press("k")
        await proposed(undoable, "L-4")
        await expect(rows).to_have_count(4)
        await focused(page, second)
        await expect(page.locator(f"#p-{third['id']} input")).to_be_checked()
        await expect(page.get_by_role("searchbox")).to_have_value("half a word")
        await undoable.approvals.decide("second", second, "approve")
        await expect(rows).to_have_count(3)
        await focused(page, third)
        await expect(page.locator(".toast", has_text="approved: stock_set")).to_be_visible()
        assert await states(undoable, [first, third]) == ["pending", "pending"]
        assert opened.faults == []


async def test_the_inbox_and_a_decision_fit_a_small_screen(chromium: Browser, undoable: Beside) -> None:
    [proposal] = await proposed(undoable, "S-1")
    async with window(chromium, undoable, viewport=NARROW, has_touch=True) as opened:
        page = await inbox(opened, "?q=S-1")
        await page.locator(".proposal .what").tap()
        await is_live(page)
        await page.get_by_label("Reason, or instructions").fill("Too few")
        await page.get_by_role("button", name="Reject").tap()
        await expect(page.locator("#standing .banner")).to_contain_text("operator rejected just now Too few")
        await page.get_by_role("button", name="Undo").tap()
        await expect(page.locator("#standing")).to_have_attribute("data-state", "pending")
        await page.get_by_role("button", name="Approve").dblclick()
        await expect(page.locator("#standing")).to_have_attribute("data-state", "approved")
        assert await states(undoable, [proposal]) == ["approved"]
        assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        assert opened.faults == []


async def test_of_two_who_race_one_decides_and_the_other_is_told(
    chromium: Browser, undoable: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(undoable.approvals.folder))
    other = Visitor(undoable.http)
    await other.enter(await add_account("vera", "operator"))
    [proposal] = await proposed(undoable, "R-1")
    path = f"/approvals/{proposal['id']}"
    async with window(chromium, undoable, java_script_enabled=False) as opened:
        page = await opened.open(path)
        await other.open(path)
        await other.send(f"{path}/decision", verb="approve", digest=proposal["digest"], key="vera")
        await page.get_by_role("button", name="Approve", exact=True).click()
        await expect(page.get_by_text("vera was faster.")).to_be_visible()
        await expect(page.locator("#standing")).to_contain_text("vera approved")
    [following] = await proposed(undoable, "R-2")
    async with window(chromium, undoable) as opened:
        page = await inbox(opened, "?q=R-2")
        await page.route("**/decision", lambda route: _after(other, following, route))
        await page.keyboard.press("a")
        await expect(page.locator(".toast", has_text="vera approved it already.")).to_be_visible()
        await expect(page.locator(".proposal")).to_have_count(0)


async def _after(other: Visitor, proposal: dict[str, Any], route: Any) -> None:  # noqa: ANN401  # of the library
    path = f"/approvals/{proposal['id']}"
    await other.open(path)
    await other.send(f"{path}/decision", verb="approve", digest=proposal["digest"], key="faster")
    await route.continue_()


@in_looks()
async def test_its_pages_shut_nobody_out_and_what_agents_write_does_nothing(
    chromium: Browser, undoable: Beside, looks: dict[str, Any]
) -> None:
    arguments = {"sku": HOSTILE, "count": 1, "email": "ann@example.com"}
    made = await undoable.approvals.propose(arguments=arguments, justification=HOSTILE, evidence=EVIDENCE)
    path = f"/approvals/{made['id']}"
    async with window(chromium, undoable, **looks) as opened:
        await with_axe(opened.context)
        for each in ("/approvals?tab=all&group=customer", path, f"{path}/edit", f"{path}/sources/7"):
            page = await opened.open(each)
            await is_live(page)
            assert await accessible(page) == [], each
            assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, each
            assert await page.locator("main :is(img, [hx-trigger=load], [href^='javascript'])").count() == 0
            assert "\u202e" not in await page.locator("main").inner_text()
            await page.close()
        page = await opened.open(path)
        await page.locator("#change-5 summary").click()
        await page.get_by_text("Pass it on").click()
        assert await accessible(page) == []
        page = await inbox(opened)
        await page.locator(f"#p-{made['id']} input").check()
        await page.get_by_role("button", name="Reject …").click()
        assert await accessible(page) == []
        await page.get_by_label("Reason").fill("No")
        await page.get_by_role("button", name="Reject 1").click()
        await expect(page.get_by_text("rejected")).to_be_visible()
        assert await accessible(page) == []
        assert opened.faults == []


FORM: dict[str, Any] = {
    "type": "object",
    "required": ["lines", "to"],
    "properties": {
        "lines": {
            "type": "array",
            "minItems": 1,
            "items": {
                "title": "Line",
                "type": "object",
                "properties": {"sku": {"type": "string", "pattern": "^[A-Z]"}},
            },
        },
        "price": {"type": "number", "description": HOSTILE, "maximum": 100},
        "speed": {"enum": ["slow", "fast", None]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "to": {"type": "object", "properties": {"name": {"type": ["string", "null"]}, "any": {}}},
    },
}


@in_looks()
async def test_a_form_of_any_shape_shuts_nobody_out_and_loses_nothing(
    chromium: Browser, undoable: Beside, looks: dict[str, Any]
) -> None:
    registered = await undoable.approvals.register(TOOL, {**TOOL, "name": "send", "subject": None, "schema": FORM})
    assert registered.status_code == 200
    arguments = {"lines": [{"sku": "A"}], "tags": ["x"], "to": {"name": None, "any": [HOSTILE]}}
    made = await undoable.approvals.propose(tool="send", arguments=arguments)
    async with window(chromium, undoable, **looks) as opened:
        await with_axe(opened.context)
        page = await opened.open(f"/approvals/{made['id']}/edit")
        await is_live(page)
        assert await accessible(page) == []
        await page.get_by_text("Add line 2").click()
        await page.locator("[name='/lines/1/sku']").fill("b")
        await page.get_by_label("Price").fill("a few")
        await page.locator("[name='/speed']").select_option(label="fast")
        await page.get_by_role("button", name="Approve as edited").click()
        await expect(page.locator("#wrong")).to_be_focused()
        await expect(page.locator("#wrong")).to_contain_text("Price must be a number")
        assert await accessible(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        assert "\u202e" not in await page.locator("main").inner_text()
        await page.get_by_role("link", name="Price").click()
        await expect(page.get_by_label("Price")).to_have_value("a few")
        await page.get_by_label("Price").fill("12.50")
        await page.get_by_role("button", name="Approve as edited").click()
        await expect(page.locator("[name='/lines/1/sku']")).to_have_attribute("aria-invalid", "true")
        await page.locator("[name='/lines/1/sku']").fill("B")
        await page.get_by_role("button", name="Approve as edited").click()
        await expect(page.get_by_role("heading", name="What a person has changed")).to_be_visible()
        found = (await undoable.approvals.get(made))["arguments"]
        assert (found["lines"], found["price"], found["speed"]) == ([{"sku": "A"}, {"sku": "B"}], 12.5, "fast")
        assert [each for each in opened.faults if "422" not in each] == []


async def test_a_proposal_is_passed_on_while_another_looks(chromium: Browser, undoable: Beside) -> None:
    [proposal] = await proposed(undoable, "P-1")
    async with window(chromium, undoable, viewport=WIDE) as opened:
        page, other = [await opened.open(f"/approvals/{proposal['id']}") for _ in range(2)]
        await is_live(other)
        await page.get_by_text("Pass it on").click()
        await page.get_by_label("To people of the role").select_option("admin")
        await page.get_by_label("What they should know").fill("Is it ours?")
        await page.get_by_role("button", name="Pass on").click()
        for each in (page, other):
            await expect(each.locator("#standing div", has_text="Waits for").locator("dd")).to_have_text("admin")
        assert opened.faults == []
