"""The connectors, as the console needs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Result
from tillhand_dashboard.ports.views import Missing, Row, View


class QuotaView(View):
    """What an upstream still allows."""

    unit: str
    left: float
    limit: float
    restores_at: datetime | None


class ConnectorView(View):
    """How a connector stands."""

    id: str
    title: str
    state: Literal["live", "mock", "blocked", "degraded"]
    reason: str
    missing: Sequence[Missing]
    breaker: str
    quota: QuotaView | None
    last_success_at: datetime | None
    tools: Sequence[str]


class ConnectorFigures(View):
    """What a connector has done since the service started."""

    id: str
    since: datetime
    calls: Row
    durations: Row
    upstream: Row


class Connectors(Protocol):
    """Shows and tries them."""

    async def all(self, person: Person) -> Result[Sequence[ConnectorView]]:
        """Every connector, from what is known already."""
        ...

    async def tested(self, person: Person, connector: str) -> Result[ConnectorView]:
        """How one stands now: a call is made."""
        ...

    async def figures(self, person: Person, connector: str) -> Result[ConnectorFigures]:
        """What one has done since the service started."""
        ...
