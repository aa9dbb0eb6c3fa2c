"""Spans of a text, checked."""

from __future__ import annotations

from tillhand_rag.errors import InvalidSpan


def span_of(text: str, start: int, end: int | None) -> tuple[int, int]:
    """The half-open span as asked for, its open end closed. Raises `InvalidSpan` when it leaves the text."""
    closed = len(text) if end is None else end
    if closed > len(text):
        raise InvalidSpan(f"The text has {len(text)} characters.", field="end")
    if start > closed:
        raise InvalidSpan("The start lies behind the end.", field="start")
    return start, closed
