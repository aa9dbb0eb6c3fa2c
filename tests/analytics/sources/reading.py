"""Sources over a server that answers as services/mcp does, and what it may answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from tests.fakes.connectors import KEY, FakeConnectors, searches, visits
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.adapters.sources.connectors import Connectors
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_analytics.adapters.sources.mock import MockSources
from tillhand_analytics.domain.gates import Gate
from tillhand_analytics.domain.provenance import Source
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.sources import Loaded
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_common.http import Resilience, RetryPolicy, UpstreamClient
from tillhand_common.testing import FakeClock
from tillhand_mockshop.generator import build

NOW: Final = datetime(2026, 11, 3, 12, tzinfo=UTC)
LAST: Final = date(2026, 11, 2)
DAYS: Final = 28
WEB: Final = ("Direct", "/", "mobile", "DE")
SUMS: Final = (10, 6, 9, 4, 3, 2, 1, 1, 25.9)


def day(back: int) -> str:
    """A day before the last one, in ISO form."""
    return (LAST - timedelta(days=back)).isoformat()


@asynccontextmanager
async def reading(
    server: FakeConnectors, folder: Path, clock: FakeClock, *, key: str = KEY, mock: bool = True
) -> AsyncIterator[LiveSources]:
    """Sources over a server that runs; what they keep lies in the folder."""
    once = Resilience("mcp", retry=RetryPolicy(attempts=1), clock=clock)
    client = UpstreamClient("mcp", server.url, bearer=SecretStr(key), resilience=once)
    keeper = SqliteKeeper(Database(folder / "kept.sqlite3"))
    made = MockSources(clock, make=small) if mock else None
    sources = LiveSources(Connectors(client), keeper, clock, days=DAYS, has_token=True, mock=made)
    try:
        yield sources
    finally:
        await sources.aclose()


async def gates(sources: LiveSources) -> Mapping[Source, Gate]:
    return {gate.source: gate for gate in await sources.gates()}


def modes(loaded: Loaded) -> Mapping[Source, str]:
    return {stamp.source: stamp.mode for stamp in loaded.stamps}


def ga4(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """A visit on each day that is asked for."""
    first, last = (date.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
    found = [(first + timedelta(days=at)).strftime("%Y%m%d") for at in range((last - first).days + 1)]
    return visits(*((each, *WEB, *SUMS) for each in found))


def google(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """A click on each day that is asked for, counted until three days before the last one."""
    first, last = (date.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    told = [each.isoformat() for each in days if each <= LAST - timedelta(days=3)]
    if asked["dimensions"] == ["DATE"]:
        return searches(*(([each], 1, 9, 3.5) for each in told))
    keys = ["https://jars.example/", "jars", "deu", "MOBILE"]
    return searches(*(([each, *keys], 1, 9, 3.5) for each in told))


def bing(_: Mapping[str, Any]) -> Mapping[str, Any]:
    """Two weeks, the second of which has not ended."""
    weeks = (("2026-10-31T07:00:00Z", 3), ("2026-11-07T08:00:00Z", 1))
    rows = [
        {
            "key": "jars",
            "week": week,
            "clicks": clicks,
            "impressions": 40,
            "click_position": 2.0,
            "impression_position": 4,
        }
        for week, clicks in weeks
    ]
    return {"rows": rows, "matching": 2, "next_cursor": None}


def small(last_day: date) -> Shop:
    """A mock shop that is soon made."""
    return columns(build(skus=40, days=DAYS, last_day=last_day))
