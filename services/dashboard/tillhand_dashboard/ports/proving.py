"""Where the evidence of the platform comes from."""

from __future__ import annotations

from typing import Protocol

from tillhand_dashboard.domain.proving import Evidence
from tillhand_dashboard.domain.results import Result


class EvidenceReports(Protocol):
    """The newest report that was left for the console."""

    async def newest(self) -> Result[Evidence] | None:
        """What it says; None where there is none yet."""
        ...
