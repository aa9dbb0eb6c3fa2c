"""The approvals' pages without JavaScript, beside the real approvals: found, read, edited, decided by one or two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.approvals.shop import TOOL
from tests.dashboard.platform import Beside, beside_approvals
from tests.fakes.visitor import Visitor
from tillhand_dashboard.commands import add_account

HIDDEN = "\u202e<b hx-get=/>bold</b>"


@pytest.fixture
async def beside(tmp_path: Path) -> AsyncIterator[Beside]:
    async with beside_approvals(tmp_path) as opened:
        yield opened


async def person(beside: Beside, name: str, role: str, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """Somebody else who has signed in."""
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
    other = Visitor(beside.http)
    await other.enter(await add_account(name, role))
    return other


async def made(beside: Beside, sku: str, **body: object) -> dict[str, Any]:
    return await beside.approvals.propose(arguments={"sku": sku, "count": 3, "email": "ann@example.com"}, **body)


async def test_the_address_says_what_of_the_inbox_is_looked_at(beside: Beside) -> None:
    visitor = beside.visitor
    await visitor.open("/approvals")
    assert "Nothing waits" in visitor.text
    decided = await made(beside, "DONE-1")
    await beside.approvals.decide("operator", decided, "reject", note="no")
    await made(beside, "TEE-1")
    await made(beside, "HAT-2", risk="high")
    await visitor.open("/approvals")
    assert "Waiting 2" in visitor.text
    assert "Rejected 1" in visitor.text
    await visitor.open("/approvals?q=hat&risk=high&group=tool")
    assert "HAT-2" in visitor.text
    assert "TEE-1" not in visitor.text
    await visitor.open("/approvals?tab=rejected")
    assert "DONE-1" in visitor.text
    await visitor.open("/approvals?q=nowhere")
    assert "Nothing matches" in visitor.text


async def test_several_are_decided_after_one_look_at_what_will_happen(beside: Beside) -> None:
    one, other = await made(beside, "ONE"), await made(beside, "OTHER")
    await beside.approvals.decide("second", other, "approve")
    visitor = beside.visitor
    await visitor.open("/approvals")
    chosen = f"{one['id']}:{one['digest']}"
    await visitor.send("/approvals/confirm", verb="reject", chosen=f"{other['id']}:{other['digest']}")
    assert "Reject 0 proposals?" in visitor.text
    await visitor.open("/approvals")
    await visitor.send("/approvals/confirm", verb="reject", chosen=chosen, back="/approvals")
    assert "Reject 1 proposal?" in visitor.text
    assert "None of these will be done" in visitor.text
    assert (await beside.approvals.get(one))["state"] == "pending"
    for _ in range(2):
        page = await visitor.send("/approvals/decisions", verb="reject", chosen=chosen, note="too many", key="once")
        assert page.status_code == 200
    assert "rejected" in visitor.text
    await visitor.open("/approvals")
    await visitor.send("/approvals/decisions", verb="approve", chosen=f"{other['id']}:{other['digest']}", key="next")
    assert "approved this already" in visitor.text
    assert (await beside.approvals.types()).count("decision.made") == 2


async def test_a_decision_is_about_what_the_page_showed_and_has_one_effect(beside: Beside) -> None:
    proposal = await made(beside, "ONE")
    path, visitor = f"/approvals/{proposal['id']}", beside.visitor
    await visitor.open(path)
    page = await visitor.send(f"{path}/decision", verb="approve", digest="0" * 64, key="a")
    assert page.status_code == 412
    assert "Nothing was decided by you" in visitor.text
    page = await visitor.send(f"{path}/decision", verb="reject", digest=proposal["digest"], note=" ", key="b")
    assert page.status_code == 422
    for key in ("c", "c", "d"):
        page = await visitor.send(f"{path}/decision", verb="approve", digest=proposal["digest"], key=key)
        assert page.status_code == 200
        assert "operator approved" in visitor.text
        assert "faster" not in visitor.text
    assert (await beside.approvals.types()).count("decision.made") == 1


async def test_arguments_are_edited_by_their_schema_or_as_json(beside: Beside) -> None:
    proposal = await made(beside, "ONE")
    path, visitor = f"/approvals/{proposal['id']}", beside.visitor
    page = await visitor.open(f"{path}/edit")
    assert 'value="ann@example.com"' in page.text
    typed = {"argument-sku": "ONE", "argument-email": "ann@example.com", "digest": proposal["digest"]}
    page = await visitor.send(f"{path}/edit", **typed, **{"argument-count": "many"})
    assert page.status_code == 422
    assert "This is no whole number." in visitor.text
    assert 'value="many"' in page.text
    page = await visitor.send(f"{path}/edit", **typed, **{"argument-count": "-1"})
    assert page.status_code == 422
    assert "Nothing was decided." in visitor.text
    await visitor.send(f"{path}/edit", **typed, **{"argument-count": "7"}, key="k")
    assert "What a person has changed" in visitor.text
    found = await beside.approvals.get(proposal)
    assert (found["state"], found["arguments"]["count"]) == ("approved", 7)
    schema = {"type": "object", "properties": {"lines": {"type": "array", "items": {"type": "integer"}}}}
    await beside.approvals.register(TOOL, {**TOOL, "name": "lines_set", "subject": None, "schema": schema})
    listed = await beside.approvals.propose(tool="lines_set", arguments={"lines": [1, 2]})
    await visitor.open(f"/approvals/{listed['id']}/edit")
    page = await visitor.send(digest=listed["digest"], arguments="{")
    assert "This is not JSON in line 1." in visitor.text
    await visitor.send(f"/approvals/{listed['id']}/edit", digest=listed["digest"], arguments='{"lines": [3]}')
    assert (await beside.approvals.get(listed))["arguments"] == {"lines": [3]}


async def test_what_is_long_or_hides_is_shown_as_it_is(beside: Beside) -> None:
    long = "x" * 1_000_000
    proposal = await made(
        beside, "ONE", justification=HIDDEN, evidence=[{"kind": "change", "what": "text", "before": "a", "after": long}]
    )
    page = await beside.visitor.open(f"/approvals/{proposal['id']}")
    assert page.status_code == 200
    assert len(page.content) < 30_000
    assert "998,000 more characters" in beside.visitor.text
    assert "[U+202E]&lt;b hx-get=/&gt;bold&lt;/b&gt;" in page.text
    whole = await beside.visitor.open(f"/approvals/{proposal['id']}/arguments.json")
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert len(whole.content) > 1_000_000


async def test_a_viewer_sees_and_does_not_decide(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = await made(beside, "ONE")
    path = f"/approvals/{proposal['id']}"
    viewer = await person(beside, "victor", "viewer", monkeypatch)
    await viewer.open(path)
    assert "proposed this" in viewer.text
    assert "Edit and approve" not in viewer.text
    page = await viewer.send(f"{path}/decision", verb="approve", digest=proposal["digest"])
    assert page.status_code == 403
    assert (await beside.approvals.get(proposal))["state"] == "pending"


@pytest.mark.parametrize("path", ["", "/edit", "/sources/0"])
async def test_what_is_not_there_is_told_on_its_page(beside: Beside, path: str) -> None:
    page = await beside.visitor.open(f"/approvals/{'0' * 32}{path}")
    assert page.status_code == 200
    assert "could not be" in beside.visitor.text.replace("It could not be had", "could not be")


async def test_approvals_that_are_away_are_told_with_a_remedy(operator: Visitor) -> None:
    for path in ("/approvals", f"/approvals/{'0' * 32}", f"/approvals/{'0' * 32}/edit"):
        page = await operator.open(path)
        assert page.status_code == 200
        assert "Approvals are not connected." in operator.text or "not connected" in operator.text
