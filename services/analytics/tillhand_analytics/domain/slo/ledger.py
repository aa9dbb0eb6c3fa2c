"""What has been counted of one service since somebody looks: its meter, and a history of each objective."""

from __future__ import annotations

from tillhand_analytics.domain.slo.counting import events
from tillhand_analytics.domain.slo.history import NOTHING, History, Window
from tillhand_analytics.domain.slo.pages import Meter, Page
from tillhand_common.slo_burns import MINUTES_PER_DAY
from tillhand_common.slos import ServiceObjectives

_SECONDS: float = 60.0


class Ledger:
    """Takes a service's pages one by one, in the order of time, and answers for every window up to a moment."""

    def __init__(self, slos: ServiceObjectives) -> None:
        self._slos = slos
        self._meter = Meter()
        keep_s = slos.window_days * MINUTES_PER_DAY * _SECONDS
        self._histories = {objective.id: History(keep_s) for objective in slos.objectives}
        self.looked_at_s: float | None = None

    def look(self, page: Page) -> None:
        """Take a page; a first one counts from when its process began."""
        grown = self._meter.growth(page)
        for objective in self._slos.objectives:
            history = self._histories[objective.id]
            history.begin(page.at_s if page.started_s is None else min(page.started_s, page.at_s))
            history.add(page.at_s, events(grown, objective))
        self.looked_at_s = page.at_s

    def window(self, objective: str, minutes: int, now_s: float) -> Window:
        """What was counted of an objective in the last `minutes` before a moment of the epoch."""
        history = self._histories.get(objective)
        return NOTHING if history is None else history.window(now_s, minutes * _SECONDS)
