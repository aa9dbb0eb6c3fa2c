"""Alive and ready: `/health` without any I/O, `/ready` from checks that run in the background.

A check's result is cached; `/ready` waits for nothing and shows how old each answer is. Only a failing *critical*
check makes the service not ready; other failures and open breakers degrade it, because a replica taken out for an
upstream's fault takes all replicas out at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import structlog

from tillhand_common.clock import Clock, rfc3339
from tillhand_common.metrics import GaugeSeries, Metrics

Status = Literal["ok", "degraded", "failed", "pending"]
Overall = Literal["ready", "degraded", "not-ready"]
LEVELS: Final[Mapping[Status, int]] = {"ok": 0, "degraded": 1, "failed": 2, "pending": 3}

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: no address, secret or foreign text. `detail` is public, `data` is for whoever has a key."""

    status: Literal["ok", "degraded", "failed"]
    detail: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


OK: Final = CheckResult("ok")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that readiness depends on.

    `run` is awaited every `interval_s` seconds and given `timeout_s`; an exception or a timeout is a failure.
    `traffic=False` leaves it out of `/ready?for=traffic`, the question that orchestrators ask.
    """

    name: str
    run: Callable[[], Awaitable[CheckResult]]
    critical: bool = True
    interval_s: float = 10.0
    timeout_s: float = 5.0
    traffic: bool = True


@dataclass(slots=True)
class _Watched:
    check: Check
    status: Status = "pending"
    detail: str = "not checked yet"
    data: Mapping[str, object] = field(default_factory=dict)
    time: datetime | None = None
    checked_at: float = 0.0
    duration_s: float = 0.0
    task: asyncio.Task[None] | None = None
    level: GaugeSeries | None = None

    @property
    def blocks(self) -> bool:
        return self.check.critical and self.status in {"failed", "pending"}


class Readiness:
    """The checks of one service and their latest results, which `metrics` shows as `tillhand_check_state`."""

    def __init__(self, clock: Clock, metrics: Metrics | None = None) -> None:
        self._clock = clock
        self._watched: dict[str, _Watched] = {}
        self._states = (
            None
            if metrics is None
            else metrics.gauge(
                "tillhand_check_state",
                "What a check of readiness found last: 0 ok, 1 degraded, 2 failed, 3 not run yet.",
                {"check": self._watched, "critical": ("true", "false")},
            )
        )
        self._running = False

    def add(self, check: Check) -> None:
        """Watch one more thing, at once when the service already runs. Names are unique."""
        if check.name in self._watched:
            raise ValueError(f"there is already a check named {check.name}")
        watched = self._watched[check.name] = _Watched(check)
        if self._states is not None:
            watched.level = self._states.labels(check.name, str(check.critical).lower())
            watched.level.set(LEVELS["pending"])
        if self._running:
            self._watch(watched)

    def start(self) -> None:
        """Begin to run the checks in the background."""
        self._running = True
        for watched in self._watched.values():
            self._watch(watched)

    async def stop(self) -> None:
        """Stop all checks and wait until they have stopped."""
        self._running = False
        tasks = [watched.task for watched in self._watched.values() if watched.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def refresh(self) -> None:
        """Run every check once, now."""
        await asyncio.gather(*(self._run(watched) for watched in self._watched.values()))

    def overall(self, *, traffic_only: bool = False) -> Overall:
        """Return the verdict over all checks, or over those that matter for traffic."""
        watched = self._selected(traffic_only=traffic_only)
        if any(each.blocks for each in watched):
            return "not-ready"
        return "ready" if all(each.status == "ok" for each in watched) else "degraded"

    def report(self, *, traffic_only: bool = False, with_data: bool = True) -> dict[str, object]:
        """Describe each check: status, detail, data, when it ran (RFC 3339), how old that is and how long it took."""
        now = self._clock.monotonic()
        return {
            each.check.name: _describe(each, now, with_data=with_data)
            for each in self._selected(traffic_only=traffic_only)
        }

    def _selected(self, *, traffic_only: bool) -> list[_Watched]:
        return [each for each in self._watched.values() if each.check.traffic or not traffic_only]

    def _watch(self, watched: _Watched) -> None:
        watched.task = asyncio.create_task(self._repeat(watched), name=f"check {watched.check.name}")

    async def _repeat(self, watched: _Watched) -> None:
        while True:
            await self._run(watched)
            await self._clock.sleep(watched.check.interval_s)

    async def _run(self, watched: _Watched) -> None:
        begun = self._clock.monotonic()
        result = await _result(watched.check)
        if result.status != watched.status:
            _log_change(watched, result)
        watched.checked_at = self._clock.monotonic()
        watched.duration_s = watched.checked_at - begun
        watched.time = self._clock.now()
        watched.status, watched.detail, watched.data = result.status, result.detail, result.data
        if watched.level is not None:
            watched.level.set(LEVELS[result.status])


def _log_change(watched: _Watched, result: CheckResult) -> None:
    """Write the one line that tells of a failure: probes themselves leave none at the usual levels."""
    check, log = watched.check, _log.info
    if result.status == "failed":
        log = _log.error if check.critical else _log.warning
    log("check_changed", check=check.name, was=watched.status, status=result.status)


async def _result(check: Check) -> CheckResult:
    try:
        async with asyncio.timeout(check.timeout_s):
            return await check.run()
    except TimeoutError:
        return CheckResult("failed", f"no answer within {check.timeout_s:g} s")
    except Exception as error:  # noqa: BLE001  # the boundary of a check: whatever it raises is its result
        _log.warning("check_raised", check=check.name, exc_info=error)
        return CheckResult("failed", type(error).__name__)


def _describe(watched: _Watched, now: float, *, with_data: bool) -> dict[str, object]:
    described: dict[str, object] = {
        "status": watched.status,
        "critical": watched.check.critical,
        "detail": watched.detail,
    }
    if watched.time is not None:
        described["time"] = rfc3339(watched.time)
        described["age_s"] = round(now - watched.checked_at, 3)
        described["duration_ms"] = round(watched.duration_s * 1000, 3)
    if watched.data and with_data:
        described["data"] = dict(watched.data)
    return described
