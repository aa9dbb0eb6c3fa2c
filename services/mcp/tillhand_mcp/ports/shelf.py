"""What connectors have to read, and prompts to begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tillhand_mcp.domain.tools import Content, Prompt, Resource
from tillhand_mcp.ports.toolbox import Caller


class Source(Protocol):
    """A connector that has something to read."""

    @property
    def scheme(self) -> str:
        """What its addresses begin with, such as `knowledge`."""
        ...

    async def resources(self, caller: Caller, cursor: str | None) -> tuple[Sequence[Resource], str | None]:
        """A page of it."""
        ...

    async def read(self, caller: Caller, uri: str) -> Content | None:
        """One of them."""
        ...


class Files(Protocol):
    """What is too large for a message, as files."""

    def file(self, name: str) -> Path | None:
        """Where the whole of one lies; None where there is none of this name."""
        ...


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt, and how it is filled in."""

    prompt: Prompt
    text: Callable[[Mapping[str, str]], str]
