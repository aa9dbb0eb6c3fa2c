"""The policies without JavaScript: read, tried, and saved over nobody else's."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
import pytest_asyncio

from tests.dashboard.platform import Beside, beside_approvals
from tests.fakes.visitor import Visitor
from tillhand_dashboard.commands import add_account

pytestmark = pytest.mark.asyncio(loop_scope="module")
ALLOWS = {
    "id": "small",
    "description": "Small\u202e counts",
    "when": {"tools": ["stock_set"], "arguments": [{"at": "/count", "gte": 0, "lte": 5}]},
    "then": {"action": "allow", "reason": "<b>Small</b>"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside approvals that have judged two proposals by the rules they come with."""
    async with beside_approvals(tmp_path_factory.mktemp("policies")) as running_beside:
        for _ in range(2):
            await running_beside.approvals.propose()
        yield running_beside


@pytest.fixture
def admin(beside: Beside) -> Visitor:
    """An admin, at a page of their own."""
    return Visitor(beside.http, dict(beside.visitor.cookies))


def held(visitor: Visitor) -> tuple[dict[str, Any], str]:
    """The document in the text of the page, and the version that it begins from."""
    page = visitor.page.text
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    base = re.findall(r'name="base" value="(\d+)"', page)
    assert found is not None
    return json.loads(unescape(found[1])), base[-1]


async def begun(visitor: Visitor, *rules: object) -> tuple[str, str]:
    """A text with these rules on top, and the version that it begins from."""
    await visitor.open("/policies/edit")
    document, base = held(visitor)
    return json.dumps({**document, "rules": [*rules, *document["rules"]]}), base


async def put(beside: Beside, *rules: object) -> int:
    """Put rules in force past the console."""
    now = (await beside.approvals.call("operator", "GET", "/v1/policies")).json()["policies"]
    body = {**now, "rules": [*rules, *now["rules"]]}
    answer = await beside.approvals.call("operator", "PUT", "/v1/policies", body)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["version"])


async def test_everybody_reads_the_rules_with_how_often_they_decided(beside: Beside, admin: Visitor) -> None:
    page = await admin.open("/policies")
    assert "Version 0: the rules that come with the approvals" in admin.text
    assert "2. writing" in admin.text
    assert re.search(r'id="rule-2">.*?class="number">2</td>', page.text, re.DOTALL)


async def test_a_change_is_tried_then_put_in_force_and_recorded(beside: Beside, admin: Visitor) -> None:
    text, base = await begun(admin, ALLOWS)
    await admin.send("/policies/try", text=text, base=base)
    assert "Newly done at once" in admin.text
    assert "2 such would be done without anybody" in admin.text
    assert "<b>Small" not in admin.page.text
    assert (await admin.send("/policies", text=text, base=base)).status_code == 422
    assert "Not saved." in admin.text
    await admin.send("/policies", text=text, base=base, sure="yes")
    assert admin.path == "/policies"
    number = int(base) + 1
    assert f"Version {number} is in force." in admin.text
    assert "1. small Small[U+202E] counts" in admin.text
    await admin.open("/policies/edit")
    await admin.send("/policies", text=text, base=base, sure="yes")
    assert f"Version {number} is in force." in admin.text  # a second click
    types = await beside.approvals.types()
    assert types.count("policy.changed") == 1
    assert "policy.tried" in types


async def test_each_fault_is_told_at_its_line_and_nothing_is_lost(admin: Visitor) -> None:
    text, base = await begun(admin, {"id": "odd", "whn": {}, "then": {"action": "alow"}})
    assert (await admin.send("/policies/try", text=text, base=base)).status_code == 422
    document, _ = held(admin)
    assert document == json.loads(text)
    shown = re.findall(r'data-line="(\d+)"', admin.page.text)
    lines = json.dumps(document, indent=2).split("\n")
    assert [lines[int(each) - 1].strip() for each in shown] == ['"action": "alow"', '"whn": {}']
    assert "did you mean allow?" in admin.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{\n  nothing}", "Line 2 nothing} is no JSON"),
        ('{"rules": [],\n "rules": []}', 'Line 2 "rules": []} "rules" is given twice'),
        ("[]", "is no object"),
        ('{"a": NaN}', "cannot be read"),
        ('{"a": "\\ud800"}', "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('{"a":' + "[" * 40 + "]" * 40 + "}", "nested deeper than 32 levels"),
        ("", "is no JSON"),
    ],
)
async def test_what_is_no_document_is_told_before_anything_is_asked(admin: Visitor, text: str, told: str) -> None:
    await admin.open("/policies/edit")
    assert (await admin.send("/policies/try", text=text, base="0")).status_code == 422
    assert told in admin.text


async def test_nobody_overwrites_what_somebody_else_has_written_meanwhile(beside: Beside, admin: Visitor) -> None:
    text, base = await begun(admin, {"id": "mine", "when": {"risks": ["low"]}, "then": {"action": "deny"}})
    theirs = await put(beside, {"id": "theirs", "when": {"risks": ["high"]}, "then": {"action": "deny"}})
    answer = await admin.send("/policies", text=text, base=base, sure="yes")
    assert answer.status_code == 409
    assert "Somebody was faster. Nothing was saved." in admin.text
    assert '+ "id": "theirs"' in admin.text
    assert '+ "id": "mine"' in admin.text
    assert ">Put in force<" not in answer.text
    assert held(admin)[1] == str(theirs)
    await admin.send("/policies/try", text=text, base=str(theirs))
    assert ">Put in force<" in admin.page.text
    await admin.open(f"/policies?version={theirs}")
    assert '+ "id": "theirs"' in admin.text


async def test_a_role_that_nobody_has_is_pointed_out(beside: Beside, admin: Visitor) -> None:
    then = {"action": "require_approval", "roles": ["manager", "owner"]}
    await put(beside, {"id": "roles", "when": {"risks": ["high"]}, "then": then})
    answer = await beside.approvals.call("operator", "PUT", "/v1/roles/owner", {"members": ["ada"]})
    assert answer.status_code == 204, answer.text
    await admin.open("/policies")
    assert "manager Nobody owner ada" in admin.text


async def test_an_earlier_version_is_looked_at_and_begun_from(beside: Beside, admin: Visitor) -> None:
    number = await put(beside, {"id": "later", "when": {"risks": ["high"]}, "then": {"action": "deny"}})
    await put(beside, {"id": "latest", "when": {"risks": ["high"]}, "then": {"action": "deny"}})
    await admin.open(f"/policies?version={number}")
    assert f"This is version {number}, which is not in force." in admin.text
    await admin.open(f"/policies/edit?version={number}")
    document, base = held(admin)
    assert (document["rules"][0]["id"], base) == ("later", str(number + 1))


async def test_whoever_is_no_admin_reads_and_changes_nothing(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
    viewer = Visitor(beside.http)
    await viewer.enter(await add_account("vera", "viewer"))
    assert (await viewer.open("/policies")).status_code == 200
    assert "/policies/edit" not in viewer.page.text
    assert (await viewer.open("/policies/edit")).status_code == 403
    await viewer.open("/policies")
    assert (await viewer.send("/policies", text="{}", base="0", sure="yes")).status_code == 403


async def test_without_the_approvals_the_page_says_what_to_set(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with beside_approvals(tmp_path_factory.mktemp("unset"), approvals_url="") as alone:
        for path in ("/policies", "/policies/edit"):
            assert (await alone.visitor.open(path)).status_code == 200
            assert "Set TILLHAND_APPROVALS_URL." in alone.visitor.text
