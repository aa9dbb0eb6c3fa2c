"""Writes that wait for a person, for clients without tasks: a result that says so, and a tool by which to ask again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mcp_types import CallToolResult, Tool, ToolAnnotations

from tillhand_mcp.domain.tools import Json, Task
from tillhand_mcp.ports.toolbox import Caller, Toolbox
from tillhand_mcp.routes.protocol import results

STATUS_TOOL: Final = "approval_status"

_WAITING: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "status": {"const": "pending_approval"},
        "task_id": {"type": "string"},
        "tool": {"type": "string"},
        "message": {"type": "string"},
        "poll_after_s": {"type": "number"},
        "expires_at": {"type": "string", "format": "date-time"},
        "ask_again": {
            "type": "object",
            "properties": {"tool": {"const": STATUS_TOOL}, "arguments": {"type": "object"}},
            "required": ["tool", "arguments"],
        },
    },
    "required": ["status", "task_id", "tool", "message", "poll_after_s", "ask_again"],
}

TOOL: Final = Tool(
    name=STATUS_TOOL,
    title="Status of a proposed change",
    description="Tells how far a proposed change is, and its outcome once a person has decided and it was carried out.",
    input_schema={
        "type": "object",
        "properties": {"task_id": {"type": "string", "description": "The task_id that the proposing tool returned."}},
        "required": ["task_id"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "status": {"enum": ["pending_approval", "working", "completed", "failed", "cancelled"]},
            "task_id": {"type": "string"},
            "tool": {"type": "string"},
            "message": {"type": "string"},
            "poll_after_s": {"type": "number"},
            "expires_at": {"type": "string", "format": "date-time"},
            "result": {"type": "object", "description": "What the proposing tool answers in the end."},
        },
        "required": ["status", "task_id", "tool", "message"],
    },
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    ),
)


def output_schema(own: Json) -> dict[str, Any]:
    """Return the schema of a tool that writes: what it answers in the end, or that it waits.

    Definitions move to the root, where references into them still lead.
    """
    rest = {key: value for key, value in own.items() if key not in {"$defs", "$schema"}}
    hoisted = {key: own[key] for key in ("$schema", "$defs") if key in own}
    return {**hoisted, "type": "object", "anyOf": [rest, dict(_WAITING)]}


def waiting(task: Task) -> CallToolResult:
    """Return that a write waits, and how to ask again."""
    said = f"{_state(task)}: {task.status} Ask again with {STATUS_TOOL}(task_id={task.id!r}) in {task.poll_s:g} s."
    again = {"tool": STATUS_TOOL, "arguments": {"task_id": task.id}}
    shown = {**_shown(task), "status": "pending_approval", "poll_after_s": task.poll_s, "ask_again": again}
    return CallToolResult(content=[results.text(said)], structured_content=shown)


async def status(toolbox: Toolbox, caller: Caller, arguments: Mapping[str, Any]) -> CallToolResult:
    """Answer a call of the status tool."""
    task_id = arguments.get("task_id")
    if not isinstance(task_id, str) or len(arguments) > 1:
        return _failed("Give task_id, the text that the proposing tool returned, and nothing else.")
    task = await toolbox.task(caller, task_id)
    if task is None:
        return _failed("There is no task of this id. Give the task_id exactly as the proposing tool returned it.")
    ended = results.ending(task)
    shown = {**_shown(task), "status": _state(task)}
    if task.state not in results.ENDED:
        shown["poll_after_s"] = task.poll_s
    if ended is not None and ended.structured_content is not None:
        shown["result"] = ended.structured_content
    said = [f"{_state(task)}: {task.status}"]
    said += [block.text for block in ended.content if block.type == "text"] if ended is not None else []
    return CallToolResult(content=[results.text("\n".join(said))], structured_content=shown)


def _shown(task: Task) -> dict[str, Any]:
    shown = {"task_id": task.id, "tool": task.tool, "message": task.status}
    return shown if task.expires_at is None else {**shown, "expires_at": results.instant(task.expires_at)}


def _state(task: Task) -> str:
    return "pending_approval" if task.state == "input_required" else task.state


def _failed(said: str) -> CallToolResult:
    return CallToolResult(content=[results.text(said)], is_error=True)
