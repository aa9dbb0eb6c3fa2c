"""Calls of tools: checked, answered or proposed, and every failure said in words that a model can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Final, TypeGuard

import orjson
from pydantic import BaseModel, ValidationError

from tillhand_common.problems import Problem
from tillhand_mcp.domain.changes import notice
from tillhand_mcp.domain.tools import Content, Done, Json, Prompt, Refused, Resource, Task, Tool
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.ports.connector import ReadTool, WriteTool
from tillhand_mcp.ports.toolbox import Caller, Progress, no_progress
from tillhand_mcp.ports.watching import Outcome, Watcher
from tillhand_mcp.service.freshness import Freshness
from tillhand_mcp.service.registry import Registered, Registry
from tillhand_mcp.service.schemas import LONGEST_REASON, REASON, structured
from tillhand_mcp.service.shelf import Shelf
from tillhand_mcp.service.writing import Writing

MOST_FAULTS: Final = 20
_HALF: Final = re.compile("[\ud800-\udfff]")


class Calling:
    """The one registry behind both faces (`tillhand_mcp.ports.toolbox.Toolbox`)."""

    def __init__(
        self, *, registry: Registry, freshness: Freshness, writing: Writing, shelf: Shelf, watcher: Watcher
    ) -> None:
        self._registry = registry
        self._freshness = freshness
        self._writing = writing
        self._shelf = shelf
        self._watcher = watcher

    async def tools(self, caller: Caller) -> Sequence[Tool]:  # noqa: ARG002  # every caller sees all
        """All tools, by name."""
        return self._registry.shown

    async def call(
        self, caller: Caller, name: str, arguments: Mapping[str, Any], progress: Progress = no_progress
    ) -> Done | Refused | Task:
        """Call a tool; one that writes gives the task under which it waits for a person. Raises `UnknownTool`."""
        found = self._registry.tool(name)
        bound = found.bound
        if isinstance(bound, ReadTool):
            given = _checked(bound.takes, arguments)
            return given if isinstance(given, Refused) else await self._read(caller, found, given, progress)
        reason = arguments.get(REASON, "")
        if not _is_reason(reason):
            return _invalid([{"field": REASON, "message": f"must be text of at most {LONGEST_REASON} characters"}])
        given = _checked(bound.takes, {key: value for key, value in arguments.items() if key != REASON})
        if isinstance(given, Refused):
            return given
        plain = given.model_dump(mode="json", exclude_none=True)
        evidence = await self._previewed(bound, given)
        if isinstance(evidence, Refused):
            return evidence
        return await self._writing.propose(caller, name, plain, reason, evidence)

    async def task(self, caller: Caller, task_id: str) -> Task | None:
        """A task of this caller's tenant, as it is now."""
        return await self._writing.task(caller, task_id)

    async def cancel(self, caller: Caller, task_id: str) -> Task | None:
        """Withdraw a proposed write, where that is still possible."""
        return await self._writing.cancel(caller, task_id)

    async def resources(self, caller: Caller, cursor: str | None) -> tuple[Sequence[Resource], str | None]:
        """A page of resources, and where the next begins."""
        return await self._shelf.resources(caller, cursor)

    async def read(self, caller: Caller, uri: str) -> Content | None:
        """What a resource holds."""
        return await self._shelf.read(caller, uri)

    async def prompts(self, caller: Caller) -> Sequence[Prompt]:
        """All prompts, by name."""
        return self._shelf.prompts(caller)

    async def prompt(self, caller: Caller, name: str, arguments: Mapping[str, str]) -> str | None:
        """The text of a prompt, filled in."""
        return self._shelf.prompt(caller, name, arguments)

    async def _previewed(self, bound: WriteTool[Any], given: BaseModel) -> Sequence[Json] | Refused:
        """What it would change; a write that could not be done is refused, and an upstream that is away is told of."""
        if bound.preview is None:
            return ()
        try:
            return await bound.preview(given)
        except ToolRefused as problem:
            return refusal_of(problem)
        except Problem as problem:
            return (notice(f"What is there now could not be read: {problem.detail or problem.title}"),)

    async def _read(self, caller: Caller, found: Registered, given: BaseModel, progress: Progress) -> Done | Refused:
        bound = found.bound
        assert isinstance(bound, ReadTool)  # noqa: S101  # `call` has looked
        key = orjson.dumps([caller.tenant, bound.name, given.model_dump(mode="json")], option=orjson.OPT_SORT_KEYS)
        began, name = perf_counter(), found.connector.id
        try:
            answer, route = await self._freshness.get(
                key.decode(), bound.fresh_s, lambda: bound.run(caller, given, progress)
            )
        except Problem as problem:
            outcome: Outcome = "refused" if isinstance(problem, ToolRefused) else "failed"
            self._watcher.called(name, outcome, perf_counter() - began)
            return refusal_of(problem)
        self._watcher.called(name, route, perf_counter() - began, answer.origin.quota)
        return Done(structured(answer), answer.text)


def refusal_of(problem: Problem) -> Refused:
    """A problem as a model reads it."""
    waits = problem.headers.get("retry-after")
    return Refused(
        problem.slug,
        problem.detail or problem.title,
        retry_after_s=float(waits) if waits else None,
        details=dict(problem.extensions),
    )


def _is_reason(given: object) -> TypeGuard[str]:
    """Text that is not too long, and that can go over a wire: half a character (a lone surrogate) cannot."""
    return isinstance(given, str) and len(given) <= LONGEST_REASON and not _HALF.search(given)


def _checked(model: type[BaseModel], arguments: Mapping[str, Any]) -> BaseModel | Refused:
    try:
        return model.model_validate(arguments)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_context=False, include_input=False)
        return _invalid(
            [
                {"field": ".".join(map(str, each["loc"])) or "arguments", "message": each["msg"]}
                for each in listed[:MOST_FAULTS]
            ]
        )


def _invalid(faults: Sequence[Mapping[str, str]]) -> Refused:
    told = "; ".join(f"{each['field']}: {each['message']}" for each in faults)
    return Refused("invalid-arguments", f"The arguments do not fit: {told}.", details={"faults": list(faults)})
