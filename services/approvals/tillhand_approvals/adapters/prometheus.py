"""The approvals' own metrics."""

from __future__ import annotations

from typing import Final

from tillhand_approvals.domain.happenings import RECORD_TYPES
from tillhand_approvals.ports.ledger import Counted
from tillhand_common.metrics import Metrics

WAIT_BUCKETS_S: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 4 * 3_600.0, 24 * 3_600.0, 7 * 24 * 3_600.0)
DELIVERED: Final = ("taken", "refused", "away", "gone", "dead")
OPEN: Final = ("pending", "approved", "executing", "outcome_unknown")
SETTLING: Final = ("approve", "edit", "reject", "revise")


class PrometheusObserver:
    """Counts what the use cases report."""

    def __init__(self, metrics: Metrics) -> None:
        self._records = metrics.counter(
            "approvals_records_total", "Records committed, by what they say.", {"type": RECORD_TYPES}
        )
        self._waits = metrics.histogram(
            "approvals_decision_seconds",
            "Seconds from a proposal to the decision that settled it.",
            {"decision": SETTLING},
            buckets=WAIT_BUCKETS_S,
        )
        self._deliveries = metrics.counter(
            "approvals_webhook_messages_total", "Messages of webhooks, by what came of them.", {"outcome": DELIVERED}
        )
        self._states = metrics.gauge(
            "approvals_proposals", "Proposals in each state that somebody waits for.", {"state": OPEN}
        )
        self._oldest = metrics.gauge(
            "approvals_oldest_pending_seconds", "How long the oldest proposal that is pending has been."
        ).labels()
        self._breaks = metrics.gauge(
            "approvals_audit_breaks", "Breaks of the hash chain that the last verification of all records found."
        ).labels()
        self._examined = metrics.gauge(
            "approvals_audit_verified_timestamp_seconds", "When all records were verified last, or 0."
        ).labels()

    def recorded(self, type_: str) -> None:
        """A record was committed."""
        self._records.labels(type_).inc()

    def decided(self, verb: str, seconds: float) -> None:
        """A person's decision has settled a proposal, so long after it was made."""
        self._waits.labels(verb).observe(seconds)

    def delivered(self, outcome: str) -> None:
        """A message of a webhook was taken, refused or not answered, or has become a dead letter."""
        self._deliveries.labels(outcome).inc()

    def counted(self, counted: Counted) -> None:
        """So many proposals are in each state now."""
        for state in OPEN:
            self._states.labels(state).set(counted.states.get(state, 0))
        self._oldest.set(counted.oldest_s)

    def examined(self, breaks: int, when: float) -> None:
        """All records were verified."""
        self._breaks.set(breaks)
        self._examined.set(when)
