"""What every service tells of itself, without a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tillhand_dashboard.domain.results import Result
from tillhand_dashboard.ports.views import View


class CheckView(View):
    """One thing that readiness depends on."""

    status: str
    critical: bool = False
    detail: str = ""
    age_s: float | None = None


class ReadyView(View):
    """The verdict on a service: `ready`, `degraded`, `not-ready` or `draining`, with each check."""

    status: str
    version: str = ""
    checks: Mapping[str, CheckView]


class Probes(Protocol):
    """Asks whether services are ready."""

    @property
    def services(self) -> Sequence[str]:
        """Every service, in the order in which they are shown."""
        ...

    async def ready(self, service: str) -> Result[ReadyView]:
        """How one stands."""
        ...
