"""What has been counted of one service since somebody looks: its meter, and a history of each objective."""

from __future__ import annotations

from typing import Final

from tillhand_analytics.domain.slo.counting import Events, events
from tillhand_analytics.domain.slo.history import NOTHING, History, Window
from tillhand_analytics.domain.slo.kept import KeptLedger, KeptProcess
from tillhand_analytics.domain.slo.pages import Meter, Page
from tillhand_common.slo_burns import MINUTES_PER_DAY
from tillhand_common.slos import Objective, ServiceObjectives

_SECONDS: Final = 60.0


class Ledger:
    """Takes a service's pages one by one, in the order of time, and answers for every window up to a moment.

    It goes on from `kept`. An objective that counts something else than before begins anew.
    """

    def __init__(self, slos: ServiceObjectives, kept: KeptLedger | None = None) -> None:
        keep_s = slos.window_days * MINUTES_PER_DAY * _SECONDS
        points = {} if kept is None else kept.histories
        self._names = {objective.id: _counts(objective) for objective in slos.objectives}
        self._objectives = {_counts(objective): objective for objective in slos.objectives}
        self._histories = {name: History(keep_s, points.get(name, ())) for name in self._objectives}
        self._meter: Meter[str] = Meter()
        if kept is not None:
            self._meter = Meter({each.started_s: each.shown for each in kept.processes}, kept.looked_at_s)

    @property
    def looked_at_s(self) -> float | None:
        """When the service was looked at last."""
        return self._meter.looked_at_s

    def look(self, page: Page) -> None:
        """Take a page; a first one counts from when its process began."""
        is_first = self.looked_at_s is None
        found = {name: events(page.counters, objective) for name, objective in self._objectives.items()}
        totals = {_total(name): each.total for name, each in found.items()}
        bads = {_bad(name): each.bad for name, each in found.items()}
        growth = self._meter.growth(page.at_s, page.started_s, totals | bads)
        for name, history in self._histories.items():
            history.begin(growth.since_s if is_first or history.points else page.at_s)
            history.add(page.at_s, Events(growth.counted[_total(name)], growth.counted[_bad(name)]))

    def window(self, objective: str, minutes: int, now_s: float) -> Window:
        """What was counted of an objective in the last `minutes` before a moment of the epoch."""
        name = self._names.get(objective)
        return NOTHING if name is None else self._histories[name].window(now_s, minutes * _SECONDS)

    def kept(self) -> KeptLedger | None:
        """What a later process can go on from; None before the first look."""
        if self.looked_at_s is None:
            return None
        processes = tuple(KeptProcess(*each) for each in self._meter.shown.items())
        histories = {name: history.points for name, history in self._histories.items()}
        return KeptLedger(self.looked_at_s, processes, histories)


def _counts(objective: Objective) -> str:
    """Which events an objective counts; its target changes nothing in them."""
    return f"{objective.id}: {objective.route or 'all'}, {objective.indicator!r}"


def _total(name: str) -> str:
    return f"{name} total"


def _bad(name: str) -> str:
    return f"{name} bad"
