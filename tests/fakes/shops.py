"""Sources that give a shop of the test's own, and can fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256

from tillhand_analytics.domain.gates import Gate
from tillhand_analytics.domain.provenance import SOURCES, Mode, Stamp
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.sources import Loaded

FETCHED = datetime(2026, 11, 1, 6, tzinfo=UTC)


@dataclass
class HeldSources:
    """Gives `shop`, in `mode`, as often as it is asked, or raises `failure`; counts the readings."""

    shop: Shop
    mode: Mode = "mock"
    failure: Exception | None = None
    complete_through: dict[str, date] = field(default_factory=dict)
    readings: int = 0
    closed: bool = False
    has_token: bool = False

    async def load(self) -> Loaded:
        """The shop."""
        self.readings += 1
        if self.failure is not None:
            raise self.failure
        last_day = self.shop.last_day.astype("datetime64[D]").item()
        digest = sha256(repr((self.shop.name, self.shop.first_day, last_day)).encode()).hexdigest()
        return Loaded(
            self.shop,
            tuple(
                Stamp(each, self.mode, FETCHED, self.complete_through.get(each, last_day), 1, digest)
                for each in SOURCES
            ),
        )

    async def gates(self) -> tuple[Gate, ...]:
        """All as the mode says."""
        state = "verified" if self.mode == "live" else "absent"
        return tuple(Gate(each, state, self.mode) for each in SOURCES)  # type: ignore[arg-type]  # a state of the two

    async def aclose(self) -> None:
        """Nothing is asked any more."""
        self.closed = True
