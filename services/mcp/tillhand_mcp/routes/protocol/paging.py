"""Pages of a list that is whole in memory: a cursor is the name after which the next page begins."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import TypeVar

from tillhand_mcp.routes.protocol.faults import invalid

Item = TypeVar("Item")


def page(
    items: Sequence[Item], cursor: str | None, size: int, name: Callable[[Item], str]
) -> tuple[Sequence[Item], str | None]:
    """Return a page of items sorted by name, and the next cursor; what came or went meanwhile shifts nothing."""
    after = None if cursor is None else _read(cursor)
    left = [item for item in items if after is None or name(item) > after]
    shown = left[:size]
    return shown, _written(name(shown[-1])) if len(left) > size else None


def _written(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid("The cursor is not one of ours: begin without it.") from None
