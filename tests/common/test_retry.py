"""Retries: how many, how long between them, and when none is made."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_common import context
from tillhand_common.retry import RetryBudget, RetryPolicy, retrying


class Down(Exception):
    """A failure that is worth another try."""


class Refused(Exception):
    """A failure that is not."""


class Throttled(Down):
    """A failure that says how long to wait, in seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class RecordingClock:
    """A clock on which sleeping takes no time and is written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Upstream:
    """Fails as scripted, then answers; counts what reaches it."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.calls = 0

    async def call(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def is_retryable(error: BaseException) -> bool:
    """Tell what is worth another try here."""
    return isinstance(error, Down)


def asked_wait(error: BaseException) -> float | None:
    """Return the wait that a failure asks for."""
    return error.retry_after_s if isinstance(error, Throttled) else None


async def call(
    upstream: Upstream, budget: RetryBudget, clock: RecordingClock, policy: RetryPolicy | None = None
) -> str:
    """Make one call the way a client does: deposit, try, and enter the retries at the first failure."""
    budget.deposit()
    try:
        return await upstream.call()
    except Down as failure:
        return await retrying(
            upstream.call,
            failure,
            policy=policy or RetryPolicy(),
            budget=budget,
            retryable=is_retryable,
            retry_after_s=asked_wait,
            clock=clock,
        )


@pytest.fixture
def request_deadline() -> Iterator[context.RequestInfo]:
    """Serve a request that has 5 s left."""
    info = context.from_headers(None, None, None)
    info.deadline = time.monotonic() + 5
    token = context._current.set(info)  # noqa: SLF001  # the variable has no public reset
    yield info
    context._current.reset(token)  # noqa: SLF001  # the variable has no public reset


async def test_a_call_that_fails_twice_succeeds_at_the_third_attempt() -> None:
    upstream = Upstream(Down(), Down())
    assert await call(upstream, RetryBudget(), RecordingClock()) == "answer"
    assert upstream.calls == 3


async def test_the_last_failure_is_raised_as_it_came() -> None:
    last = Down("third")
    upstream = Upstream(Down("first"), Down("second"), last, Down("never reached"))
    with pytest.raises(Down) as caught:
        await call(upstream, RetryBudget(), RecordingClock())
    assert caught.value is last
    assert upstream.calls == 3


@pytest.mark.parametrize(
    ("calls", "reserve", "attempts"), [(1000, 10, 1109), (1000, 0, 1100), (7, 10, 17), (1, 1, 2), (1, 10, 3)]
)
async def test_a_total_outage_costs_one_tenth_more_calls_and_the_reserve(
    calls: int, reserve: int, attempts: int
) -> None:
    upstream = Upstream(*(Down() for _ in range(calls * 3)))
    budget = RetryBudget(calls_per_retry=10, reserve=reserve)
    for _ in range(calls):
        with pytest.raises(Down):
            await call(upstream, budget, RecordingClock())
    assert upstream.calls == attempts
    assert upstream.calls <= calls * 1.1 + reserve


async def test_a_long_healthy_time_saves_no_more_than_the_reserve() -> None:
    budget = RetryBudget(calls_per_retry=10, reserve=3)
    for _ in range(10_000):
        await call(Upstream(), budget, RecordingClock())
    assert [budget.withdraw() for _ in range(5)] == [True, True, True, False, False]


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 20), st.integers(0, 20))
def test_withdrawals_never_exceed_what_calls_have_paid_for(moves: list[bool], price: int, reserve: int) -> None:
    budget = RetryBudget(calls_per_retry=price, reserve=reserve)
    calls = retries = 0
    for is_call in moves:
        if is_call:
            budget.deposit()
            calls += 1
        else:
            retries += budget.withdraw()
        assert retries <= calls / price + reserve


async def test_waits_are_fully_jittered_within_a_doubling_bound() -> None:
    waits: list[list[float]] = []
    for _ in range(200):
        clock = RecordingClock()
        policy = RetryPolicy(attempts=4, base_s=0.1, cap_s=0.3)
        await call(Upstream(Down(), Down(), Down()), RetryBudget(), clock, policy)
        waits.append(clock.slept)
    for nth, bound in enumerate((0.1, 0.2, 0.3)):
        drawn = [slept[nth] for slept in waits]
        assert all(0 <= wait <= bound for wait in drawn)
        assert min(drawn) < bound * 0.2
        assert max(drawn) > bound * 0.8


async def test_what_the_upstream_asks_for_is_waited_for() -> None:
    clock = RecordingClock()
    await call(Upstream(Throttled(4.0)), RetryBudget(), clock)
    assert clock.slept == [4.0]


async def test_an_upstream_that_asks_for_too_much_is_not_waited_for() -> None:
    clock, upstream = RecordingClock(), Upstream(Throttled(31.0))
    with pytest.raises(Throttled):
        await call(upstream, RetryBudget(), clock)
    assert (upstream.calls, clock.slept) == (1, [])


async def test_no_wait_outlasts_the_deadline(request_deadline: context.RequestInfo) -> None:
    clock, upstream = RecordingClock(), Upstream(Throttled(6.0))
    with pytest.raises(Throttled):
        await call(upstream, RetryBudget(), clock)
    assert (upstream.calls, clock.slept) == (1, [])

    assert await call(Upstream(Throttled(2.0)), RetryBudget(), clock) == "answer"
    assert clock.slept == [2.0]


async def test_a_refused_retry_costs_no_budget(request_deadline: context.RequestInfo) -> None:
    budget = RetryBudget(reserve=1)
    with pytest.raises(Throttled):
        await call(Upstream(Throttled(60.0)), budget, RecordingClock())
    assert budget.withdraw()


async def test_a_failure_that_is_not_retryable_ends_the_retries() -> None:
    upstream = Upstream(Down(), Refused())
    with pytest.raises(Refused):
        await call(upstream, RetryBudget(), RecordingClock())
    assert upstream.calls == 2


async def test_cancellation_during_a_retry_passes_through() -> None:
    upstream = Upstream(Down(), asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await call(upstream, RetryBudget(), RecordingClock())
    assert upstream.calls == 2


async def test_cancellation_during_a_wait_passes_through() -> None:
    sleeping = asyncio.Event()

    class Endless(RecordingClock):
        async def sleep(self, seconds: float) -> None:  # noqa: ARG002  # it never ends
            sleeping.set()
            await asyncio.Event().wait()

    upstream = Upstream(Down())
    task = asyncio.create_task(call(upstream, RetryBudget(), Endless()))
    async with asyncio.timeout(5):
        await sleeping.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert upstream.calls == 1
