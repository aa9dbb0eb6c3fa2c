"""A circuit breaker for coroutines: pybreaker's states, counters and listeners, entered in an async-correct way.

pybreaker 1.4 decides when to open and when to close; it is only ever told outcomes from synchronous code, so no
other task can run between its steps. What is added here is what it lacks under asyncio: one probe at a time while
half-open, cancellation that moves nothing, and outcomes of calls from before a change of state that no longer count.
State is local to the process: a breaker never reads the network on the call path.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Final, Literal, Self, TypeVar, cast

from pybreaker import (
    STATE_CLOSED,
    STATE_HALF_OPEN,
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerListener,
    CircuitBreakerState,
    CircuitMemoryStorage,
)

from tillhand_common.errors import CircuitOpen

__all__ = [
    "Breaker",
    "BreakerState",
    "CircuitBreaker",
    "CircuitBreakerListener",
    "CircuitBreakerState",
    "CircuitOpen",
    "Permit",
]

T = TypeVar("T")
BreakerState = Literal["closed", "open", "half-open"]


class Breaker:
    """A circuit breaker named after the upstream that it guards.

    It opens after `failure_threshold` failures in a row, refuses calls with `CircuitOpen` for `reset_timeout_s`
    seconds, then lets exactly one probe through. `is_failure` tells which exceptions speak against the upstream;
    the others count as an answer, so as a success.
    """

    def __init__(
        self,
        name: str,
        *,
        failure_threshold: int = 5,
        reset_timeout_s: float = 30.0,
        is_failure: Callable[[Exception], bool] = lambda _: True,
        listeners: Iterable[CircuitBreakerListener] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name: Final = name
        self._monotonic = monotonic
        self._is_failure = is_failure
        self._reset_timeout_s = reset_timeout_s
        self._storage = CircuitMemoryStorage(STATE_CLOSED)
        self._epoch = 0
        self._opened_at = 0.0
        self._probing = False
        self._circuit = CircuitBreaker(
            fail_max=failure_threshold,
            reset_timeout=reset_timeout_s,
            listeners=[_Epochs(self), *listeners],
            state_storage=self._storage,
            name=name,
            throw_new_error_on_trip=False,  # the call that trips raises its own cause
        )

    @property
    def state(self) -> BreakerState:
        """`closed`, `open` or `half-open`."""
        return cast("BreakerState", self._storage.state)

    @property
    def retry_after_s(self) -> float:
        """Seconds until the next probe may go out; 0 when one may go now."""
        if self._storage.state != STATE_OPEN:
            return 0.0
        return max(0.0, self._opened_at + self._reset_timeout_s - self._monotonic())

    def admit(self) -> "Permit":
        """The leave to make one call, used as `with breaker.admit(): await …`. Raises `CircuitOpen`."""
        probe = self._storage.state != STATE_CLOSED
        if probe:
            self._admit_probe()
        for listener in self._circuit.listeners:
            listener.before_call(self._circuit, self.admit)
        return Permit(self, self._epoch, probe=probe)

    async def call(self, func: Callable[[], Awaitable[T]]) -> T:
        """Await `func()` under the breaker. Raises `CircuitOpen`, or whatever `func` raises."""
        with self.admit():
            return await func()

    def _admit_probe(self) -> None:
        if self._probing or (wait_s := self.retry_after_s) > 0:
            raise CircuitOpen(self.name, retry_after_s=self._reset_timeout_s if self._probing else wait_s)
        if self._storage.state == STATE_OPEN:
            self._circuit.half_open()
        self._probing = True

    def settle(self, permit: "Permit", error: BaseException | None) -> None:
        """Record how the call of `permit` ended; called once, by the permit."""
        if permit.epoch != self._epoch:
            return  # the state changed since: this outcome is about a past that was already judged
        if permit.probe:
            self._probing = False
        if error is None:
            self._succeeded()
        elif isinstance(error, Exception):
            if self._is_failure(error):
                self._failed(error)
            else:
                self._succeeded()

    def _succeeded(self) -> None:
        self._storage.reset_counter()
        self._circuit.state.on_success()
        for listener in self._circuit.listeners:
            listener.success(self._circuit)

    def _failed(self, error: Exception) -> None:
        self._storage.increment_counter()
        for listener in self._circuit.listeners:
            listener.failure(self._circuit, error)
        try:
            self._circuit.state.on_failure(error)
        except type(error) as raised:  # pybreaker raises the cause of a trip; the permit lets it through itself
            if raised is not error:
                raise

    def changed(self, state: str) -> None:
        """Begin a new epoch; called by the breaker's own listener."""
        self._epoch += 1
        if state == STATE_OPEN:
            self._opened_at = self._monotonic()
        if state != STATE_HALF_OPEN:
            self._probing = False


class Permit:
    """The leave to make one call; leaving the block settles its outcome and never swallows an exception."""

    __slots__ = ("_breaker", "epoch", "probe")

    def __init__(self, breaker: Breaker, epoch: int, *, probe: bool) -> None:
        self._breaker = breaker
        self.epoch = epoch
        self.probe = probe

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._breaker.settle(self, error)


class _Epochs(CircuitBreakerListener):  # type: ignore[misc]  # pybreaker is checked as Any
    """Tells the breaker of each change of state."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def state_change(
        self,
        cb: CircuitBreaker,  # noqa: ARG002  # pybreaker's signature
        old_state: CircuitBreakerState | None,  # noqa: ARG002  # pybreaker's signature
        new_state: CircuitBreakerState,
    ) -> None:
        self._breaker.changed(new_state.name)
