"""Counts of calls by connector: as metrics, and as figures for people."""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from typing import Final

from tillhand_common.clock import Clock
from tillhand_common.http import UpstreamMetrics
from tillhand_common.metrics import Metrics
from tillhand_common.upstream_metrics import OUTCOMES as ATTEMPTS
from tillhand_common.upstream_metrics import STATES
from tillhand_mcp.domain.origins import Quota
from tillhand_mcp.ports.watching import Figures, Outcome

OUTCOMES: Final = frozenset({"answered", "cached", "stale", "refused", "failed"})
LAST: Final = 1_000
ASKED: Final = frozenset({"answered", "failed"})
"""Calls that went to the upstream; how long the others took says nothing of it."""


class ConnectorMetrics:
    """One for the life of the service; `connectors` are their ids."""

    def __init__(self, metrics: Metrics, upstreams: UpstreamMetrics, connectors: Iterable[str], clock: Clock) -> None:
        names = {"connector": frozenset(connectors)}
        self._metrics = metrics
        self._upstreams = upstreams
        self._calls = metrics.counter(
            "connector_calls_total",
            "Calls of tools that read, by connector and outcome.",
            {**names, "outcome": OUTCOMES},
        )
        self._durations = metrics.histogram(
            "connector_call_duration_seconds", "Time that a call took which went to the upstream.", names
        )
        self._quota = metrics.gauge(
            "connector_quota_left", "What the upstream still allows, in its own unit, as it told last.", names
        )
        self._since = clock.now()
        self._counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._last: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LAST))

    def called(self, connector: str, outcome: Outcome, seconds: float, quota: Quota | None = None) -> None:
        """A call has ended."""
        self._calls.labels(connector, outcome).inc()
        self._counted[connector][outcome] += 1
        if outcome in ASKED:
            self._durations.labels(connector).observe(seconds)
            self._last[connector].append(seconds)
        if quota is not None:
            self._quota.labels(connector).set(quota.left)

    def figures(self, connector: str) -> Figures:
        """What is known of one connector; the attempts are those of the client of the same name."""
        upstream = {"upstream": _UPSTREAM.get(connector, connector)}
        value, last = self._metrics.value, sorted(self._last[connector])
        attempts = {
            outcome: int(value("upstream_requests_total", {**upstream, "outcome": outcome}))
            for outcome in ("ok", "failed", "cancelled", *ATTEMPTS.values())
        }
        transitions = {
            state: int(value("upstream_breaker_transitions_total", {**upstream, "state": state})) for state in STATES
        }
        return Figures(
            since=self._since,
            calls={outcome: self._counted[connector][outcome] for outcome in sorted(OUTCOMES)},
            durations=len(last),
            p50_s=_percentile(last, 0.5),
            p95_s=_percentile(last, 0.95),
            attempts=attempts,
            retries=int(value("upstream_retries_total", upstream)),
            breaker_transitions=transitions,
            pool_wait_s=value("upstream_pool_wait_seconds_sum", upstream),
        )


_UPSTREAM: Final = {"knowledge": "rag"}
"""Connectors whose client goes by another name."""


def _percentile(ordered: list[float], share: float) -> float | None:
    """The nearest-rank percentile; None of nothing."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
