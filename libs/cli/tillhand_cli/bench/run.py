"""One load run: material gathered, everything warmed up, then measured, and what was put in removed again."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tillhand_cli.api import ERROR_STATUSES, FIRST_ERROR_STATUS, LONGEST_WAIT_S, TOO_MANY_REQUESTS, open_api
from tillhand_cli.bench.load import UNNAMED_WAIT_S, Load, Measured, load_client
from tillhand_cli.bench.material import gather
from tillhand_cli.bench.pace import Pace
from tillhand_cli.bench.plan import Plan
from tillhand_cli.bench.report import load_average
from tillhand_cli.bench.settings import Settings
from tillhand_common.clock import SystemClock
from tillhand_common.http import UpstreamClient, UpstreamError
from tillhand_common.upstream_response import retry_after_s

PATIENCE: Final = 5


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run measured, when it began to, how many requests went before, and the load average before those."""

    measured: Measured
    started_at: datetime
    warm_up: int
    load_before: float | None


async def run(settings: Settings, questions: list[str] | None, say: Callable[[str], None]) -> Ran:
    """Run it. Raises CommandError when there is nothing to ask about, or nobody to ask."""
    async with open_api(settings.url, settings.key) as api:
        material = await gather(api, settings.collection, questions)
    token = secrets.token_hex(4)
    scratch = f"bench-{token}" if settings.uploads else None
    plan = Plan(material, seed=settings.seed, token=token, scratch=scratch)
    async with load_client(settings.url, settings.key, connections=settings.concurrency) as client:
        try:
            return await _measured(client, plan, settings, say)
        finally:
            if scratch is not None:
                await _remove(client, scratch, say)


async def _measured(client: UpstreamClient, plan: Plan, settings: Settings, say: Callable[[str], None]) -> Ran:
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
    measured = await Load(client, pace).run(requests, plan.kinds, clients=settings.concurrency)
    return Ran(measured, started_at.astimezone(UTC), len(before) - warm.unsent, load_before)


async def _remove(client: UpstreamClient, scratch: str, say: Callable[[str], None]) -> None:
    try:
        failure = await _deleted(client, f"/v1/collections/{scratch}")
    except UpstreamError as error:
        failure = error.detail
    if failure:
        say(f"The collection {scratch}, which holds the uploads of this run, could not be removed ({failure}).")


async def _deleted(client: UpstreamClient, path: str) -> str:
    """Why not; nothing when it is. A service that asks to wait, as it may after a run, is asked again."""
    for _ in range(PATIENCE):
        answer = await client.request("DELETE", path, accept=ERROR_STATUSES)
        if answer.status != TOO_MANY_REQUESTS:
            break
        wait_s = retry_after_s(answer.headers)
        await asyncio.sleep(UNNAMED_WAIT_S if wait_s is None else min(wait_s, LONGEST_WAIT_S))
    return "" if answer.status < FIRST_ERROR_STATUS else f"answered {answer.status}"
