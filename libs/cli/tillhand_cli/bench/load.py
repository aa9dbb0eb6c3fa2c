"""Sends the requests of a run by a fixed number of clients, and keeps how each went."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from tillhand_cli.api import ERROR_STATUSES, FIRST_ERROR_STATUS, NEVER, TOO_MANY_REQUESTS
from tillhand_cli.bench.pace import Pace
from tillhand_cli.bench.plan import Kind, Request
from tillhand_common.clock import Clock, SystemClock
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient, UpstreamError
from tillhand_common.upstream_response import retry_after_s

LONGEST_ANSWER_S: Final = 60.0
"""Above the service's own deadline for a request, so that the service ends what takes so long."""
UNNAMED_WAIT_S: Final = 1.0
"""How long a 429 is waited for that does not say how long, or says not at all."""


@dataclass(slots=True)
class Tally:
    """How one kind of request went: times of the answers in milliseconds, failures by what they were."""

    times_ms: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    throttled: int = 0


@dataclass(slots=True)
class Measured:
    """How a run went, by kind. `busy` is the share of one core that this process itself took while it went."""

    tallies: dict[Kind, Tally]
    unsent: int
    elapsed_s: float
    held_s: float
    busy: float


def load_client(
    url: str, key: str | None, *, connections: int, headers: Mapping[str, str] | None = None
) -> UpstreamClient:
    """A client that reports each answer as it is: it repeats nothing and spares the service nothing."""
    return UpstreamClient(
        "service",
        url,
        bearer=SecretStr(key) if key else None,
        headers=headers,
        timeouts=Timeouts(LONGEST_ANSWER_S, LONGEST_ANSWER_S, LONGEST_ANSWER_S, LONGEST_ANSWER_S, LONGEST_ANSWER_S),
        resilience=Resilience("service", failure_threshold=NEVER, retry=RetryPolicy(attempts=1)),
        max_connections=connections,
    )


class Load:
    """One run. A request that is answered with 429 waits as long as it was told to, with all others, and goes again."""

    def __init__(self, client: UpstreamClient, pace: Pace, *, clock: Clock | None = None) -> None:
        self._client = client
        self._pace = pace
        self._clock = clock or SystemClock()
        self._tallies: dict[Kind, Tally] = {}

    async def run(self, requests: Sequence[Request], kinds: Iterable[Kind], *, clients: int) -> Measured:
        """Send them by so many clients until all are answered or the time is over; those in flight then end."""
        self._tallies = {kind: Tally() for kind in kinds}
        waiting = iter(requests)
        busy_before_s = time.process_time()
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(self._client_of(waiting))
        elapsed_s = self._pace.elapsed_s
        answered = sum(len(each.times_ms) + each.failures.total() for each in self._tallies.values())
        return Measured(
            self._tallies,
            unsent=len(requests) - answered,
            elapsed_s=elapsed_s,
            held_s=self._pace.held_s,
            busy=(time.process_time() - busy_before_s) / elapsed_s if elapsed_s else 0.0,
        )

    async def _client_of(self, waiting: Iterable[Request]) -> None:
        for request in waiting:
            if not await self._went(request):
                return

    async def _went(self, request: Request) -> bool:
        """Whether the request got its answer before the run was over."""
        started = await self._pace.turn()
        while started is not None:
            if await self._sent(request, started):
                return True
            started = await self._pace.again()
        return False

    async def _sent(self, request: Request, started: float) -> bool:
        """Send it once; False when the service put it off."""
        tally = self._tallies[request.kind]
        try:
            answer = await self._client.request(
                request.kind.method, request.path, json=request.body, headers=request.headers, accept=ERROR_STATUSES
            )
        except UpstreamError as error:
            tally.failures[_name_of(error)] += 1
            return True
        if answer.status == TOO_MANY_REQUESTS:
            tally.throttled += 1
            self._pace.hold(retry_after_s(answer.headers) or UNNAMED_WAIT_S)
            return False
        if answer.status >= FIRST_ERROR_STATUS:
            tally.failures[str(answer.status)] += 1
        else:
            tally.times_ms.append((self._clock.monotonic() - started) * 1000)
        return True


def _name_of(error: UpstreamError) -> str:
    """What went wrong: a write whose answer was lost by what lost it."""
    cause = error.__cause__
    return cause.slug if isinstance(cause, UpstreamError) else error.slug
