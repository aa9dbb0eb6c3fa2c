"""The extension io.modelcontextprotocol/tasks (SEP-2663): writes that wait for a person, as tasks to poll.

A task waits for somebody else than the client, so it is `working` until it has been decided: `input_required` would
promise questions that the client could answer. What came to nothing is `completed` with an error result, as the
extension wants it; `failed` is for what ended without any result.
"""

from __future__ import annotations

import math
from typing import Any, Final

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import HEADER_MISMATCH, INTERNAL_ERROR, RequestParams

from tillhand_mcp.domain.tools import Task
from tillhand_mcp.ports.toolbox import Toolbox
from tillhand_mcp.routes.protocol import results
from tillhand_mcp.routes.protocol.exchange import Context, Exchange
from tillhand_mcp.routes.protocol.faults import invalid, is_modern, missing_extension, no_such_method

IDENTIFIER: Final = "io.modelcontextprotocol/tasks"


class TaskParams(RequestParams):
    """Names a task."""

    task_id: str


class UpdateParams(TaskParams):
    """Answers to what a task asked its client."""

    input_responses: dict[str, Any]


def declared(ctx: Context) -> bool:
    """Whether the client can be given a task."""
    capabilities = ctx.session.client_capabilities
    return is_modern(ctx) and capabilities is not None and IDENTIFIER in (capabilities.extensions or {})


def created(task: Task) -> dict[str, Any]:
    """Return a task in place of a result."""
    return {"resultType": "task", **described(task)}


def described(task: Task) -> dict[str, Any]:
    """Return what the extension says of every task. None as `ttlMs` means that it is kept."""
    return {
        "taskId": task.id,
        "status": _status(task),
        "statusMessage": task.status,
        "createdAt": results.instant(task.created_at),
        "lastUpdatedAt": results.instant(task.updated_at),
        "ttlMs": None,
        "pollIntervalMs": max(1, math.ceil(task.poll_s * 1000)),
    }


def gate(ctx: Context, params: TaskParams) -> None:
    """Refuse a request about tasks from a client that has not declared them, or whose headers name another task."""
    if not is_modern(ctx):
        raise no_such_method(ctx.method)
    if not declared(ctx):
        raise missing_extension(IDENTIFIER)
    if ctx.request is None or ctx.request.headers.get("mcp-name") != params.task_id:
        raise MCPError(HEADER_MISMATCH, "The header Mcp-Name must be the task's id.")


class Tasks:
    """The extension's methods over the toolbox."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def serve(self, server: Server[Any]) -> None:
        """Offer the extension."""
        server.extensions[IDENTIFIER] = {}
        server.add_request_handler("tasks/get", TaskParams, self.get)
        server.add_request_handler("tasks/update", UpdateParams, self.update)
        server.add_request_handler("tasks/cancel", TaskParams, self.cancel)

    async def get(self, ctx: Context, params: TaskParams) -> dict[str, Any]:
        """Answer tasks/get, with the result of a task that has one."""
        gate(ctx, params)
        task = _found(await self._toolbox.task(Exchange.of(ctx).caller, params.task_id))
        shown = described(task)
        if shown["status"] == "completed" and (ended := results.ending(task)) is not None:
            shown["result"] = ended.model_dump(by_alias=True, mode="json", exclude_none=True)
        elif shown["status"] == "failed":
            shown["error"] = {"code": INTERNAL_ERROR, "message": task.status}
        return shown

    async def update(self, ctx: Context, params: UpdateParams) -> dict[str, Any]:
        """Answer tasks/update: no task of ours asks its client anything, and unknown answers are to be ignored."""
        gate(ctx, params)
        _found(await self._toolbox.task(Exchange.of(ctx).caller, params.task_id))
        return {}

    async def cancel(self, ctx: Context, params: TaskParams) -> dict[str, Any]:
        """Answer tasks/cancel; one that has ended stays as it is."""
        gate(ctx, params)
        _found(await self._toolbox.cancel(Exchange.of(ctx).caller, params.task_id))
        return {}


def _status(task: Task) -> str:
    if task.state == "failed" and task.refusal is not None:
        return "completed"
    return "working" if task.state == "input_required" else task.state


def _found(task: Task | None) -> Task:
    if task is None:
        raise invalid("There is no such task.")
    return task
