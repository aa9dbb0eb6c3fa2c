"""What a service can tell about its calls to other systems."""

from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Final

import structlog

from tillhand_common.breaker import CircuitBreaker, CircuitBreakerListener, CircuitBreakerState
from tillhand_common.errors import (
    CircuitOpen,
    IndeterminateWrite,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_common.metrics import Metrics

OUTCOMES: Final = {
    UpstreamUnavailable: "unavailable",
    UpstreamTimeout: "timeout",
    UpstreamRejected: "rejected",
    UpstreamThrottled: "throttled",
    UpstreamProtocolError: "protocol_error",
    CircuitOpen: "circuit_open",
    IndeterminateWrite: "indeterminate",
}
STATES: Final = {"closed": 0, "half-open": 1, "open": 2}

_log: Final = structlog.get_logger(__name__)


class UpstreamMetrics:
    """The metrics of all upstream clients of a service; `upstreams` are the names that the clients will have."""

    def __init__(self, metrics: Metrics, upstreams: Iterable[str]) -> None:
        names = {"upstream": frozenset(upstreams)}
        outcomes = frozenset({"ok", "failed", "cancelled", *OUTCOMES.values()})
        self.requests = metrics.counter(
            "upstream_requests_total", "Attempts to call an upstream, by outcome.", {**names, "outcome": outcomes}
        )
        self.durations = metrics.histogram(
            "upstream_request_duration_seconds", "Time that one attempt took, answered or not.", names
        )
        self.retries = metrics.counter("upstream_retries_total", "Attempts after the first one.", names)
        self.breakers = metrics.gauge(
            "upstream_breaker_state", "State of the circuit breaker: 0 closed, 1 half-open, 2 open.", names
        )
        self.transitions = metrics.counter(
            "upstream_breaker_transitions_total",
            "Changes of the circuit breaker's state, by the new one.",
            {**names, "state": frozenset(STATES)},
        )
        self.pool_waits = metrics.histogram(
            "upstream_pool_wait_seconds", "Time that an attempt waited for a connection of the pool.", names
        )


class UpstreamReporter(CircuitBreakerListener):  # type: ignore[misc]  # pybreaker is checked as Any
    """What one client reports: its attempts, and the changes of its breaker's state. Without metrics, the log only."""

    def __init__(self, upstream: str, metrics: UpstreamMetrics | None) -> None:
        self._upstream = upstream
        self._metrics = metrics
        if metrics is not None:
            self._duration = metrics.durations.labels(upstream)
            self._pool_wait = metrics.pool_waits.labels(upstream)
            metrics.breakers.labels(upstream).set(STATES["closed"])

    def attempted(self, outcome: str, seconds: float) -> None:
        """Record one attempt."""
        if self._metrics is not None:
            self._metrics.requests.labels(self._upstream, outcome).inc()
            if outcome != "circuit_open":
                self._duration.observe(seconds)

    @property
    def counts(self) -> bool:
        """Whether anything is recorded at all."""
        return self._metrics is not None

    def connected(self, waited_s: float) -> None:
        """Record that an attempt has a connection, old or about to be made."""
        if self._metrics is not None:
            self._pool_wait.observe(waited_s)

    def retried(self) -> None:
        """Record that an attempt is not the first one."""
        if self._metrics is not None:
            self._metrics.retries.labels(self._upstream).inc()

    def state_change(
        self,
        cb: CircuitBreaker,  # noqa: ARG002  # pybreaker's signature; it still holds the old state
        old_state: CircuitBreakerState | None,  # noqa: ARG002  # pybreaker's signature
        new_state: CircuitBreakerState,
    ) -> None:
        """Record that the breaker opened, lets a probe through, or closed."""
        state = new_state.name
        log = _log.warning if state == "open" else _log.info
        log("upstream_breaker", upstream=self._upstream, state=state)
        if self._metrics is not None:
            self._metrics.breakers.labels(self._upstream).set(STATES[state])
            self._metrics.transitions.labels(self._upstream, state).inc()


class PoolWait:
    """Told by the library how a request gets on: the first it says is that there is a connection for it."""

    __slots__ = ("_began", "_reporter")

    def __init__(self, reporter: UpstreamReporter) -> None:
        self._reporter = reporter
        self._began: float | None = perf_counter()

    async def __call__(self, event: str, info: Mapping[str, object]) -> None:  # noqa: ARG002  # the library's signature
        if self._began is not None:
            self._reporter.connected(perf_counter() - self._began)
            self._began = None
