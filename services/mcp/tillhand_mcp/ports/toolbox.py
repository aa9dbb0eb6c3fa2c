"""The tools as a face sees them: the one registry behind MCP and HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tillhand_mcp.domain.tools import Content, Done, Prompt, Refused, Resource, Task, Tool

Progress = Callable[[float, float | None, str], Awaitable[None]]
"""Told how far a call is: done, total (None where unknown), and a few words."""


@dataclass(frozen=True, slots=True)
class Caller:
    """In whose name a call is made: the actor of the request, their tenant, and what their key may do.

    `idempotency_key` is what the caller calls the request by, so that it is done once however often it is sent.
    """

    subject: str
    kind: str
    tenant: str
    scopes: frozenset[str]
    idempotency_key: str | None = None


async def no_progress(done: float, total: float | None, message: str) -> None:
    """Tell nobody."""


class Toolbox(Protocol):
    """Every method is for one caller, who sees only what their key may."""

    async def tools(self, caller: Caller) -> Sequence[Tool]:
        """All tools, by name; the same order every time."""
        ...

    async def call(
        self, caller: Caller, name: str, arguments: Mapping[str, Any], progress: Progress = no_progress
    ) -> Done | Refused | Task:
        """Call a tool; one that writes gives the task under which it waits for a person.

        Cancelling the caller's coroutine reaches the upstream call. Raises `UnknownTool`; arguments that the schema
        does not take are `Refused` with the slug `invalid-arguments`, as is everything else that a model can mend.
        """
        ...

    async def task(self, caller: Caller, task_id: str) -> Task | None:
        """A task of this caller's tenant, as it is now; None where there is none."""
        ...

    async def cancel(self, caller: Caller, task_id: str) -> Task | None:
        """Withdraw a proposed write, where that is still possible; the task as it is then."""
        ...

    async def resources(self, caller: Caller, cursor: str | None) -> tuple[Sequence[Resource], str | None]:
        """A page of resources, and where the next begins."""
        ...

    async def read(self, caller: Caller, uri: str) -> Content | None:
        """What a resource holds; None where there is none."""
        ...

    async def prompts(self, caller: Caller) -> Sequence[Prompt]:
        """All prompts, by name."""
        ...

    async def prompt(self, caller: Caller, name: str, arguments: Mapping[str, str]) -> str | None:
        """The text of a prompt, filled in; None where there is none. Raises `ValueError` for an argument that lacks."""
        ...
