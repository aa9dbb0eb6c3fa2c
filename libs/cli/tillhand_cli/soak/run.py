"""One soak, from a service of its own to the figures."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Self

from tillhand_cli.members import Member
from tillhand_cli.processes import Running
from tillhand_cli.soak.figures import drift, failures, latency
from tillhand_cli.soak.followers import Follower, Tally
from tillhand_cli.soak.service import HEARTBEAT_S, free_port, open_many_files, resident_mb, started
from tillhand_cli.soak.writers import (
    BULK_RATE,
    Acknowledged,
    Writer,
    cut_off,
    register,
    unacknowledged,
    verified,
)
from tillhand_common import keys

CAUGHT_UP_WITHIN_S: Final = 60.0
KILL_EVERY_S: Final = 0.5
CUT_WITHIN_S: Final = 60.0
PROGRESS_EVERY: Final = 10
"""Samples of the memory, one a second, between two lines of progress."""
SAMPLED: Final = 20
"""One follower in so many reads the time of each record."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how many, how fast (changes a second, all writers together), and how the restart begins."""

    minutes: float
    clients: int
    writers: int
    rate: float
    kill: bool = False


@dataclass(slots=True)
class _State:
    """What goes on."""

    plan: Plan
    folder: Path
    log: Callable[..., None]
    service: Running
    member: Member
    tokens: dict[str, str]
    tally: Tally = field(default_factory=Tally)
    told: Acknowledged = field(default_factory=Acknowledged)
    followers: list[Follower] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    kills: int = 0
    restarts: int = 0
    restarted_at: float = 0.0
    acknowledged_before: int = 0
    was_cut: bool = False
    missing: int = 0
    head: int = 0


async def soaked(plan: Plan, folder: Path, log_file: IO[str] | None) -> dict[str, Any]:
    """The figures of a soak. The service is ended whatever happens, also when this process is asked to end."""
    begun = time.monotonic()

    def log(event: str, **facts: object) -> None:
        if log_file is not None:
            log_file.write(json.dumps({"at_s": round(time.monotonic() - begun, 3), "event": event, **facts}) + "\n")
            log_file.flush()

    if (task := asyncio.current_task()) is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    open_many_files()
    member = Member("soak", "tillhand_approvals", free_port(), "the approvals under endurance")
    keys.bootstrap(folder)
    tokens = {kind: keys.read_token(folder, kind) or "" for kind in ("agent", "service", "operator")}
    state = _State(plan, folder, log, await started(member, folder), member, tokens)
    try:
        await register(state.service.url, tokens["service"])
        log("begun", clients=plan.clients, writers=plan.writers, minutes=plan.minutes, pid=state.service.process.pid)
        await _endured(state)
        return await _figures(state)
    finally:
        await state.service.stop()


async def _endured(state: _State) -> None:
    plan, url = state.plan, state.service.url
    async with AsyncExitStack() as stack:
        following = await stack.enter_async_context(_Group())
        for number in range(plan.clients):
            follower = Follower(url, state.tokens["operator"], 0, state.tally, times=number % SAMPLED == 0)
            state.followers.append(follower)
            following.start(follower.run())
        async with _Group() as disturbing:
            for _ in range(plan.writers):
                writer = Writer(url, state.tokens, state.told, plan.rate / plan.writers)
                stack.push_async_callback(writer.aclose)
                disturbing.start(writer.run())
            disturbing.start(_killing(state))
            disturbing.start(_measuring(state))
            stuck = asyncio.create_task(_stuck(state, following))
            await asyncio.sleep(plan.minutes * 30)
            await stuck
            await _restart(state)
            await asyncio.sleep(plan.minutes * 30)
        await _caught_up(state)


async def _caught_up(state: _State) -> None:
    """Give everybody the time to read what there is now; who has not by then has lost it."""
    state.missing, state.head = await unacknowledged(state.service.url, state.tokens["operator"], state.told)
    end = time.monotonic() + CAUGHT_UP_WITHIN_S
    while time.monotonic() < end and any(each.received.lost(state.head) for each in state.followers):  # noqa: ASYNC110  # they run on
        await asyncio.sleep(0.2)


async def _killing(state: _State) -> None:
    while True:
        await asyncio.sleep(random.uniform(0, 2 * KILL_EVERY_S))  # noqa: S311  # any moment
        number = random.randrange(len(state.followers))  # noqa: S311  # any of them
        if state.followers[number].kill():
            state.kills += 1
            state.log("client_killed", client=number, last=state.followers[number].received.last)


async def _measuring(state: _State) -> None:
    while True:
        megabytes = resident_mb(state.service.process.pid)
        state.memory.append((time.monotonic(), megabytes))
        if len(state.memory) % PROGRESS_EVERY == 0:
            state.log(
                "progress",
                records=max(each.received.last for each in state.followers),
                acknowledged=len(state.told.told),
                reconnections=state.tally.reconnections,
                longest_silence_s=round(state.tally.silences_s, 2),
                rss_mb=round(megabytes, 1),
            )
        await asyncio.sleep(1.0)


async def _stuck(state: _State, following: _Group) -> None:
    """One who reads nothing: cut off, it comes back after the last that had reached it, and has everything."""
    url = state.service.url
    follower = Follower(url, state.tokens["operator"], 0, state.tally, times=False)
    writer = Writer(url, state.tokens, state.told, max(state.plan.rate, BULK_RATE))
    async with _Group() as filling:  # its buffers, until nothing more goes out to it
        filling.start(writer.bulk())
        state.was_cut = await follower.stall(cut_off(url, CUT_WITHIN_S))
    await writer.aclose()
    state.log("stuck_client_cut", cut=state.was_cut, last=follower.received.last)
    state.followers.append(follower)
    following.start(follower.run())


async def _restart(state: _State) -> None:
    state.log("restarting", by="SIGKILL" if state.plan.kill else "SIGTERM")
    if state.plan.kill:
        state.service.process.kill()
    await state.service.stop()
    state.service = await started(state.member, state.folder)
    state.restarted_at = time.monotonic()
    state.acknowledged_before = len(state.told.told)
    state.restarts += 1
    state.log("restarted")


async def _figures(state: _State) -> dict[str, Any]:
    received = [each.received for each in state.followers]
    figures: dict[str, Any] = {
        "lost": sum(each.lost(state.head) for each in received),
        "repeated": sum(each.repeated for each in received),
        "disordered": sum(each.disordered for each in received),
        "records": state.head,
        "delivered": sum(each.count for each in received),
        "clients": len(received),
        "reconnections": state.tally.reconnections,
        "client_kills": state.kills,
        "server_restarts": state.restarts,
        "stuck_client_cut": state.was_cut,
        "resets": state.tally.resets,
        "heartbeats": state.tally.heartbeats,
        "heartbeat_interval_s": HEARTBEAT_S,
        "longest_silence_s": round(state.tally.silences_s, 2),
        **drift(state.memory, state.restarted_at),
        "latency_ms": latency(state.tally.latencies_ms),
        "acknowledged": len(state.told.told),
        "acknowledged_after_restart": len(state.told.told) - state.acknowledged_before,
        "acknowledged_missing": state.missing,
        "refused": state.told.refused,
        "unanswered": state.told.unanswered,
        "chain_verified": await verified(state.service.url, state.tokens["operator"]),
    }
    figures["failed"] = failures(figures, state.plan.minutes)
    figures["passed"] = not figures["failed"]
    state.log("ended", **figures)
    return figures


class _Group:
    """Tasks that end with the block; one that fails ends it too."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        failed = [each for each in self._tasks if each.done() and not each.cancelled() and each.exception()]
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for each in failed:
            raise RuntimeError("a part of the soak broke") from each.exception()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin with something that has no end of its own."""
        self._tasks.append(asyncio.create_task(work))
