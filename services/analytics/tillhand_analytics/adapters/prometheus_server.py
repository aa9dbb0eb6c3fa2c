"""A Prometheus server that has loaded `deploy/prometheus/rules.yaml`, asked for what the rules have recorded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tillhand_analytics.domain.slo.history import NOTHING, Window
from tillhand_analytics.domain.slo.standing import lengths
from tillhand_common.http import UpstreamClient, UpstreamProtocolError
from tillhand_common.slo_burns import MINUTES_PER_DAY, WINDOWS, span
from tillhand_common.slo_rules import BUDGET_USED, RATIO, REQUESTS, job_of
from tillhand_common.slos import Objective, ServiceObjectives

_RECORDED: Final = '{__name__=~"tillhand:slo_.+"}'
_SECONDS: Final = 60
_Sample = tuple[Mapping[str, str], float]


class PrometheusServer:
    """Answers for every window of every objective with two queries."""

    def __init__(self, http: UpstreamClient) -> None:
        self._http = http

    async def windows(self, found: Mapping[str, ServiceObjectives]) -> dict[tuple[str, str, int], Window]:
        """The windows by service, objective and minutes; none where nothing is recorded. Raises UpstreamError."""
        recorded = {
            (labels.get("__name__", ""), labels.get("service", ""), labels.get("objective", "")): value
            for labels, value in await self._query(_RECORDED)
        }
        longest = max((slos.window_days for slos in found.values()), default=1)
        known_s = {labels.get("job", ""): value for labels, value in await self._query(_known_for(longest))}
        return {
            (service, objective.id, minutes): _window(
                recorded, slos, objective, minutes, known_s.get(job_of(service), 0.0)
            )
            for service, slos in found.items()
            for objective in slos.objectives
            for minutes in lengths(slos)
        }

    async def _query(self, expression: str) -> list[_Sample]:
        answer = await self._http.request("GET", "/api/v1/query", params={"query": expression})
        try:
            return list(_vector(answer.json()))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise UpstreamProtocolError(self._http.name, "the answer to a query is no vector") from error


def _known_for(days: int) -> str:
    """Seconds since the oldest sample of each job within so many days: a server that is younger knows less."""
    up = 'up{job=~"tillhand-.+"}'
    return f"time() - min by (job) (min_over_time(timestamp({up})[{days}d:5m]) or timestamp({up}))"


def _vector(document: Any) -> Iterator[_Sample]:  # noqa: ANN401  # JSON of a stranger, checked as it is read
    if document["status"] != "success" or document["data"]["resultType"] != "vector":
        raise ValueError("no vector")
    for each in document["data"]["result"]:
        yield {str(name): str(value) for name, value in each["metric"].items()}, float(each["value"][1])


def _window(
    recorded: Mapping[tuple[str, str, str], float],
    slos: ServiceObjectives,
    objective: Objective,
    minutes: int,
    known_s: float,
) -> Window:
    """One window as the rules have recorded it; Prometheus writes NaN where there was no event to divide by."""

    def of(name: str) -> float | None:
        value = recorded.get((name, slos.service, objective.id))
        return None if value is None or math.isnan(value) else value

    if minutes in WINDOWS:
        share = of(RATIO.format(span=span(minutes)))
    else:
        used = of(BUDGET_USED) if minutes == slos.window_days * MINUTES_PER_DAY else None
        share = None if used is None else used * (1 - objective.target)
    if share is None:
        return NOTHING
    return Window(share, of(REQUESTS.format(span=span(minutes))), min(known_s, minutes * _SECONDS))
