"""Opens the sources and what stands on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from tillhand_analytics.adapters.prometheus import PrometheusObserver
from tillhand_analytics.app.measuring import MEASURED, Counting, open_objectives
from tillhand_analytics.app.proposing import orders, proposals
from tillhand_analytics.app.sources import sources as sources_of
from tillhand_analytics.ports.sources import Sources
from tillhand_analytics.routes.dependencies import Defaults, Joined
from tillhand_analytics.service.experiments import Experiments
from tillhand_analytics.service.figures import Figures
from tillhand_analytics.service.forecasts import Forecasters
from tillhand_analytics.service.placing import Placing
from tillhand_analytics.service.reading import Reading
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.clock import Clock
from tillhand_common.health import OK, Check, CheckResult

UPSTREAMS: Final = ("mcp", "approvals", *MEASURED)


@dataclass(frozen=True, slots=True)
class Opened:
    """The running service, and what its readiness depends on."""

    joined: Joined
    checks: tuple[Check, ...]


@asynccontextmanager
async def open_analytics(
    settings: AnalyticsSettings,
    clock: Clock,
    counting: Counting,
    forecasters: Forecasters,
    sources: Sources | None = None,
) -> AsyncIterator[Opened]:
    """Analytics without HTTP around it, closed at the end."""
    observer = PrometheusObserver(counting.metrics)
    sources = sources or sources_of(settings, clock, counting.upstreams)
    reading = Reading(
        sources,
        clock=clock,
        observer=observer,
        every_s=settings.analytics_refresh_s,
        again_s=settings.analytics_retry_s,
        forced=settings.force_mocks,
    )
    asked, ordered = proposals(settings), orders(settings, counting.upstreams)
    try:
        async with open_objectives(settings, counting, reading, observer, clock) as objectives:
            figures = Figures(reading, clock, observer)
            joined = Joined(
                reading,
                figures,
                _defaults(settings),
                asked,
                Placing(ordered, clock),
                Experiments(clock),
                objectives,
                forecasters,
            )
            yield Opened(joined, _checks(reading))
    finally:
        await asyncio.gather(sources.aclose(), asked.aclose(), ordered.aclose())


def _defaults(settings: AnalyticsSettings) -> Defaults:
    terms = tuple(term.strip() for term in settings.brand_terms.split(",") if term.strip())
    return Defaults(lead_time_days=settings.lead_time_days, service_level=settings.service_level, brand_terms=terms)


def _checks(reading: Reading) -> tuple[Check, ...]:
    async def read() -> CheckResult:
        if reading.failure:
            return CheckResult("degraded", f"A source cannot be read: {reading.failure}")
        return OK if reading.loaded is not None else CheckResult("degraded", "The sources are being read.")

    return (Check("sources", read, critical=False, interval_s=2.0),)
