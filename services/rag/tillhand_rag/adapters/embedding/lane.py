"""Texts waiting for a few equal workers: batched, bounded, and off the event loop.

All state is touched by the event loop alone; a worker is a thread that holds one `Run` and does nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.adapters.embedding.encoder import Ids, Run
from tillhand_rag.adapters.embedding.grouping import choose_batch, padded
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import Vectors

Row = NDArray[np.float32]

CAPACITY: Final = 512
"""Texts that may wait in a lane before callers do."""

_PATIENCE: Final = 10
"""Niceness of patient work: about a tenth of the time of whoever wants the same core."""

_CLOSING: Final = "The embedding model is shutting down."
_NOT_LOADED: Final = "The embedding model cannot be loaded."


@dataclass(slots=True, eq=False)
class _Waiting:
    """One text on its way to the model."""

    ids: Ids
    row: asyncio.Future[Row]


@dataclass(slots=True, eq=False, frozen=True)
class _Worker:
    """A loaded model and its own thread: the allocator keeps memory for every thread that a batch has run in."""

    run: Run
    thread: ThreadPoolExecutor


class Lane:
    """Batches what waits whenever a worker is free: a lone text goes at once, a crowd goes in batches.

    `rehearsals` are shapes of batches (texts, tokens) that are run once while nothing waits: for a model that is slow
    with a shape that it has not had. What is `patient` leaves the processor to others.

    `open_runs` loads the model, in a thread, when the first text comes; after `idle_s` without one its memory is
    given back, and the next text loads it again. A batch holds the longest waiting text and others of about its
    length, at most `batch_tokens` after padding.
    """

    def __init__(
        self,
        open_runs: Callable[[], Sequence[Run]],
        *,
        batch_tokens: int,
        max_tokens: int,
        pad: int,
        idle_s: float | None = None,
        rehearsals: Sequence[tuple[int, int]] = (),
        patient: bool = False,
    ) -> None:
        self._open_runs = open_runs
        self._batch_tokens = batch_tokens
        self._max_tokens = max_tokens
        self._pad = pad
        self._workers: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._opening: asyncio.Future[Sequence[Run]] | None = None
        self._waiting: list[_Waiting] = []
        self._running: set[asyncio.Future[Vectors]] = set()
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._idle_s = idle_s
        self._rehearsals = list(reversed(rehearsals))
        self._patient = patient
        self._release: asyncio.TimerHandle | None = None
        self._closed = False

    async def open(self) -> None:
        """Load the model now instead of with the first text. Raises `EmbedderUnavailable`."""
        if self._closed:
            raise EmbedderUnavailable(_CLOSING)
        opening = self._opening or self._open()
        await asyncio.wait([opening])
        error = opening.exception()
        if error is not None:
            raise EmbedderUnavailable(_NOT_LOADED) from error

    async def run(self, texts: Sequence[Ids]) -> list[Row]:
        """One vector per row of token ids, in order. Raises `EmbedderUnavailable`.

        A cancelled call takes its texts out of the queue; those that the model is reading are read to the end.
        """
        queued = await self._queue(texts)
        try:
            return list(await asyncio.gather(*(waiting.row for waiting in queued)))
        finally:
            self._forget(queued)

    async def close(self) -> None:
        """Refuse what waits, let the running batches end, and free the threads."""
        self._closed = True
        self._rehearsals.clear()
        _refuse(self._waiting, _CLOSING)
        self._waiting.clear()
        self._room.set()
        if self._release is not None:
            self._release.cancel()
        if self._opening is not None:
            await asyncio.wait([self._opening])
        if self._running:
            await asyncio.wait(self._running)
        for worker in self._workers:
            await asyncio.to_thread(worker.thread.shutdown)
        self._idle.clear()

    async def _queue(self, texts: Sequence[Ids]) -> list[_Waiting]:
        loop = asyncio.get_running_loop()
        async with self._turn:  # callers pass one by one, so that the queue exceeds its bound by one call at most
            while len(self._waiting) >= CAPACITY and not self._closed:
                self._room.clear()
                await self._room.wait()
            if self._closed:
                raise EmbedderUnavailable(_CLOSING)
            queued = [_Waiting(ids, loop.create_future()) for ids in texts]
            self._waiting.extend(queued)
        self._pump()
        return queued

    def _pump(self) -> None:
        """Give every idle worker a batch; when nothing is left to do, begin to count the idle time."""
        if self._release is not None:
            self._release.cancel()
        if self._waiting and self._opening is None:
            self._open()
        while self._idle and self._waiting:
            self._start(self._idle.pop(), self._take_batch())
        while self._idle and self._rehearsals:
            self._rehearse(self._idle.pop(), *self._rehearsals.pop())
        resting = self._workers and len(self._idle) == len(self._workers)
        if resting and self._idle_s is not None and not self._closed:
            self._release = asyncio.get_running_loop().call_later(self._idle_s, self._give_back)

    def _take_batch(self) -> list[_Waiting]:
        lengths = [len(waiting.ids) for waiting in self._waiting]
        chosen = choose_batch(lengths, budget=self._batch_tokens)
        batch = [self._waiting[index] for index in chosen]
        taken = set(chosen)
        self._waiting = [waiting for index, waiting in enumerate(self._waiting) if index not in taken]
        self._room.set()
        return batch

    def _start(self, worker: _Worker, batch: list[_Waiting]) -> None:
        def work() -> Vectors:
            return worker.run(*padded([waiting.ids for waiting in batch], limit=self._max_tokens, pad=self._pad))

        self._give(worker, work, lambda running: _scatter(batch, running))

    def _rehearse(self, worker: _Worker, texts: int, tokens: int) -> None:
        ones = np.ones((texts, tokens), dtype=np.int64)
        self._give(worker, lambda: worker.run(ones, ones), lambda running: running.exception())

    def _give(
        self, worker: _Worker, work: Callable[[], Vectors], take: Callable[[asyncio.Future[Vectors]], object]
    ) -> None:
        def done(running: asyncio.Future[Vectors]) -> None:
            self._running.discard(running)
            self._idle.append(worker)
            take(running)
            self._pump()

        running = asyncio.get_running_loop().run_in_executor(worker.thread, work)
        self._running.add(running)
        running.add_done_callback(done)

    def _forget(self, queued: list[_Waiting]) -> None:
        """Take out of the queue what nobody waits for any more; there is nothing to do after a success."""
        abandoned = {waiting for waiting in queued if not waiting.row.done() or waiting.row.cancelled()}
        if abandoned:
            for waiting in abandoned:
                waiting.row.cancel()
            self._waiting = [waiting for waiting in self._waiting if waiting not in abandoned]
            self._room.set()

    def _open(self) -> asyncio.Future[Sequence[Run]]:
        opener = ThreadPoolExecutor(1, "embedding", initializer=_step_back if self._patient else None)
        self._opening = asyncio.get_running_loop().run_in_executor(opener, self._open_runs)
        opener.shutdown(wait=False)
        self._opening.add_done_callback(self._opened)
        return self._opening

    def _opened(self, opening: asyncio.Future[Sequence[Run]]) -> None:
        error = opening.exception()
        if error is not None:
            self._opening = None  # the next text tries again
            _refuse(self._waiting, _NOT_LOADED, error)
            self._waiting.clear()
            self._room.set()
            return
        step_back = _step_back if self._patient else None
        self._workers = [
            _Worker(run, ThreadPoolExecutor(1, "embedding", initializer=step_back)) for run in opening.result()
        ]
        self._idle = list(self._workers)
        self._pump()

    def _give_back(self) -> None:
        workers, self._workers, self._idle, self._opening = self._workers, [], [], None
        for worker in workers:
            worker.thread.shutdown(wait=False)
        # The last references go in a thread: freeing a model takes longer than the event loop should wait.
        asyncio.get_running_loop().run_in_executor(None, workers.clear)


def _step_back() -> None:
    """Have the system prefer other threads to this one, and to those that it starts."""
    with contextlib.suppress(OSError, AttributeError):  # where threads have no priority of their own
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _PATIENCE)


def _scatter(batch: list[_Waiting], running: asyncio.Future[Vectors]) -> None:
    error = running.exception()
    if error is not None:
        _refuse(batch, "The embedding model failed.", error)
        return
    for waiting, row in zip(batch, running.result(), strict=True):
        if not waiting.row.done():
            waiting.row.set_result(row)


def _refuse(batch: Sequence[_Waiting], detail: str, cause: BaseException | None = None) -> None:
    for waiting in batch:
        if not waiting.row.done():
            error = EmbedderUnavailable(detail)
            error.__cause__ = cause
            waiting.row.set_exception(error)
