"""The breaker, and the four ways in which bare pybreaker fails under asyncio that it exists for."""

import asyncio
from collections.abc import Awaitable, Callable

import pybreaker
import pytest

from tillhand_common.breaker import Breaker
from tillhand_common.errors import CircuitOpen


class Down(Exception):
    """What a broken upstream raises here."""


class Refused(Exception):
    """What a healthy upstream raises at a bad request here."""


class Ticker:
    """A monotonic clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def state(breaker: Breaker) -> str:
    """Return the state as plain text, which no earlier assertion narrows."""
    return breaker.state


class Recorder(pybreaker.CircuitBreakerListener):  # type: ignore[misc]  # pybreaker is checked as Any
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def before_call(self, *_: object) -> None:
        self.heard.append("before_call")

    def success(self, *_: object) -> None:
        self.heard.append("success")

    def failure(self, _: object, exc: BaseException) -> None:
        self.heard.append(f"failure {type(exc).__name__}")

    def state_change(
        self, _: object, old_state: pybreaker.CircuitBreakerState, new_state: pybreaker.CircuitBreakerState
    ) -> None:
        self.heard.append(f"{old_state.name} to {new_state.name}")


async def fail() -> None:
    """Fail the way a broken upstream does."""
    raise Down("upstream is down")


async def succeed() -> str:
    """Answer."""
    return "answer"


async def fail_times(breaker: Breaker, times: int) -> None:
    """Let `times` calls fail under the breaker."""
    for _ in range(times):
        with pytest.raises(Down):
            await breaker.call(fail)


async def opened(ticker: Ticker, **options: object) -> Breaker:
    """Return a breaker that has opened and whose rest of 30 s is over."""
    breaker = Breaker("shop", failure_threshold=2, reset_timeout_s=30, monotonic=ticker, **options)  # type: ignore[arg-type]  # test options
    await fail_times(breaker, 2)
    assert state(breaker) == "open"
    ticker.now += 30
    return breaker


async def started(func: Callable[[], Awaitable[object]], breaker: Breaker) -> "asyncio.Task[object]":
    """Start a call and return once it is under way."""
    running = asyncio.Event()

    async def call() -> object:
        running.set()
        return await func()

    task = asyncio.ensure_future(breaker.call(call))
    async with asyncio.timeout(5):
        await running.wait()
    return task


# --- the four defects of bare pybreaker, each beside what we do instead ---


async def test_a_decorated_coroutine_never_trips_pybreaker_and_trips_ours() -> None:
    bare = pybreaker.CircuitBreaker(fail_max=2)
    guarded = bare(fail)
    for _ in range(10):
        with pytest.raises(Down):
            await guarded()
    assert bare.current_state == "closed"

    ours = Breaker("shop", failure_threshold=2)
    await fail_times(ours, 2)
    assert state(ours) == "open"
    with pytest.raises(CircuitOpen):
        await ours.call(succeed)


async def test_half_open_pybreaker_lets_every_concurrent_probe_through_and_ours_exactly_one() -> None:
    gate = asyncio.Event()
    probes = 0

    async def probe() -> None:
        nonlocal probes
        probes += 1
        await gate.wait()

    bare = pybreaker.CircuitBreaker(fail_max=1, reset_timeout=0, throw_new_error_on_trip=False)
    with pytest.raises(Down), bare.calling():
        await fail()

    async def through_bare() -> None:
        with bare.calling():
            await probe()

    tasks = [asyncio.create_task(through_bare()) for _ in range(50)]
    await asyncio.sleep(0)
    assert probes == 50
    gate.set()
    await asyncio.gather(*tasks)

    gate.clear()
    probes = 0
    ours = await opened(Ticker())
    results = asyncio.gather(*(ours.call(probe) for _ in range(50)), return_exceptions=True)
    await asyncio.sleep(0)
    assert probes == 1
    assert state(ours) == "half-open"
    gate.set()
    async with asyncio.timeout(5):
        outcomes = await results
    assert sum(isinstance(outcome, CircuitOpen) for outcome in outcomes) == 49
    assert outcomes.count(None) == 1
    assert state(ours) == "closed"


async def test_cancellation_trips_pybreaker_and_is_lost_there_and_neither_here() -> None:
    never = asyncio.Event()
    bare = pybreaker.CircuitBreaker(fail_max=1)

    async def through_bare() -> None:
        with bare.calling():
            await never.wait()

    task = asyncio.create_task(through_bare())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(pybreaker.CircuitBreakerError):
        await task
    assert bare.current_state == "open"

    ours = Breaker("shop", failure_threshold=1)
    ours_task = await started(never.wait, ours)
    ours_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ours_task
    assert state(ours) == "closed"


async def test_the_call_that_trips_pybreaker_hides_its_cause_and_ours_raises_it() -> None:
    bare = pybreaker.CircuitBreaker(fail_max=1)
    with pytest.raises(pybreaker.CircuitBreakerError), bare.calling():
        await fail()

    with pytest.raises(Down, match="upstream is down"):
        await Breaker("shop", failure_threshold=1).call(fail)


# --- what the breaker promises beyond them ---


async def test_it_opens_after_its_threshold_of_failures_in_a_row() -> None:
    breaker = Breaker("shop", failure_threshold=3)
    await fail_times(breaker, 2)
    await breaker.call(succeed)
    await fail_times(breaker, 2)
    assert state(breaker) == "closed"
    await fail_times(breaker, 1)
    assert state(breaker) == "open"


async def test_an_open_breaker_says_when_to_try_again() -> None:
    ticker = Ticker()
    breaker = Breaker("shop", failure_threshold=1, reset_timeout_s=30, monotonic=ticker)
    await fail_times(breaker, 1)
    ticker.now += 12
    with pytest.raises(CircuitOpen) as caught:
        await breaker.call(succeed)
    assert caught.value.retry_after_s == pytest.approx(18)
    assert caught.value.headers["retry-after"] == "18"


async def test_a_failed_probe_opens_it_again_for_the_whole_rest() -> None:
    ticker = Ticker()
    breaker = await opened(ticker)
    await fail_times(breaker, 1)
    assert state(breaker) == "open"
    assert breaker.retry_after_s == 30
    ticker.now += 30
    assert await breaker.call(succeed) == "answer"
    assert state(breaker) == "closed"


async def test_a_cancelled_probe_gives_its_place_to_the_next_call() -> None:
    breaker = await opened(Ticker())
    task = await started(asyncio.Event().wait, breaker)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert state(breaker) == "half-open"
    assert await breaker.call(succeed) == "answer"
    assert state(breaker) == "closed"


async def test_an_error_that_does_not_speak_against_the_upstream_counts_as_an_answer() -> None:
    breaker = Breaker("shop", failure_threshold=2, is_failure=lambda error: not isinstance(error, Refused))

    async def refused() -> None:
        raise Refused

    await fail_times(breaker, 1)
    for _ in range(10):
        with pytest.raises(Refused):
            await breaker.call(refused)
    await fail_times(breaker, 1)
    assert state(breaker) == "closed"


async def test_calls_from_before_it_opened_neither_prolong_the_rest_nor_end_it() -> None:
    ticker = Ticker()
    breaker = Breaker("shop", failure_threshold=2, reset_timeout_s=30, monotonic=ticker)
    good, bad = asyncio.Event(), asyncio.Event()

    async def late_answer() -> None:
        await good.wait()

    async def late_failure() -> None:
        await bad.wait()
        raise Down

    answering, failing = await started(late_answer, breaker), await started(late_failure, breaker)
    await fail_times(breaker, 2)
    ticker.now += 20
    bad.set()
    with pytest.raises(Down):
        await failing
    assert breaker.retry_after_s == 10

    ticker.now += 10
    release = asyncio.Event()
    probe = await started(release.wait, breaker)
    good.set()
    await answering
    assert state(breaker) == "half-open"
    with pytest.raises(CircuitOpen):
        await breaker.call(succeed)
    release.set()
    await probe
    assert state(breaker) == "closed"


async def test_listeners_hear_each_call_and_each_change_of_state_once_and_in_order() -> None:
    ticker, recorder = Ticker(), Recorder()
    breaker = await opened(ticker, listeners=[recorder])
    await breaker.call(succeed)
    assert recorder.heard == [
        *("before_call", "failure Down"),
        *("before_call", "failure Down", "closed to open"),
        *("open to half-open", "before_call", "half-open to closed", "success"),
    ]
