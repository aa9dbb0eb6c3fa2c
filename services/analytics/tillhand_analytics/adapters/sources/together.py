"""Asks for several things at a time; what fails ends the others."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from tillhand_analytics.errors import SourceUnavailable

T = TypeVar("T")


async def together(work: Sequence[Coroutine[Any, Any, T]], at_once: int) -> list[T]:
    """What each comes to, in their order, not more than `at_once` under way. Raises the first `SourceUnavailable`."""
    limit = asyncio.Semaphore(at_once)

    async def run(each: Coroutine[Any, Any, T]) -> T:
        async with limit:
            return await each

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run(each)) for each in work]
    except BaseExceptionGroup as failed:
        for each in work:
            each.close()  # those that never began
        if (known := failed.subgroup(SourceUnavailable)) is None:
            raise
        raise _first(known) from failed
    return [task.result() for task in tasks]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
