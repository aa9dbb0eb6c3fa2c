"""One soak, from a service of its own to the figures."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Self

from tillhand_cli.members import Member
from tillhand_cli.processes import Running, start, until_ready
from tillhand_cli.soak.checking import quantile
from tillhand_cli.soak.followers import Follower, Tally
from tillhand_cli.soak.writers import Acknowledged, Writer, cut_off, register, unacknowledged, verified
from tillhand_common import keys

HOST: Final = "127.0.0.1"
READY_WITHIN_S: Final = 60.0
CAUGHT_UP_WITHIN_S: Final = 60.0
HEARTBEAT_S: Final = 2.0
KILL_EVERY_S: Final = 0.5
CUT_WITHIN_S: Final = 60.0
SAMPLED: Final = 20
"""One follower in so many reads the time of each record."""
MOST_DRIFT_PERCENT: Final = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how many, how fast (changes a second, all writers together)."""

    minutes: float
    clients: int
    writers: int
    rate: float


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
    restarted_at: float = 0.0
    was_cut: bool = False


async def soaked(plan: Plan, folder: Path, log_file: IO[str] | None) -> dict[str, Any]:
    """The figures of a soak. The service is ended whatever happens."""
    begun = time.monotonic()

    def log(event: str, **facts: object) -> None:
        if log_file is not None:
            log_file.write(json.dumps({"at_s": round(time.monotonic() - begun, 3), "event": event, **facts}) + "\n")
            log_file.flush()

    member = Member("soak", "tillhand_approvals", free_port(), "the approvals under endurance")
    keys.bootstrap(folder)
    tokens = {kind: keys.read_token(folder, kind) or "" for kind in ("agent", "service", "operator")}
    service = await started(member, folder)
    state = _State(plan, folder, log, service, member, tokens)
    try:
        await register(service.url, tokens["service"])
        log("begun", clients=plan.clients, writers=plan.writers, minutes=plan.minutes)
        await _endured(state)
        return await _figures(state)
    finally:
        await state.service.stop()


async def _endured(state: _State) -> None:
    plan, url = state.plan, state.service.url
    async with AsyncExitStack() as stack:
        tasks = stack.enter_async_context
        following = await tasks(_Group())
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
    """Give everybody the time to read what there is; who has not by then has lost it."""
    _, head = await unacknowledged(state.service.url, state.tokens["operator"], state.told)
    end = time.monotonic() + CAUGHT_UP_WITHIN_S
    while time.monotonic() < end and any(each.received.lost(head) for each in state.followers):  # noqa: ASYNC110  # they run on
        await asyncio.sleep(0.2)


async def _killing(state: _State) -> None:
    while True:
        await asyncio.sleep(random.uniform(0, 2 * KILL_EVERY_S))  # noqa: S311  # any moment
        random.choice(state.followers).kill()  # noqa: S311  # any of them
        state.kills += 1


async def _measuring(state: _State) -> None:
    while True:
        state.memory.append((time.monotonic(), resident_mb(state.service.process.pid)))
        await asyncio.sleep(1.0)


async def _stuck(state: _State, following: _Group) -> None:
    """One who reads nothing: cut off, it comes back and has everything."""
    url = state.service.url
    follower = Follower(url, state.tokens["operator"], 0, state.tally, times=False)
    async with _Group() as filling:  # its buffers, until nothing more goes out to it
        writer = Writer(url, state.tokens, state.told, state.plan.rate)
        filling.start(writer.bulk())
        async with follower.stalled():
            state.was_cut = await cut_off(url, CUT_WITHIN_S)
    await writer.aclose()
    state.log("stuck_client_cut", cut=state.was_cut)
    state.followers.append(follower)
    following.start(follower.run())


async def _restart(state: _State) -> None:
    state.log("restarting")
    await state.service.stop()
    state.service = await started(state.member, state.folder)
    state.restarted_at = time.monotonic()
    state.log("restarted")


async def _figures(state: _State) -> dict[str, Any]:
    url, key = state.service.url, state.tokens["operator"]
    missing, head = await unacknowledged(url, key, state.told)
    received = [each.received for each in state.followers]
    first, last = _drift(state)
    drift = (last - first) / first * 100 if first else 0.0
    figures: dict[str, Any] = {
        "lost": sum(each.lost(head) for each in received),
        "repeated": sum(each.repeated for each in received),
        "disordered": sum(each.disordered for each in received),
        "records": head,
        "delivered": sum(each.count for each in received),
        "clients": len(received),
        "reconnections": state.tally.reconnections,
        "client_kills": state.kills,
        "server_restarts": 1,
        "stuck_client_cut": state.was_cut,
        "resets": state.tally.resets,
        "heartbeats": state.tally.heartbeats,
        "heartbeat_interval_s": HEARTBEAT_S,
        "longest_silence_s": round(state.tally.silences_s, 2),
        "rss_start_mb": round(first, 1),
        "rss_end_mb": round(last, 1),
        "rss_drift_percent": round(drift, 1),
        "latency_ms": {
            name: round(quantile(state.tally.latencies_ms, share), 1)
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        },
        "acknowledged": len(state.told.told),
        "acknowledged_missing": missing,
        "chain_verified": await verified(url, key),
    }
    figures["passed"] = _passed(figures)
    state.log("ended", **figures)
    return figures


def _passed(figures: dict[str, Any]) -> bool:
    whole = not any(figures[name] for name in ("lost", "repeated", "disordered", "acknowledged_missing", "resets"))
    return bool(
        whole
        and figures["chain_verified"]
        and figures["stuck_client_cut"]
        and figures["records"]
        and figures["longest_silence_s"] <= 2 * HEARTBEAT_S
    )


def _drift(state: _State) -> tuple[float, float]:
    """Resident megabytes of the restarted service: the median of its second tenth, and of its last."""
    after = [mb for at, mb in state.memory if at >= state.restarted_at and mb]
    tenth = max(1, len(after) // 10)
    return (quantile(after[tenth : 2 * tenth], 0.5), quantile(after[-tenth:], 0.5)) if after else (0.0, 0.0)


async def started(member: Member, folder: Path) -> Running:
    """The approvals on a folder of their own, ready. Raises `CommandError`."""
    environment = {
        "TILLHAND_DATA_DIR": str(folder),
        "TILLHAND_HEARTBEAT_S": str(HEARTBEAT_S),
        "TILLHAND_UNDO_S": "0",
        "TILLHAND_RATE_LIMIT": "off",
        "TILLHAND_DATABASE_URL": "",
    }
    service = await start(member, host=HOST, logs=folder / "logs", environment=environment)
    try:
        await until_ready(service, READY_WITHIN_S)
    except BaseException:
        await service.stop()
        raise
    return service


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def resident_mb(pid: int) -> float:
    """Resident memory of a process; 0 where it is not there, or the machine does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


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
