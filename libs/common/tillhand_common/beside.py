"""What goes on beside requests, for as long as a service runs: it must not end before they do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from tillhand_common.clock import Clock

AGAIN_S: Final = 5.0
Run = Callable[[], Awaitable[None]]
_log: Final = structlog.get_logger(__name__)


@asynccontextmanager
async def beside(work: Mapping[str, Run], clock: Clock, *, again_s: float = AGAIN_S) -> AsyncIterator[None]:
    """Run all of it, by name, and end it at the end. What breaks is logged, and begun again after `again_s`."""
    running = [asyncio.create_task(_going_on(name, run, clock, again_s), name=name) for name, run in work.items()]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _going_on(name: str, run: Run, clock: Clock, again_s: float) -> None:
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001  # the boundary of a task that nobody waits for
            first = _first(error)
            _log.error("background_work_broke", work=name, reason=type(first).__name__, place=_place(first))
        await clock.sleep(again_s)


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _place(error: Exception) -> str:
    """Where it broke: the module and line alone, for a message may hold what nobody should read in a log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
