"""Opens what objectives are held against: a Prometheus server, and the counters of this service and of its peers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from tillhand_analytics.adapters.metrics_page import MetricsPage, OwnPage
from tillhand_analytics.adapters.prometheus import PrometheusObserver
from tillhand_analytics.adapters.prometheus_server import PrometheusServer
from tillhand_analytics.ports.measuring import Counters
from tillhand_analytics.service.objectives import Objectives
from tillhand_analytics.service.reading import Reading
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.counted import FileLedgers
from tillhand_common.clock import Clock
from tillhand_common.http import Timeouts, UpstreamClient, UpstreamMetrics
from tillhand_common.metrics import Metrics
from tillhand_common.slos import ServiceObjectives, SloError, load_slos

MEASURED: Final = ("rag-metrics", "mcp-metrics", "approvals-metrics", "prometheus")
"""The upstreams that are asked for counters."""
_PATIENCE: Final = Timeouts(total_s=5.0)
_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Counting:
    """Where metrics go: the service's, and those of its upstream clients among them."""

    metrics: Metrics
    upstreams: UpstreamMetrics


@asynccontextmanager
async def open_objectives(
    settings: AnalyticsSettings, counting: Counting, reading: Reading, observer: PrometheusObserver, clock: Clock
) -> AsyncIterator[Objectives]:
    """The objectives of all services, and who measures them."""
    slos, missing = _objectives(settings)
    async with AsyncExitStack() as stack:

        async def client(name: str, address: str) -> UpstreamClient:
            http = UpstreamClient(name, address, timeouts=_PATIENCE, metrics=counting.upstreams)
            return await stack.enter_async_context(http)

        counters: dict[str, Counters] = {"analytics": OwnPage(counting.metrics.render, clock)}
        for service, address in _peers(settings).items():
            if address:
                counters[service] = MetricsPage(await client(f"{service}-metrics", address), clock)
        server = settings.analytics_prometheus_url
        recorded = PrometheusServer(await client("prometheus", server)) if server else None
        ledgers = FileLedgers(settings.counted)
        objectives = Objectives(
            slos,
            counters,
            recorded=recorded,
            reading=reading,
            ages=observer,
            clock=clock,
            ledgers=ledgers,
            kept=await ledgers.read(),
            missing=missing,
        )
        stack.push_async_callback(objectives.aclose)
        yield objectives


def _peers(settings: AnalyticsSettings) -> Mapping[str, str]:
    return {"rag": settings.rag_url, "mcp": settings.mcp_url, "approvals": settings.approvals_url}


def _objectives(settings: AnalyticsSettings) -> tuple[Mapping[str, ServiceObjectives], str]:
    """The objectives, or why there are none; figures do not depend on them."""
    try:
        return load_slos(settings.slos), ""
    except SloError as error:
        _log.warning("objectives_not_read", reason=str(error))
        return {}, str(error)
