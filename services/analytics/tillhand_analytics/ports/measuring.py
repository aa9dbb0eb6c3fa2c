"""Where counters of services come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tillhand_analytics.domain.slo.history import Window
from tillhand_analytics.domain.slo.kept import KeptLedger
from tillhand_analytics.domain.slo.pages import Page
from tillhand_common.slos import ServiceObjectives


class Counters(Protocol):
    """The counters of one service."""

    async def read(self) -> Page:
        """The counters now. Raises UpstreamError."""
        ...


class Ledgers(Protocol):
    """Keeps what was counted, by service, from one process to the next."""

    async def read(self) -> Mapping[str, KeptLedger]:
        """What was kept; nothing where it cannot be read."""
        ...

    async def keep(self, ledgers: Mapping[str, KeptLedger]) -> None:
        """Keep this, in the place of what was kept before."""
        ...


class Recorded(Protocol):
    """A server that has recorded the windows of objectives."""

    async def windows(self, found: Mapping[str, ServiceObjectives]) -> Mapping[tuple[str, str, int], Window]:
        """The windows by service, objective and minutes. Raises UpstreamError."""
        ...


class Ages(Protocol):
    """Takes how old the data of a source is, at each look."""

    def data_age(self, source: str, seconds: float) -> None:
        """A source is complete up to so many seconds ago."""
        ...
