"""How each source stands, from how its connector does and from what came of reading it."""

from __future__ import annotations

from collections.abc import Mapping

from tillhand_analytics.adapters.sources.connectors import Standing
from tillhand_analytics.domain.gates import Gate, GateState
from tillhand_analytics.domain.provenance import SOURCES, Source, Stamp
from tillhand_analytics.errors import CredentialsRejected, QuotaSpent, SourceUnavailable
from tillhand_common.clock import Clock

NOT_ASKED = "The connectors have not been asked yet."
BESIDE_A_REAL_SHOP = "It has no credentials; beside a real shop nothing is made up."


def is_mocked(standing: Standing) -> bool:
    """Whether a mock answers. One that fails is `degraded` as a vendor is, but still lacks credentials."""
    return standing.state == "mock" or (standing.state == "degraded" and bool(standing.missing))


class Gates:
    """The last that is known of each source."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gates: dict[Source, Gate] = {source: Gate(source, "absent", None, NOT_ASKED) for source in SOURCES}

    def all(self) -> tuple[Gate, ...]:
        """All of them."""
        return tuple(self._gates.values())

    def unreachable(self, problem: SourceUnavailable) -> None:
        """The connectors themselves do not answer: each source stays as it was, with the reason."""
        for source, gate in self._gates.items():
            self._gates[source] = Gate(source, gate.state, gate.mode, problem.detail, gate.missing, self._clock.now())

    def put(
        self, source: Source, standing: Standing, stamp: Stamp | None, problem: SourceUnavailable | None = None
    ) -> None:
        """A source was read, or could not be."""
        absent = standing.state == "blocked" or is_mocked(standing)
        state: GateState = "absent" if absent else "verified" if problem is None else self._failed(standing, problem)
        reason = "" if problem is None else problem.detail
        if absent and stamp is None and not reason:
            reason = standing.reason if standing.state == "blocked" else BESIDE_A_REAL_SHOP
        mode = None if stamp is None else stamp.mode
        missing = standing.missing if absent else ()
        self._gates[source] = Gate(source, state, mode, reason, missing, self._clock.now())

    def told(
        self,
        standings: Mapping[str, Standing],
        stamps: tuple[Stamp, ...],
        problems: Mapping[Source, SourceUnavailable],
    ) -> None:
        """All sources were read, or could not be."""
        by_source = {stamp.source: stamp for stamp in stamps}
        for source in SOURCES:
            self.put(source, standings[source], by_source.get(source), problems.get(source))

    @staticmethod
    def _failed(standing: Standing, problem: SourceUnavailable) -> GateState:
        if isinstance(problem, CredentialsRejected):
            return "rejected" if standing.last_success_at is None else "expired"
        return "verified" if isinstance(problem, QuotaSpent) else "present"
