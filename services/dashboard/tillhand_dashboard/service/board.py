"""Gathers the status board: everything at once, and for everybody who looks within two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from tillhand_common.clock import Clock
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.board import CHECKS, CONNECTORS, OBJECTIVES, READY, Criterion, Light, worst
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.analytics import Analytics, ObjectivesView, ObjectiveView, SourceView, StatusView
from tillhand_dashboard.ports.approvals import Approvals, CountsView
from tillhand_dashboard.ports.connectors import Connectors, ConnectorView
from tillhand_dashboard.ports.services import Probes, ReadyView
from tillhand_dashboard.service.relay import Relay

T = TypeVar("T")
GOOD_FOR_S: Final = 2.0
CONSOLE: Final = Person("console", "viewer")
"""In whose name the board is gathered: it is the same for all, and shows what viewers may see."""
TITLES: Final = {"approvals": "Approvals", "mcp": "Connectors", "analytics": "Analytics", "rag": "Knowledge base"}
_STALE_DAYS: Final = 4
"""Search figures are as late as that where all is well."""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of criteria; `failure` where none could be had."""

    title: str
    criteria: Sequence[Criterion]
    failure: Failure | None = None

    @property
    def light(self) -> Light:
        """The worst of them; unknown where nothing could be had."""
        return "unknown" if self.failure is not None else worst(each.light for each in self.criteria)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything, at one moment."""

    at: datetime
    sections: Sequence[Section]
    counts: Result[CountsView]
    sources: Sequence[SourceView]
    banner: str
    live: bool

    @property
    def light(self) -> Light:
        """Good only where each criterion was measured and is good."""
        return worst(section.light for section in self.sections)


class Boards:
    """Asks all services beside one another; a board is good for a moment, so many readers cost no more than one."""

    def __init__(
        self,
        probes: Probes,
        approvals: Approvals,
        connectors: Connectors,
        analytics: Analytics,
        relay: Relay,
        clock: Clock,
    ) -> None:
        self._probes = probes
        self._approvals = approvals
        self._connectors = connectors
        self._analytics = analytics
        self._relay = relay
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: tuple[float, Board] | None = None

    async def board(self) -> Board:
        """The board, two seconds old at most."""
        async with self._lock:
            if self._kept is None or self._clock.monotonic() - self._kept[0] >= GOOD_FOR_S:
                self._kept = (self._clock.monotonic(), await self._gathered())
            return self._kept[1]

    async def _gathered(self) -> Board:
        names = self._probes.services
        ready, connectors, objectives, status, counts = await asyncio.gather(
            asyncio.gather(*(self._probes.ready(name) for name in names)),
            self._connectors.all(CONSOLE),
            self._analytics.objectives(CONSOLE),
            self._analytics.status(CONSOLE),
            self._approvals.counts(CONSOLE),
        )
        return Board(
            at=self._clock.now(),
            sections=(
                Section("Services", _services(dict(zip(names, ready, strict=True)), live=self._relay.live)),
                _section("Connectors", connectors, _connectors),
                _section("Objectives", objectives, _objectives),
                _section("Freshness", status, lambda found: _freshness(found, self._clock.now())),
            ),
            counts=counts,
            sources=status.value.sources if isinstance(status, Found) else (),
            banner=status.value.banner.partition(" GET ")[0] if isinstance(status, Found) else "",
            live=self._relay.live,
        )


def _section(title: str, result: Result[T], criteria: Callable[[T], list[Criterion]]) -> Section:
    return Section(title, (), result) if isinstance(result, Failure) else Section(title, criteria(result.value))


def _services(ready: Mapping[str, Result[ReadyView]], *, live: bool) -> list[Criterion]:
    feed = Criterion("Live feed", "good", "connected")
    if not live:
        reason, remedy = "The console does not hear the approvals' feed.", "It connects again by itself."
        feed = Criterion("Live feed", "bad", "lost", reason, remedy)
    return [*(_service(TITLES[name], result) for name, result in ready.items()), feed]


def _service(title: str, result: Result[ReadyView]) -> Criterion:
    if isinstance(result, Failure):
        light: Light = "unknown" if result.kind == "unset" else "bad"
        return Criterion(title, light, "not connected" if light == "unknown" else "away", result.reason, result.remedy)
    found = result.value
    wrong = {name: each for name, each in found.checks.items() if CHECKS.get(each.status, "unknown") != "good"}
    reason = " ".join(f"{name}: {each.detail or each.status}." for name, each in wrong.items())
    remedy = "The service looks again by itself; its log tells more." if wrong else ""
    return Criterion(title, READY.get(found.status, "unknown"), found.status, reason, remedy)


def _connectors(found: Sequence[ConnectorView]) -> list[Criterion]:
    return [_connector(each) for each in found]


def _connector(found: ConnectorView) -> Criterion:
    light = CONNECTORS.get(found.state, "unknown")
    if light == "good" and found.breaker != "closed":
        light = "warn"
    reason = found.reason or ("Its breaker is not closed: calls are held back." if light == "warn" else "")
    remedy = " ".join(f"{each.setting}: {each.how}" for each in found.missing)
    mode = found.state if found.state in {"live", "mock"} else ""
    state = ("ready" if light == "good" else f"breaker {found.breaker}") if mode else found.state
    return Criterion(found.title, light, state, reason, remedy, mode)


def _objectives(found: ObjectivesView) -> list[Criterion]:
    return [_objective(each) for each in found.objectives]


def _objective(found: ObjectiveView) -> Criterion:
    light = OBJECTIVES.get(found.state, "unknown")
    measured = "not measured yet" if found.measured is None else f"{found.measured:.2%} measured"
    part = "" if found.covers_window else " Only a part of the window was measured so far."
    reason = f"{found.description} Promised: {found.promise}; {measured}.{part}"
    remedy = "" if light == "good" else "It shows once requests come in." if light == "unknown" else "See docs/slos.md."
    return Criterion(f"{found.service}: {found.id}", light, found.state.replace("_", " "), reason, remedy)


def _freshness(found: StatusView, now: datetime) -> list[Criterion]:
    if not found.sources:
        reason = found.failure or "No source has been read yet."
        return [Criterion("Sources", "unknown", "nothing read", reason, "Analytics tries again by itself.")]
    return [_source(each, now, found) for each in found.sources]


def _source(found: SourceView, now: datetime, status: StatusView) -> Criterion:
    whole = found.complete_through
    title, remedy = found.source.replace("_", " "), _missing(found.source, status)
    if whole is None:
        return Criterion(title, "unknown", "no whole day", "No whole day of it was read yet.", remedy, found.mode)
    age = (now.date() - whole).days
    light: Light = "warn" if found.stale or age > _STALE_DAYS else "good"
    state = "up to today" if age < 1 else f"{age} day{'' if age == 1 else 's'} old"
    failed = f" {status.failure}" if found.stale else ""
    return Criterion(title, light, state, f"Its last whole day is {whole:%d %b %Y}.{failed}", remedy, found.mode)


def _missing(source: str, status: StatusView) -> str:
    """What to set so that a source is live."""
    missing = (each for gate in status.gates if gate.source == source for each in gate.missing)
    return " ".join(f"{each.setting}: {each.how}" for each in missing)
