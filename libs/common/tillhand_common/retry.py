"""Retries that cannot make an outage worse: full jitter, a budget, and never past the deadline.

Waits are drawn by "full jitter" (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), as
tenacity implements it. tenacity costs about 24 µs per call and is entered only once a first attempt has failed.
"""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from tillhand_common import context
from tillhand_common.clock import Clock, SystemClock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to wait, in seconds.

    The wait before retry n is uniform in [0, min(`cap_s`, `base_s` · 2ⁿ⁻¹)], or what the upstream asked for
    when that is longer. An upstream that asks for more than `max_retry_after_s` is not waited for.
    """

    attempts: int = 3
    base_s: float = 0.1
    cap_s: float = 2.0
    max_retry_after_s: float = 30.0


class RetryBudget:
    """Ties retries to calls: one retry for each `calls_per_retry` calls, and `reserve` on top.

    `calls` calls during a total outage cost at most `calls / calls_per_retry + reserve` retries, so with the
    defaults 1.1 times the calls plus 10. The reserve is what a quiet client can spend at once; later calls refill it.
    """

    __slots__ = ("_balance", "_full", "_price")

    def __init__(self, *, calls_per_retry: int = 10, reserve: int = 10) -> None:
        self._price = calls_per_retry
        self._full = max(reserve, 1) * calls_per_retry  # without a reserve, calls still add up to a retry
        self._balance = reserve * calls_per_retry

    def deposit(self) -> None:
        """Count one call; retries of it do not count again."""
        if self._balance < self._full:
            self._balance += 1

    def withdraw(self) -> bool:
        """Take one retry out; False when there is none left."""
        if self._balance < self._price:
            return False
        self._balance -= self._price
        return True


_SYSTEM_CLOCK: Final = SystemClock()


async def retrying(
    attempt: Callable[[], Awaitable[T]],
    first_failure: Exception,
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    retryable: Callable[[BaseException], bool],
    retry_after_s: Callable[[BaseException], float | None] = lambda _: None,
    on_retry: Callable[[], None] = lambda: None,
    clock: Clock = _SYSTEM_CLOCK,
) -> T:
    """Carry on after `first_failure` of `attempt`, and return what a later attempt returns.

    Raises the failure of the last attempt made. It gives up when `policy.attempts` are made, the budget is empty,
    the failure is not `retryable`, or the wait would outlast the deadline of the request being served.
    """
    pending: list[Exception] = [first_failure]
    jitter = wait_random_exponential(multiplier=policy.base_s, max=policy.cap_s)

    async def next_attempt() -> T:
        if pending:
            raise pending.pop()
        on_retry()
        return await attempt()

    def wait(state: RetryCallState) -> float:
        asked_s = retry_after_s(_failure(state)) or 0.0
        return max(jitter(state), asked_s) if asked_s <= policy.max_retry_after_s else math.inf

    def stop(state: RetryCallState) -> bool:
        spent = state.attempt_number >= policy.attempts or state.upcoming_sleep >= remaining_s()
        return spent or not budget.withdraw()

    retrying_ = AsyncRetrying(
        retry=retry_if_exception(retryable), wait=wait, stop=stop, sleep=clock.sleep, reraise=True
    )
    return await retrying_(next_attempt)


def remaining_s() -> float:
    """Seconds until the deadline of the request being served; infinite without one."""
    deadline = context.deadline()
    return math.inf if deadline is None else deadline - time.monotonic()


def _failure(state: RetryCallState) -> BaseException:
    failure = state.outcome.exception() if state.outcome is not None else None
    if failure is None:
        raise RuntimeError("tenacity asked for a wait without a failure")
    return failure
