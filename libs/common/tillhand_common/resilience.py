"""What stands around each outgoing call, whatever its protocol: breaker, budget, retries, deadline, metrics."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final, TypeVar

from tillhand_common.breaker import Breaker
from tillhand_common.clock import Clock, SystemClock
from tillhand_common.errors import IndeterminateWrite, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from tillhand_common.retry import RetryBudget, RetryPolicy, remaining_s, retrying
from tillhand_common.upstream_metrics import OUTCOMES, UpstreamMetrics, UpstreamReporter

T = TypeVar("T")

_SYSTEM_CLOCK: Final = SystemClock()


def speaks_against_the_upstream(error: Exception) -> bool:
    """Tell whether a failure counts for the breaker: no answer or a 5xx does, a 4xx or throttling does not."""
    return isinstance(error, UpstreamUnavailable | UpstreamTimeout | IndeterminateWrite)


class Resilience:
    """The state that the calls to one upstream share. `metrics` None reports to the log only."""

    def __init__(
        self,
        upstream: str,
        *,
        failure_threshold: int = 5,
        reset_timeout_s: float = 30.0,
        retry: RetryPolicy | None = None,
        budget: RetryBudget | None = None,
        metrics: UpstreamMetrics | None = None,
        clock: Clock = _SYSTEM_CLOCK,
    ) -> None:
        self.upstream = upstream
        self._retry = retry or RetryPolicy()
        self._budget = budget or RetryBudget()
        self.reporter = UpstreamReporter(upstream, metrics)
        self._clock = clock
        self.breaker = Breaker(
            upstream,
            failure_threshold=failure_threshold,
            reset_timeout_s=reset_timeout_s,
            is_failure=speaks_against_the_upstream,
            listeners=[self.reporter],
            monotonic=clock.monotonic,
        )

    async def call(
        self,
        attempt: Callable[[float], Awaitable[T]],
        *,
        limit_s: float,
        repeatable: Callable[[BaseException], bool],
    ) -> T:
        """Await `attempt(seconds it may take)`, again where that is allowed, and return what it returns.

        `attempt` raises an UpstreamError for whatever goes wrong with the upstream; `repeatable` tells which of them
        another attempt may cure without harm.
        """
        self._budget.deposit()
        try:
            return await self._once(attempt, limit_s)
        except UpstreamError as error:
            if not repeatable(error):
                raise
            failure = error
        return await retrying(
            lambda: self._once(attempt, limit_s),
            failure,
            policy=self._retry,
            budget=self._budget,
            retryable=repeatable,
            retry_after_s=_asked_wait_s,
            on_retry=self.reporter.retried,
            clock=self._clock,
        )

    async def _once(self, attempt: Callable[[float], Awaitable[T]], limit_s: float) -> T:
        left_s = min(limit_s, remaining_s())
        if left_s <= 0:
            raise UpstreamTimeout(self.upstream, "no time was left for the call", sent=False)
        started, outcome = perf_counter(), "failed"
        try:
            with self.breaker.admit():
                result = await attempt(left_s)
            outcome = "ok"
        except UpstreamError as error:
            outcome = OUTCOMES.get(type(error), "failed")
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            self.reporter.attempted(outcome, perf_counter() - started)
        return result


def _asked_wait_s(error: BaseException) -> float | None:
    return error.retry_after_s if isinstance(error, UpstreamError) else None
