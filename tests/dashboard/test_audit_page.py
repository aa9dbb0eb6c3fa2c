"""The record without JavaScript: searched by its address, verified, exported, and unmasked with a reason."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.approvals.shop import ARGUMENTS, TOOL
from tests.dashboard.platform import Beside, beside_approvals
from tests.fakes.visitor import Visitor
from tests.fakes.waiting import until
from tillhand_dashboard.commands import add_account

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROPOSALS = 55
ROW = re.compile(r'<tr id="record-(\d+)">')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside approvals with more proposals than a page holds."""
    async with beside_approvals(tmp_path_factory.mktemp("audit")) as running_beside:
        for number in range(PROPOSALS):
            await running_beside.approvals.propose(justification=f"<b>A-{number}\u202e</b>")
        yield running_beside


@pytest.fixture
def visitor(beside: Beside) -> Visitor:
    """The operator, at a page of their own."""
    return Visitor(beside.http, dict(beside.visitor.cookies))


def numbers(visitor: Visitor) -> list[int]:
    """The records that the page lists."""
    return [int(each) for each in ROW.findall(visitor.page.text)]


async def every_page(visitor: Visitor, path: str, link: str = "Next page") -> list[int]:
    """The records of all pages, by the links between them."""
    found: list[int] = []
    while path:
        await visitor.open(path)
        found += numbers(visitor)
        following = re.search(r'href="(/audit\?[^"]+)">' + link, visitor.page.text)
        path = following[1].replace("&amp;", "&") if following else ""
    return found


async def test_pages_lead_through_each_record_once(beside: Beside, visitor: Visitor) -> None:
    found = await every_page(visitor, "/audit?after=0")
    assert found == list(range(1, len(found) + 1))
    assert len(found) > PROPOSALS
    await until(lambda: beside.console.relay.newest >= len(found))
    assert await every_page(visitor, "/audit", "Older records") == found[::-1]


async def test_what_came_since_is_a_part_of_the_page_that_says_how_many(beside: Beside, visitor: Visitor) -> None:
    await visitor.open("/audit")
    seen = numbers(visitor)[0]
    await beside.approvals.register({**TOOL, "version": "2"})
    await until(lambda: beside.console.relay.newest > seen)
    page = await visitor.open(f"/audit/new?seen={seen}", **{"hx-request": "true"})
    assert "<html" not in page.text
    assert f"{len(numbers(visitor))} new record" in visitor.text
    assert numbers(visitor)[-1] == seen + 1
    assert "tools.registered" in page.text
    await visitor.open(f"/audit/new?seen={2**40}")
    assert numbers(visitor) == []


async def test_kind_and_actor_narrow_the_list_and_stay_in_its_links(visitor: Visitor) -> None:
    created = await every_page(visitor, "/audit?kind=proposal.created")
    assert len(created) == PROPOSALS
    [actor] = set(re.findall(r'href="/audit\?actor=([^"]+)"', visitor.page.text))
    assert await every_page(visitor, f"/audit?actor={actor}") == created
    assert await every_page(visitor, "/audit?actor=nobody") == []
    assert "No records" in visitor.text


async def test_what_agents_wrote_is_inert_and_spelled_out(visitor: Visitor) -> None:
    page = await visitor.open("/audit?kind=proposal.created")
    assert "<b>A-" not in page.text
    assert "\u202e" not in page.text
    assert "[U+202E]" in page.text


@pytest.mark.parametrize("query", ["since=yesterday", "kind=%3Cb%3E", "proposal=%27%20or%201", "until=9999-12-31"])
async def test_a_search_that_cannot_be_read_is_told_on_the_page(visitor: Visitor, query: str) -> None:
    page = await visitor.open(f"/audit?{query}")
    assert page.status_code == 200
    assert "Search" in visitor.text


async def test_what_a_verification_found_has_an_address_of_its_own(visitor: Visitor) -> None:
    await visitor.open("/audit")
    await visitor.send("/audit/verify")
    found = visitor.page.text
    [head] = re.findall(r"<dt>Head</dt><dd><code>([0-9a-f]{64})</code>", found)
    [number] = re.findall(r"which is record (\d+)", found)
    page = await visitor.open(f"/audit?verified={number}")
    assert "The record was whole." in visitor.text
    assert head in page.text
    assert "by operator" in visitor.text
    await visitor.open("/audit?verified=1")
    assert "No verification is recorded under this number." in visitor.text


async def test_an_export_holds_what_was_searched(visitor: Visitor) -> None:
    page = await visitor.open("/audit/export.jsonl?kind=proposal.created")
    lines = [json.loads(line) for line in page.text.splitlines()]
    assert len(lines) == PROPOSALS
    assert page.headers["content-disposition"].startswith("attachment")


async def test_unmasking_wants_a_reason_and_is_recorded(beside: Beside, visitor: Visitor) -> None:
    pseudonym = (await beside.approvals.propose())["subject"]
    await visitor.open("/audit")
    await visitor.send("/audit/unmask", pseudonym=pseudonym, reason=" ")
    assert "Not unmasked." in visitor.text
    await visitor.send("/audit/unmask", pseudonym=pseudonym, reason="a call by the owner")
    assert "Behind the pseudonym" in visitor.text
    assert str(ARGUMENTS["email"]) in visitor.text
    await visitor.open("/audit?kind=audit.unmasked")
    assert len(numbers(visitor)) == 1
    assert "a call by the owner" in visitor.text


async def test_who_may_not_read_the_record_is_told_so(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
    viewer = Visitor(beside.http)
    await viewer.enter(await add_account("vera", "viewer"))
    assert (await viewer.open("/audit")).status_code == 403
    assert (await viewer.open("/audit/export.jsonl")).status_code == 403
