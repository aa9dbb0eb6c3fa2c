"""Where a shop is read from, by the settings."""

from __future__ import annotations

from typing import Final

from tillhand_analytics.adapters.sources.connectors import Connectors
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_analytics.adapters.sources.mock import MockSources
from tillhand_analytics.adapters.sources.recorded import RecordedSources
from tillhand_analytics.ports.sources import Sources
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.database import STEPS, Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_common import keys
from tillhand_common.clock import Clock
from tillhand_common.http import Resilience, Timeouts, UpstreamClient, UpstreamMetrics
from tillhand_common.sqlite_schema import refuse_newer

RESET_S: Final = 2.0
"""The connectors are near by: what was away for a moment is asked again soon."""
CALL_S: Final = 60.0
"""Longer than services/mcp takes to say that an export is still being made."""


def sources(settings: AnalyticsSettings, clock: Clock, upstreams: UpstreamMetrics | None) -> Sources:
    """The mock shop where mocks are forced or nothing else is set, a recording, or the connectors."""
    if settings.force_mocks:
        return MockSources(clock, missing=())
    if settings.analytics_recorded is not None:
        return RecordedSources(settings.analytics_recorded)
    if not settings.mcp_url:
        return MockSources(clock)
    return connected(settings, clock, upstreams, mock=MockSources(clock))


def connected(
    settings: AnalyticsSettings, clock: Clock, upstreams: UpstreamMetrics | None, *, mock: MockSources | None
) -> LiveSources:
    """What reads through the connectors; without `mock`, their mocks, too."""
    refuse_newer(settings.kept, STEPS)
    key = keys.service_key(settings.analytics_token, settings.data_dir)
    client = UpstreamClient(
        "mcp",
        settings.mcp_url,
        bearer=key,
        timeouts=Timeouts(read_s=CALL_S, total_s=CALL_S),
        resilience=Resilience("mcp", reset_timeout_s=RESET_S, metrics=upstreams, clock=clock),
    )
    return LiveSources(
        Connectors(client),
        SqliteKeeper(Database(settings.kept)),
        clock,
        days=settings.analytics_days,
        stock_days=settings.analytics_stock_days,
        has_token=key is not None,
        mock=mock,
    )
