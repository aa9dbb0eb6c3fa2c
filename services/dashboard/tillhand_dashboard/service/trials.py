"""What came of the last test of each connector, until the next one. It is kept while the console runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tillhand_common.clock import Clock
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.connectors import Connectors, ConnectorView

MOST: Final = 100
UNKNOWN: Final = "unknown-connector"


@dataclass(frozen=True, slots=True)
class Trial:
    """A test: who made it, when, and how the connector stood."""

    found: Result[ConnectorView]
    at: datetime
    by: str


class Trials:
    """Makes tests, and remembers them."""

    def __init__(self, connectors: Connectors, clock: Clock) -> None:
        self._connectors = connectors
        self._clock = clock
        self._last: dict[str, Trial] = {}

    @property
    def last(self) -> Mapping[str, Trial]:
        """The last test of each connector that was tested."""
        return self._last

    async def make(self, person: Person, connector: str) -> Trial:
        """Call one upstream now. A connector that there is not leaves nothing behind."""
        found = await self._connectors.tested(person, connector)
        trial = Trial(found, self._clock.now(), person.name)
        known = not isinstance(found, Failure) or found.slug != UNKNOWN
        if known and (connector in self._last or len(self._last) < MOST):
            self._last[connector] = trial
        return trial
