"""Event streams as a client reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

Received = tuple[str, Any]
"""An event's name and its data, decoded."""


def events(text: str) -> list[Received]:
    """The events of a whole stream; comments and a bare `retry` are none."""
    return [event for frame in text.split("\n\n") if (event := _event(frame.split("\n"))) is not None]


async def received(response: httpx.Response) -> AsyncIterator[Received]:
    """The events of a stream as they come."""
    lines: list[str] = []
    async for line in response.aiter_lines():
        if line:
            lines.append(line)
            continue
        event, lines = _event(lines), []
        if event is not None:
            yield event


def _event(lines: list[str]) -> Received | None:
    fields = [line.partition(": ") for line in lines]
    data = "\n".join(value for name, _, value in fields if name == "data")
    name = next((value for name, _, value in fields if name == "event"), "message")
    if not data:
        return None
    return name, data if data == "[DONE]" else json.loads(data)
