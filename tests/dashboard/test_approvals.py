"""The approvals' pages without JavaScript, beside the real approvals: found, read, edited, decided by one or two."""

from __future__ import annotations

import re
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


ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["lines"],
    "additionalProperties": False,
    "properties": {
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "title": "Line",
                "required": ["sku", "count"],
                "properties": {"sku": {"type": "string", "pattern": "^[A-Z]"}, "count": {"type": "integer"}},
            },
        },
        "speed": {"enum": ["slow", "fast"]},
        "price": {"type": "number", "maximum": 100},
        "tags": {"type": "array", "items": {"type": "string"}},
        "to": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}},
    },
}


async def ordered(beside: Beside, arguments: dict[str, Any]) -> tuple[dict[str, Any], str]:
    await beside.approvals.register(TOOL, {**TOOL, "name": "order_make", "subject": None, "schema": ORDER})
    made = await beside.approvals.propose(tool="order_make", arguments=arguments)
    path = f"/approvals/{made['id']}/edit"
    await beside.visitor.open(path)
    return made, path


async def test_arguments_of_any_shape_are_edited_as_a_form(beside: Beside) -> None:
    lines = [{"sku": "A", "count": 1}, {"sku": "B", "count": 2}]
    made, path = await ordered(beside, {"lines": lines, "to": {"name": None}, "tags": ["x"]})
    visitor = beside.visitor
    sent = {
        **visitor.form,
        "/lines/0/count": "many",
        "remove:/lines/1": "yes",
        "/lines/2/sku": "c",
        "/lines/2/count": "3",
        "/price": "12.50",
        "/speed": '"fast"',
        "/tags": ["x", "y"],
    }
    page = await visitor.send(path, {**sent, "again": "yes"})
    assert page.status_code == 200
    assert (await beside.approvals.get(made))["state"] == "pending"
    page = await visitor.send(path, sent)
    assert page.status_code == 422
    assert "Count must be a number" in visitor.text
    assert visitor.form["/lines/0/count"] == "many"
    assert visitor.form["/price"] == "12.50"
    page = await visitor.send(path, visitor.form | {"/lines/0/count": "9"})
    assert page.status_code == 422
    assert re.search(r'aria-invalid="true" aria-describedby="argument-\d+-wrong [^>]*value="c"', page.text)
    await visitor.send(path, visitor.form | {"/lines/1/sku": "C"})
    assert (await beside.approvals.get(made))["arguments"] == {
        "lines": [{"sku": "A", "count": 9}, {"sku": "C", "count": 3}],
        "to": {"name": None},
        "tags": ["x", "y"],
        "speed": "fast",
        "price": 12.5,
    }
    assert "What a person has changed" in visitor.text


async def test_arguments_are_edited_as_json(beside: Beside) -> None:
    made, path = await ordered(beside, {"lines": []})
    visitor = beside.visitor
    await visitor.open(f"{path}?raw=true")
    for typed, wrong in (("{", "is no JSON at line 1"), ("[]", "must be a JSON object"), ('{"lines": 1}', "array")):
        page = await visitor.send(path, visitor.form | {"json:": typed})
        assert page.status_code == 422
        assert wrong in visitor.text
        assert visitor.form["json:"] == typed
    await visitor.send(path, visitor.form | {"json:": '{"lines": [{"sku": "Z", "count": 1}]}'})
    assert (await beside.approvals.get(made))["arguments"]["lines"] == [{"sku": "Z", "count": 1}]


async def test_before_and_after_are_compared_place_by_place(beside: Beside) -> None:
    before = {"title": "Tee", "options": [{"name": "size", "values": 3}], "text": "one\ntwo\nthree"}
    after = {"title": "Tee", "options": [{"name": "size", "values": 4}], "text": "one\n2\nthree", "new": [HIDDEN]}
    made = await made_with(beside, {"kind": "change", "what": "tee", "before": before, "after": after})
    text = beside.visitor.text
    assert "options / 1 / values changed Before 3 After 4" in text
    assert "1 one 2 \N{MINUS SIGN} two 2 + 2 3 three" in text
    assert "title" not in text
    whole = await beside.visitor.open(f"/approvals/{made['id']}/changes/0")
    assert '  title: "Tee"\n' in whole.text
    assert "\n- options / 1 / values: 3\n+ options / 1 / values: 4\n" in whole.text
    assert "- two\n+ 2\n" in whole.text
    assert "\u202e" not in whole.text


async def test_a_large_change_is_folded_and_cut_and_the_whole_is_one_click_away(beside: Beside) -> None:
    before = {f"key {number}": "a\n" * 9 for number in range(40)}
    after = {f"key {number}": "b\n" * 9 for number in range(40)}
    made = await made_with(beside, {"what": "many", "before": before, "after": after})
    assert len(beside.visitor.page.content) < 100_000
    assert "or more places" in beside.visitor.text
    assert f'href="/approvals/{made["id"]}/changes/0"' in beside.visitor.page.text
    whole = await beside.visitor.open(f"/approvals/{made['id']}/changes/0")
    assert "  key 39:\n- a" in whole.text
    assert (await beside.visitor.open(f"/approvals/{made['id']}/changes/1")).status_code == 404


async def made_with(beside: Beside, *evidence: dict[str, Any]) -> dict[str, Any]:
    proposal = await made(beside, "ONE", evidence=list(evidence))
    await beside.visitor.open(f"/approvals/{proposal['id']}")
    return proposal


async def test_what_is_long_or_hides_is_shown_as_it_is(beside: Beside) -> None:
    long = "x" * 1_000_000
    proposal = await made(
        beside, "ONE", justification=HIDDEN, evidence=[{"kind": "change", "what": "text", "before": "a", "after": long}]
    )
    page = await beside.visitor.open(f"/approvals/{proposal['id']}")
    assert page.status_code == 200
    assert len(page.content) < 30_000
    assert "999,000 more characters" in beside.visitor.text
    assert "[U+202E]&lt;b hx-get=/&gt;bold&lt;/b&gt;" in page.text
    whole = await beside.visitor.open(f"/approvals/{proposal['id']}/arguments.json")
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert len(whole.content) > 1_000_000


async def test_a_proposal_is_passed_on_to_people_of_one_role(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = await made(beside, "ONE", evidence=[{"kind": "message", "channel": "email", "text": "Where is it?"}])
    path = f"/approvals/{proposal['id']}"
    vera = await person(beside, "vera", "operator", monkeypatch)
    await vera.open(path)
    fields = {"verb": "escalate", "digest": proposal["digest"], "note": "Is it ours?", "key": "once"}
    page = await vera.send(f"{path}/decision", role="No Such", **fields)
    assert page.status_code == 422
    assert '<details id="pass-on" open>' in page.text
    assert ">Is it ours?</textarea>" in page.text
    await vera.open(path)
    for _ in range(2):
        await vera.send(f"{path}/decision", role="admin", **fields)
        assert "Waits for admin" in vera.text
        assert "vera escalated Is it ours?" in vera.text
        assert "Pass it on" not in vera.text
    page = await vera.send(f"{path}/decision", verb="approve", digest=proposal["digest"])
    assert page.status_code == 403
    await beside.visitor.open(path)
    await beside.visitor.send(f"{path}/decision", verb="approve", digest=proposal["digest"], key="then")
    assert (await beside.approvals.get(proposal))["state"] == "approved"
    assert (await beside.approvals.types()).count("decision.made") == 2


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
