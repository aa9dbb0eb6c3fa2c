"""Pages, templates, completions, and headers that repeat what is in the body."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.shared.exceptions import MCPError
from mcp_types import HEADER_MISMATCH, PromptReference, ResourceTemplateReference

from tests.mcp.fixtures.raw import legacy, modern
from tests.mcp.fixtures.service import Service, build, serving
from tests.mcp.fixtures.toolbox import TOOLS, FakeToolbox, tool
from tillhand_common.testing import client
from tillhand_mcp.domain.tools import ResourceTemplate
from tillhand_mcp.routes.protocol.paging import page

TEMPLATE = ResourceTemplate("tillhand://documents/{id}", "document", "A document", "By its id.")


async def asked(service: Service, key: str, method: str, params: Mapping[str, Any], **headers: str) -> Any:  # noqa: ANN401  # any JSON
    """Send a message and return the answer."""
    async with httpx2.AsyncClient() as http:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await http.post(service.url, **modern(method, params).sent(key, named))).json()


async def test_tools_come_in_pages_of_which_none_is_lost(tmp_path: Path) -> None:
    async with serving(FakeToolbox(), tmp_path, page_size=3) as service:
        key, cursor, names, pages = service.key("tester"), None, [], 0
        while pages == 0 or cursor is not None:
            params: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
            result = (await asked(service, key, "tools/list", params))["result"]
            names += [each["name"] for each in result["tools"]]
            cursor, pages = result.get("nextCursor"), pages + 1
    assert names == sorted([*(each.name for each in TOOLS), "approval_status"])
    assert pages == 3


def test_a_page_begins_after_the_last_name_also_when_that_has_gone() -> None:
    first, cursor = page(["a", "b", "c", "d"], None, 2, str)
    second, end = page(["a", "bb", "c", "d"], cursor, 5, str)
    assert (list(first), list(second), end) == (["a", "b"], ["bb", "c", "d"], None)


@given(st.sets(st.text(max_size=5), max_size=12), st.integers(1, 5))
def test_pages_are_the_whole_list_in_order(names: set[str], size: int) -> None:
    wanted, seen, cursor = sorted(names), list[str](), None
    while True:
        shown, cursor = page(wanted, cursor, size, str)
        assert len(shown) <= size
        seen += shown
        if cursor is None:
            break
    assert seen == wanted


@pytest.mark.parametrize("cursor", ["!", "é", "/w", "x"])
def test_a_cursor_that_cannot_be_read_is_refused(cursor: str) -> None:
    with pytest.raises(MCPError):
        page(["a"], cursor, 2, str)


async def test_templates_are_listed_and_their_variable_is_completed(tmp_path: Path) -> None:
    documents = {f"tillhand://documents/{name}": "" for name in ("returns", "rebates", "shipping")}
    async with serving(FakeToolbox(documents=documents), tmp_path, templates=[TEMPLATE]) as service:
        key = service.key("tester")
        listed = (await asked(service, key, "resources/templates/list", {}))["result"]["resourceTemplates"]
        ref = ResourceTemplateReference(uri=TEMPLATE.uri_template).model_dump(by_alias=True)
        completed = await asked(
            service, key, "completion/complete", {"ref": ref, "argument": {"name": "id", "value": "re"}}
        )
        other = {**ref, "uri": "tillhand://orders/{id}"}
        refused = await asked(
            service, key, "completion/complete", {"ref": other, "argument": {"name": "id", "value": ""}}
        )
        prompt = PromptReference(name="greet").model_dump(exclude_none=True)
        nothing = await asked(
            service, key, "completion/complete", {"ref": prompt, "argument": {"name": "name", "value": "A"}}
        )
    assert [(each["uriTemplate"], each["name"]) for each in listed] == [(TEMPLATE.uri_template, "document")]
    assert completed["result"]["completion"] == {"values": ["returns", "rebates"], "total": 2, "hasMore": False}
    assert refused["error"]["message"] == "There is no such template."
    assert nothing["result"]["completion"]["values"] == []


REGION = {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}


@pytest.mark.parametrize(("header", "accepted"), [("north", True), ("=?base64?bm9ydGg=?=", True), ("south", False)])
async def test_a_header_is_checked_on_the_first_call_already(
    tmp_path: Path, header: str, accepted: bool
) -> None:  # a case
    toolbox = FakeToolbox(listed=[tool("counts", REGION)])
    async with serving(toolbox, tmp_path) as service:
        params = {"name": "counts", "arguments": {"region": "north"}}
        named = {"mcp_name": "counts", "mcp_param_region": header}
        answer = await asked(service, service.key("tester"), "tools/call", params, **named)
    if accepted:
        assert answer["result"]["structuredContent"] == {"text": "3"}
    else:
        assert answer["error"]["code"] == HEADER_MISMATCH
        assert toolbox.calls == []


async def test_blanks_around_the_value_of_a_header_are_no_part_of_it(tmp_path: Path) -> None:
    app, _ = build(FakeToolbox(), tmp_path)
    async with client(app) as http:
        key = app.state.chassis.keys.create("tester", "agent").token
        message = modern("tools/call", {"name": "echo", "arguments": {"text": "x"}})
        answer = await http.post("/mcp", **message.sent(key, {"mcp-name": " \techo  "}))
    assert answer.json()["result"]["structuredContent"] == {"text": "x"}


async def test_text_is_compact_and_no_larger_than_it_must_be(service: Service, key: str) -> None:
    answer = await asked(
        service, key, "tools/call", {"name": "echo", "arguments": {"text": "x" * 2000}}, mcp_name="echo"
    )
    assert len(str(answer)) < 2 * 2000 + 400


async def test_a_subscription_outside_of_a_session_is_no_method(service: Service, key: str) -> None:
    async with httpx2.AsyncClient() as http:
        message = legacy("resources/subscribe", {"uri": "tillhand://documents/returns"})
        answer = await http.post(service.url, **message.sent(key))
    assert answer.status_code == 400
