"""Corrections changed, compared and withdrawn, by a browser without JavaScript, before a real knowledge base."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.dashboard.library import OTTO, beside_knowledge, fields
from tests.dashboard.platform import Beside
from tests.fakes.visitor import Visitor
from tillhand_dashboard.commands import add_account
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Found
from tillhand_dashboard.ports.views import Row

pytestmark = pytest.mark.asyncio(loop_scope="module")
VERA = Person("vera", "operator")
QUESTION = "Is bitcoin accepted?"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside a knowledge base; each test writes a correction of its own."""
    async with beside_knowledge(tmp_path_factory.mktemp("corrections")) as running_beside:
        yield running_beside


async def written(beside: Beside, answer: str, **more: object) -> Row:
    """A correction by Otto, with a quote and an address as its sources."""
    documents = await beside.console.knowledge.documents(OTTO, "default")
    assert isinstance(documents, Found)
    [returns] = [each.id for each in documents.value.items if each.source == "returns.md"]
    body: Row = {
        "match": {"type": "meaning", "examples": [QUESTION], "threshold": 0.9},
        "answer": answer,
        "sources": [
            {"document_id": returns, "quote": "Helmets are washed by hand."},
            {"url": "https://example.com/pay", "title": "How to pay"},
        ],
        "author": "Support",
        "last_verified": "2026-01-02T03:04:05Z",
        **more,
    }
    result = await beside.console.knowledge.correct(OTTO, body, f"key-{len(answer)}-{answer[:3]}")
    assert isinstance(result, Found)
    return result.value


def sources(visitor: Visitor) -> list[str]:
    """What the fields of the form hold about sources."""
    return [html.unescape(each) for each in re.findall(r'name="source" value="([^"]*)"', visitor.page.text)]


def entries(visitor: Visitor) -> str:
    """The history alone."""
    return visitor.text.partition(" History ")[2]


async def send(visitor: Visitor, **typed: str) -> None:
    """Send the form of the page with some fields typed anew, every source checked."""
    form = {**fields(visitor.page), "match": "meaning", "question": QUESTION, **typed}
    [action] = re.findall(r'action="(/corrections/[^"]*/edit)"', visitor.page.text)
    await visitor.send(html.unescape(action), **form, source=sources(visitor))  # type: ignore[arg-type]  # httpx repeats it


async def test_a_change_keeps_what_was_not_touched_and_is_told_by_name(beside: Beside) -> None:
    visitor, kept = beside.visitor, await written(beside, "No.", expires_at="2099-01-31T23:59:59Z")
    here = f"/corrections/{kept['id']}/edit"
    await visitor.open(here)
    assert 'value="2099-01-31"' in visitor.page.text
    await send(visitor, answer="No <b>cash</b>, cards only.", expires="2099-01-31")
    assert "This version answers from now on" in visitor.text
    assert "<b>" not in visitor.page.text
    now = await beside.console.knowledge.correction(OTTO, kept["id"], "default")
    assert isinstance(now, Found)
    assert (now.value.version, now.value.author, now.value.match.threshold) == (2, "operator", 0.9)
    assert [each.quote or each.url for each in now.value.sources] == [
        "Helmets are washed by hand.",
        "https://example.com/pay",
    ]
    told = entries(visitor)
    assert "version 2, by operator ," in told
    assert "version 1, by otto ," in told
    assert "Answer before: No. now: No <b>cash</b>, cards only." in told
    assert not {"Sources before", "Good until before", "Nearness before"} & set(re.findall(r"[A-Z][a-z ]+before", told))
    await send(visitor, answer="No <b>cash</b>, cards only.", expires="2099-01-31")
    assert "Verified again" in entries(visitor)


async def test_what_was_typed_survives_somebody_who_was_faster(beside: Beside) -> None:
    visitor, kept = beside.visitor, await written(beside, "Slow.")
    here = f"/corrections/{kept['id']}/edit"
    await visitor.open(here)
    theirs = {**kept_body(kept), "answer": "Vera's words."}
    assert isinstance(await beside.console.knowledge.rewrite(VERA, kept["id"], theirs, 1), Found)
    await send(visitor, answer="My words.")
    assert "Somebody was faster. vera wrote version 2 meanwhile." in visitor.text
    assert "Vera&#39;s words." in visitor.page.text
    assert ">My words.</textarea>" in visitor.page.text
    assert len(sources(visitor)) == 2
    await send(visitor, answer="My words.")
    assert "This version answers from now on" in visitor.text
    assert "Answer before: Vera's words. now: My words." in entries(visitor)


async def test_what_is_refused_says_why_and_loses_nothing(beside: Beside) -> None:
    visitor, kept = beside.visitor, await written(beside, "Kept.")
    await visitor.open(f"/corrections/{kept['id']}/edit")
    await send(visitor, match="pattern", pattern="*", answer="Typed for long.")
    assert "It was not written." in visitor.text
    assert ">Typed for long.</textarea>" in visitor.page.text
    assert (await visitor.open("/corrections/never-was/edit")).status_code == 404
    assert "There is nothing to change." in visitor.text


async def test_only_what_was_seen_is_deleted_and_its_history_stays(beside: Beside) -> None:
    visitor, kept = beside.visitor, await written(beside, "Doomed.")
    path = f"/corrections/{kept['id']}/delete"
    await visitor.open("/corrections")
    assert isinstance(await beside.console.knowledge.rewrite(VERA, kept["id"], kept_body(kept), 1), Found)
    await visitor.send(path, version="1")
    assert "Nothing was deleted." in visitor.text
    await visitor.open(f"/corrections/{kept['id']}/edit")
    form = fields(visitor.page)
    await visitor.send(path, version=form["version"])
    assert "Deleted." in visitor.text
    await visitor.open(f"/corrections/{kept['id']}/edit")
    assert "It is deleted." in visitor.text
    assert "Deleted version 3, by operator ," in entries(visitor)
    await visitor.send(f"/corrections/{kept['id']}/edit", **{**form, "match": "meaning", "answer": "Still here."})
    assert ">Still here.</textarea>" in visitor.page.text
    assert 'action="/corrections"' in visitor.page.text


async def test_a_source_that_says_it_no_more_is_marked_and_left_out(beside: Beside) -> None:
    visitor, kept = beside.visitor, await written(beside, "Resting.")
    source = {**kept["sources"][0], "stale": True}
    await visitor.send("/corrections/draft", answer="x", source=json.dumps(source))
    assert "Helmets are washed by hand." in visitor.text
    await visitor.send("/corrections/draft", answer="x", source="no such thing")
    assert "no such thing" in visitor.text


async def test_a_viewer_changes_nothing(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = await written(beside, "Not theirs.")
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
    visitor = Visitor(beside.http)
    await visitor.enter(await add_account("vito", "viewer"))
    assert "Change, history" not in (await visitor.open("/corrections")).text
    for path in ("edit", "delete"):
        await visitor.send(f"/corrections/{kept['id']}/{path}", version="1")
        assert visitor.page.status_code == 403
    assert isinstance(await beside.console.knowledge.correction(OTTO, kept["id"], "default"), Found)
    refused = await beside.console.knowledge.correction_history(Person("vito", "viewer"), kept["id"], "default")
    assert isinstance(refused, Failure)


def kept_body(kept: Row) -> Row:
    """A correction as it is written once more."""
    return {name: kept[name] for name in ("match", "answer", "author", "last_verified")}
