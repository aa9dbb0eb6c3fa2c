"""A service's `/metrics` page, read for the counters that objectives are counted in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tillhand_analytics.domain.slo.counting import METRICS
from tillhand_analytics.domain.slo.pages import Page, Series
from tillhand_common.clock import Clock
from tillhand_common.http import UpstreamClient, UpstreamProtocolError

_STARTED: Final = "process_start_time_seconds"


class PageError(ValueError):
    """A page is not OpenMetrics text."""


def parse_page(text: str, at_s: float) -> Page:
    """The page as it stood at a moment of the epoch. Raises PageError."""
    counters: dict[Series, float] = {}
    started_s = None
    try:
        for family in text_string_to_metric_families(text):  # type: ignore[no-untyped-call]  # untyped library
            for sample in family.samples:
                if sample.name in METRICS:
                    counters[sample.name, frozenset(sample.labels.items())] = float(sample.value)
                elif sample.name == _STARTED:
                    started_s = float(sample.value)
    except ValueError as error:
        raise PageError("not OpenMetrics text") from error
    return Page(at_s, started_s, counters)


class OwnPage:
    """The counters of this very process, read without a request that they would count."""

    def __init__(self, render: Callable[[], bytes], clock: Clock) -> None:
        self._render = render
        self._clock = clock

    async def read(self) -> Page:
        """The counters now."""
        return parse_page(self._render().decode(), self._clock.now().timestamp())


class MetricsPage:
    """The page of one peer, read over HTTP; it wants no key."""

    def __init__(self, http: UpstreamClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    async def read(self) -> Page:
        """The counters now. Raises UpstreamError."""
        answer = await self._http.request("GET", "/metrics")
        try:
            return parse_page(answer.text, self._clock.now().timestamp())
        except (PageError, UnicodeDecodeError) as error:
            raise UpstreamProtocolError(self._http.name, "its /metrics is not OpenMetrics text") from error
