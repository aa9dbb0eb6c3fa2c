"""Group commit: whatever waits when the disk is free is written in one transaction, and acknowledged after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Final

from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.store.records import Change
from tillhand_rag.store.truth import Truth

_MOST_TOGETHER: Final = 256


@dataclass(slots=True)
class Unit:
    """What one operation did: its result, and what the indexes and the catalogs must learn."""

    result: Any
    changes: list[Change] = field(default_factory=list)
    opened: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)


Operation = Callable[[Truth], Unit]
Outcome = Unit | Exception


class GroupCommit:
    """Hands operations to `commit`, many at a time, in the order in which they came; one batch after the other."""

    def __init__(self, commit: Callable[[Sequence[Operation]], Sequence[Outcome]], executor: Executor) -> None:
        self._commit = commit
        self._executor = executor
        self._waiting: list[tuple[Operation, asyncio.Future[Unit]]] = []
        self._arrived = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="store-writer")

    async def submit(self, operation: Operation) -> Unit:
        """Run an operation. It is carried out even if the caller stops waiting."""
        if self._closing:
            raise StoreUnavailable("The store is closing.")
        done: asyncio.Future[Unit] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, done))
        self._arrived.set()
        return await asyncio.shield(done)

    async def close(self) -> None:
        """Carry out what waits, and stop."""
        self._closing = True
        self._arrived.set()
        await self._task

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            batch, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            await self._carry_out(batch)

    async def _carry_out(self, batch: Sequence[tuple[Operation, asyncio.Future[Unit]]]) -> None:
        loop = asyncio.get_running_loop()
        outcomes: Sequence[Outcome]
        try:
            outcomes = await loop.run_in_executor(self._executor, self._commit, [operation for operation, _ in batch])
        except Exception as error:  # noqa: BLE001  # the writer's boundary: whatever failed, nobody waits for ever
            outcomes = [error] * len(batch)
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                done.set_exception(outcome)
                done.exception()  # the caller may have gone: then nobody else retrieves it
            else:
                done.set_result(outcome)
