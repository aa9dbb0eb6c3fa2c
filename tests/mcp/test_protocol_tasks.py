"""Writes that wait for a person: as tasks for clients that know them, as a result to ask about for all others."""

from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    Result,
)

from tests.mcp.conftest import Connect
from tests.mcp.fixtures.clients import (
    IDENTIFIER,
    About,
    Cancel,
    Created,
    Get,
    State,
    TasksExtension,
    Update,
    get,
    words,
)
from tests.mcp.fixtures.raw import modern
from tests.mcp.fixtures.service import Service
from tests.mcp.fixtures.toolbox import FakeToolbox

MODERN = "2026-07-28"


async def created(client: Client) -> Created:
    """Propose a write and return its task."""
    answer = await client.session.call_tool("proposes", {"text": "cheaper"}, allow_claimed=True)
    assert isinstance(answer, Created)
    return answer


async def test_a_task_goes_on_until_a_person_has_approved_it(connect: Connect, toolbox: FakeToolbox) -> None:
    seen: list[str] = []

    def polled(state: State) -> None:
        seen.append(state.status)
        if state.status == "working":
            toolbox.decide(state.task_id)

    async with connect(MODERN, extensions=[TasksExtension(polled)]) as client:
        result = await client.call_tool("proposes", {"text": "cheaper"})
    assert seen == ["working", "completed"]
    assert result.structured_content == {"text": "CHEAPER"}
    assert not result.is_error


async def test_what_a_person_declines_is_completed_with_an_error_result(connect: Connect, toolbox: FakeToolbox) -> None:
    async with connect(MODERN, extensions=[TasksExtension()]) as client:
        task = await created(client)
        assert (task.status, task.ttl_ms, task.poll_interval_ms) == ("working", None, 500)
        toolbox.decide(task.task_id, approve=False)
        state = await get(client.session, task.task_id)
    assert (state.status, state.status_message) == ("completed", "Declined.")
    assert state.result is not None
    assert state.result.is_error
    assert words(state.result) == "A person declined it."


async def test_a_client_withdraws_what_it_proposed_and_may_say_so_twice(connect: Connect) -> None:
    async with connect(MODERN, extensions=[TasksExtension()]) as client:
        task = await created(client)
        for _ in range(2):
            await client.session.send_request(Cancel(params=About(task_id=task.task_id)), Result)
        state = await get(client.session, task.task_id)
    assert (state.status, state.result, state.error) == ("cancelled", None, None)


async def test_what_ends_without_an_outcome_has_failed(connect: Connect, toolbox: FakeToolbox) -> None:
    async with connect(MODERN, extensions=[TasksExtension()]) as client:
        task = await created(client)
        toolbox.lose(task.task_id)
        state = await get(client.session, task.task_id)
    assert (state.status, state.result) == ("failed", None)
    assert state.error == {"code": INTERNAL_ERROR, "message": "It was lost."}


@pytest.mark.parametrize("extensions", [[], [TasksExtension()]])
async def test_what_needs_no_person_is_answered_at_once(
    connect: Connect, era: str, extensions: list[TasksExtension]
) -> None:
    async with connect(era, extensions=extensions) as client:
        await client.list_tools()
        result = await client.call_tool("proposes", {"text": "harmless"})
    assert result.structured_content == {"text": "HARMLESS"}


async def test_answers_that_nobody_asked_for_are_taken_and_change_nothing(connect: Connect) -> None:
    async with connect(MODERN, extensions=[TasksExtension()]) as client:
        task = await created(client)
        update = Update(params=About(task_id=task.task_id, input_responses={"approve": {"action": "accept"}}))
        await client.session.send_request(update, Result)
        assert (await get(client.session, task.task_id)).status == "working"


@pytest.mark.parametrize("request_type", [Get, Update, Cancel])
async def test_nobody_learns_of_another_tenants_task(
    connect: Connect, service: Service, toolbox: FakeToolbox, request_type: type[Get | Update | Cancel]
) -> None:
    async with connect(MODERN, extensions=[TasksExtension()]) as client:
        task = await created(client)
    stranger = service.key("stranger", tenant="other")
    async with connect(MODERN, stranger, extensions=[TasksExtension()]) as client:
        for task_id in (task.task_id, "no-such-task"):
            with pytest.raises(MCPError) as failed:
                await client.session.send_request(
                    request_type(params=About(task_id=task_id, input_responses={})), Result
                )
            assert (failed.value.code, failed.value.message) == (INVALID_PARAMS, "There is no such task.")
    assert toolbox.tasks[task.task_id][1].state == "input_required"


async def test_a_client_that_does_not_know_tasks_asks_a_tool(connect: Connect, era: str, toolbox: FakeToolbox) -> None:
    async with connect(era) as client:
        await client.list_tools()  # so that it checks results against the schemas
        pending = await client.call_tool("proposes", {"text": "cheaper"})
        assert not pending.is_error
        waits = pending.structured_content
        assert (waits["status"], waits["poll_after_s"]) == ("pending_approval", 0.5)
        assert waits["expires_at"] == "2026-01-02T00:00:00.000Z"
        assert waits["task_id"] in words(pending)

        again = waits["ask_again"]
        still = await client.call_tool(again["tool"], again["arguments"])
        assert (still.structured_content["status"], still.structured_content["poll_after_s"]) == (
            "pending_approval",
            0.5,
        )
        toolbox.decide(waits["task_id"])
        ended = await client.call_tool(again["tool"], again["arguments"])
    assert ended.structured_content["status"] == "completed"
    assert ended.structured_content["result"] == {"text": "CHEAPER"}
    assert words(ended) == "completed: Done.\nshouted CHEAPER"


async def test_the_status_of_what_was_declined_says_why(connect: Connect, era: str, toolbox: FakeToolbox) -> None:
    async with connect(era) as client:
        pending = await client.call_tool("proposes", {"text": "cheaper"})
        task_id = pending.structured_content["task_id"]
        toolbox.decide(task_id, approve=False)
        ended = await client.call_tool("approval_status", {"task_id": task_id})
    assert ended.structured_content["status"] == "failed"
    assert not {"result", "poll_after_s"} & ended.structured_content.keys()
    assert words(ended) == "failed: Declined.\nA person declined it."


@pytest.mark.parametrize("arguments", [{}, {"task_id": 3}, {"task_id": "p9"}, {"task_id": "p9", "more": 1}])
async def test_a_wrong_question_about_a_status_is_answered_with_the_right_one(
    connect: Connect, era: str, arguments: dict[str, Any]
) -> None:
    async with connect(era) as client:
        result = await client.call_tool("approval_status", arguments)
    assert result.is_error
    assert "task_id" in words(result)


async def test_methods_about_tasks_want_the_extension_declared(connect: Connect) -> None:
    async with connect(MODERN) as client:
        with pytest.raises(MCPError) as failed:
            await client.session.send_request(Get(params=About(task_id="p1")), State)
    assert failed.value.code == MISSING_REQUIRED_CLIENT_CAPABILITY
    assert failed.value.data == {"requiredCapabilities": {"extensions": {IDENTIFIER: {}}}}


async def test_a_session_of_an_older_revision_has_no_methods_about_tasks(connect: Connect) -> None:
    async with connect("legacy") as client:
        with pytest.raises(MCPError) as failed:
            await client.session.send_request(Get(params=About(task_id="p1")), State)
    assert failed.value.code == METHOD_NOT_FOUND


@pytest.mark.parametrize("name", [None, "another", "P1"])
async def test_a_header_that_names_another_task_is_refused(service: Service, key: str, name: str | None) -> None:
    headers = {} if name is None else {"mcp-name": name}
    async with httpx2.AsyncClient() as http:
        message = modern("tasks/get", {"taskId": "p1"}, extensions=[IDENTIFIER])
        answer = await http.post(service.url, **message.sent(key, headers))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, HEADER_MISMATCH)


async def test_where_nothing_writes_there_is_nothing_to_ask_about(connect: Connect, toolbox: FakeToolbox) -> None:
    toolbox.listed = [tool for tool in toolbox.listed if not tool.writes]
    async with connect(MODERN) as client:
        assert "approval_status" not in {tool.name for tool in (await client.list_tools()).tools}
