"""What the shapes that pages are made of have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Row = Mapping[str, Any]


class View(BaseModel):
    """A part of what another service answers: what no page shows is left aside, so that new fields break nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Missing(View):
    """A setting that is not there, and how to get its value."""

    setting: str
    how: str


class Table(View):
    """A page of a table, its columns as the other service names them, with where the figures come from."""

    items: Sequence[Row]
    next_cursor: str | None = None
    total: int = 0
    provenance: Row = Field(default_factory=dict)


class Value(View):
    """One answer that is no table, with where its figures come from."""

    value: Any
    provenance: Row = Field(default_factory=dict)


class Upload(View):
    """A file that somebody gives."""

    name: str
    content: bytes
    media_type: str


class Attached(View):
    """A picture, passed on as it came, and how real it is."""

    content: bytes
    media_type: str
    mode: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way: what it says of itself, and its pieces as they come.

    `pieces` raises `UpstreamError` where it breaks off before its end. `close` lets go of it, whole or not.
    """

    status: int
    headers: Mapping[str, str]
    pieces: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]
