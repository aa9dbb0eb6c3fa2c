"""The HTTP face: the same tools, arguments and answers as over MCP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response, status

from tillhand_common.errors import (
    CircuitOpen,
    UpstreamProtocolError,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_common.problems import Problem, responses
from tillhand_mcp import errors
from tillhand_mcp.domain.origins import ORIGIN
from tillhand_mcp.domain.tools import Done, Refused, Task, Tool
from tillhand_mcp.models.tools import CallOut, CallRequest, RefusalOut, TaskOut, ToolList, ToolOut
from tillhand_mcp.ports.toolbox import Caller, Progress
from tillhand_mcp.routes.dependencies import Calling, Calls, Joined, Parts
from tillhand_mcp.routes.progress import EVENT_STREAM, LINES, Step, stream, streamed

router = APIRouter(prefix="/v1", tags=["tools"], dependencies=[Calling])

ToolName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
TaskId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
MODE: Final = "tillhand-mode"
"""Says `live` or `mock` of an answer, for whoever looks at no body."""
_UNAVAILABLE: Mapping[str, type[Problem]] = {
    errors.CredentialsMissing.slug: errors.CredentialsMissing,
    errors.ApprovalsUnavailable.slug: errors.ApprovalsUnavailable,
    errors.ConnectorUnavailable.slug: errors.ConnectorUnavailable,
    UpstreamUnavailable.slug: errors.ConnectorUnavailable,
    UpstreamTimeout.slug: errors.ConnectorUnavailable,
    UpstreamThrottled.slug: errors.ConnectorUnavailable,
    UpstreamProtocolError.slug: errors.ConnectorUnavailable,
    CircuitOpen.slug: errors.ConnectorUnavailable,
}
"""Refusals that pass by themselves; all others are for the caller to mend."""


@router.get("/tools")
async def list_tools(caller: Calls, parts: Parts) -> ToolList:
    """Every tool, with the schemas of what it takes and gives."""
    return ToolList(items=[_tool(each) for each in await parts.toolbox.tools(caller)])


@router.post(
    "/tools/{name}",
    response_model=None,
    responses={
        200: {
            "description": "What the tool found; or steps, where they were asked for.",
            "headers": {
                "Tillhand-Mode": {
                    "description": "Whether the answer is live or a mock's; it is in the answer, too.",
                    "schema": {"type": "string", "enum": ["live", "mock"]},
                }
            },
            "model": CallOut,
            "content": {EVENT_STREAM: {"schema": {"type": "string"}}, LINES: {"schema": {"type": "string"}}},
        },
        **responses(
            errors.UnknownTool,
            errors.ToolRefused,
            errors.CredentialsMissing,
            errors.ConnectorUnavailable,
            errors.ApprovalsUnavailable,
        ),
        202: {"description": "A write: it waits for a person under this task.", "model": TaskOut},
    },
)
async def call_tool(
    name: ToolName, body: CallRequest, caller: Calls, parts: Parts, request: Request, response: Response
) -> CallOut | TaskOut | Response:
    """Call a tool. One that reads answers; one that writes proposes, and is followed by its task.

    With `Accept: text/event-stream` or `application/x-ndjson` steps come first: any number of `progress`, then
    `result`, `task` or `problem`.
    """
    if streamed(request):
        if all(each.name != name for each in await parts.toolbox.tools(caller)):
            raise errors.UnknownTool
        return stream(request, lambda progress: _step(parts, caller, name, body, progress))
    match await parts.toolbox.call(caller, name, body.arguments):
        case Done() as found:
            response.headers[MODE] = found.structured[ORIGIN]["mode"]
            return _call(name, found)
        case Task() as found:
            response.status_code = status.HTTP_202_ACCEPTED
            response.headers["location"] = f"/v1/tasks/{found.id}"
            return task_out(found)
        case Refused() as found:
            raise problem_of(found)


async def _step(parts: Joined, caller: Caller, name: str, body: CallRequest, progress: Progress) -> Step:
    match await parts.toolbox.call(caller, name, body.arguments, progress):
        case Done() as found:
            return "result", _call(name, found).model_dump(mode="json")
        case Task() as found:
            return "task", task_out(found).model_dump(mode="json")
        case Refused() as found:
            raise problem_of(found)


@router.get("/tasks/{task_id}", responses=responses(errors.UnknownTask, errors.ApprovalsUnavailable))
async def get_task(task_id: TaskId, caller: Calls, parts: Parts) -> TaskOut:
    """What has become of a proposed write."""
    found = await parts.toolbox.task(caller, task_id)
    if found is None:
        raise errors.UnknownTask
    return task_out(found)


@router.post("/tasks/{task_id}/cancel", responses=responses(errors.UnknownTask, errors.ApprovalsUnavailable))
async def cancel_task(task_id: TaskId, caller: Calls, parts: Parts) -> TaskOut:
    """Withdraw a proposed write, as long as nothing has begun."""
    found = await parts.toolbox.cancel(caller, task_id)
    if found is None:
        raise errors.UnknownTask
    return task_out(found)


def problem_of(refused: Refused) -> Problem:
    """A refusal as a problem document: its own slug is the member `reason`."""
    details = {"reason": refused.slug, **refused.details}
    problem = _UNAVAILABLE.get(refused.slug, errors.ToolRefused)
    return problem(refused.text, extensions=details, retry_after_s=refused.retry_after_s)


def task_out(task: Task) -> TaskOut:
    """A task as it goes over the wire."""
    return TaskOut(
        id=task.id,
        tool=task.tool,
        state=task.state,
        status=task.status,
        created_at=task.created_at,
        updated_at=task.updated_at,
        expires_at=task.expires_at,
        poll_s=task.poll_s,
        result=None if task.result is None else _call(task.tool, task.result),
        refusal=None if task.refusal is None else _refusal(task.refusal),
    )


def _call(tool: str, done: Done) -> CallOut:
    return CallOut(tool=tool, structured=dict(done.structured), text=done.text)


def _refusal(refused: Refused) -> RefusalOut:
    return RefusalOut(slug=refused.slug, text=refused.text, details=dict(refused.details))


def _tool(tool: Tool) -> ToolOut:
    return ToolOut.model_validate(tool, from_attributes=True)
