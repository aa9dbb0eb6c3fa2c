"""Outcomes as results of tools/call: structured content, and beside it the same in few words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from mcp_types import CallToolResult, TextContent

from tillhand_mcp.domain.tools import Done, Refused, Task

PROBLEM: Final = "tillhand/problem"
"""The key in `_meta` under which a refusal says the same to programs; structured content would have to fit a schema."""

ENDED: Final = frozenset({"completed", "failed", "cancelled"})


def outcome(ended: Done | Refused) -> CallToolResult:
    """Return how a call ended."""
    return done(ended) if isinstance(ended, Done) else refused(ended)


def done(answer: Done) -> CallToolResult:
    """Return an answer."""
    structured = dict(answer.structured)
    return CallToolResult(content=[text(answer.text or compact(structured))], structured_content=structured)


def refused(refusal: Refused) -> CallToolResult:
    """Return what came to nothing, in words that a model can act on."""
    said = refusal.text
    if refusal.retry_after_s is not None:
        said += f" Try again in {math.ceil(refusal.retry_after_s)} s."
    if refusal.details:
        said += f"\n{compact(refusal.details)}"
    problem: dict[str, Any] = {"slug": refusal.slug}
    if refusal.retry_after_s is not None:
        problem["retry_after_s"] = refusal.retry_after_s
    if refusal.details:
        problem["details"] = dict(refusal.details)
    return CallToolResult(content=[text(said)], is_error=True, _meta={PROBLEM: problem})


def ending(task: Task) -> CallToolResult | None:
    """Return the result of a task that has come to its end; None before that, or where it ended without one."""
    if task.state not in ENDED:
        return None
    ended = task.result or task.refusal
    return None if ended is None else outcome(ended)


def compact(value: Mapping[str, Any]) -> str:
    """Return JSON without a space in it."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()


def text(said: str) -> TextContent:
    """Return words as content."""
    return TextContent(text=said)


def instant(moment: datetime) -> str:
    """Return a moment as RFC 3339, UTC, in milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
