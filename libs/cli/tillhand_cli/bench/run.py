"""One load run: everything warmed up, then measured."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Protocol

from tillhand_cli.bench.calibration import calibration
from tillhand_cli.bench.load import Load, Measured, load_client
from tillhand_cli.bench.pace import Pace
from tillhand_cli.bench.plan import Planned
from tillhand_cli.bench.report import load_average
from tillhand_cli.bench.settings import Say, Settings
from tillhand_common.clock import SystemClock
from tillhand_common.http import UpstreamClient


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run measured, when it began to, how many requests went before, and the load average before those.

    `calibration_ms` is what a fixed piece of work took in this process, before and after: the median.
    """

    measured: Measured
    started_at: datetime
    warm_up: int
    load_before: float | None
    calibration_ms: float


class Subject(Protocol):
    """A service under load."""

    def planned(self, client: UpstreamClient, say: Say) -> AbstractAsyncContextManager[Planned]:
        """What to ask it; whatever that put in is removed at the end.

        Raises CommandError when there is nothing to ask about, or nobody to ask.
        """
        ...


async def run(settings: Settings, subject: Subject, say: Say) -> Ran:
    """Run it. Raises CommandError as `Subject.planned` does."""
    async with (
        load_client(settings.url, settings.key, connections=settings.concurrency) as client,
        subject.planned(client, say) as plan,
    ):
        return await _measured(client, plan, settings, say)


async def _measured(client: UpstreamClient, plan: Planned, settings: Settings, say: Say) -> Ran:
    clock, load_before = SystemClock(), load_average()
    before = plan.warm_up(settings.warm_up)
    requests = plan.mix(settings.requests)
    say(f"Warming up with {len(before)} requests …")
    warm = await Load(client, Pace(clock, limit_s=settings.limit_s)).run(
        before, plan.kinds, clients=settings.concurrency
    )
    say(f"Measuring {len(requests)} requests, for at most {settings.limit_s:g} s …")
    started_at = clock.now()
    pace = Pace(clock, limit_s=settings.limit_s, rate_per_s=settings.rate_per_s)
    calibrated = calibration()
    measured = await Load(client, pace).run(requests, plan.kinds, clients=settings.concurrency)
    return Ran(
        measured,
        started_at.astimezone(UTC),
        len(before) - warm.unsent,
        load_before,
        median([*calibrated, *calibration()]),
    )
