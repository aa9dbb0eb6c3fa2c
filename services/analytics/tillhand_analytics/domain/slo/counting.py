"""Good and bad events of an objective, in the counters that its Prometheus rules read (`tillhand_common.slo_rules`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tillhand_analytics.domain.slo.pages import Series
from tillhand_common.lifecycle import PROBE_PATHS
from tillhand_common.slos import Availability, Freshness, Latency, Objective

METRICS: Final = frozenset(
    f"{metric}{suffix}"
    for metric, suffixes in (
        ("http_requests", ("_total",)),
        ("http_request_duration_seconds", ("_bucket", "_count")),
        ("tillhand_data_age_seconds", ("_bucket", "_count")),
    )
    for suffix in suffixes
)
"""The samples that objectives are counted in."""

_FAILED: Final = "5"
_MS_PER_S: Final = 1000
_S_PER_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Events:
    """How many events there were, and how many of them were bad."""

    total: float
    bad: float


def events(counters: Mapping[Series, float], objective: Objective) -> Events:
    """The events of an objective among the counters of its service."""
    match objective.indicator:
        case Availability():
            return _requests(counters, objective)
        case Latency(threshold_ms=threshold_ms):
            wanted = _labels_of_route(objective)
            return _observed(counters, "http_request_duration_seconds", wanted, threshold_ms / _MS_PER_S)
        case Freshness(source=source, max_age_hours=hours):
            return _observed(counters, "tillhand_data_age_seconds", {"source": source}, hours * _S_PER_HOUR)


def _requests(counters: Mapping[Series, float], objective: Objective) -> Events:
    wanted = _labels_of_route(objective)
    total = bad = 0.0
    for labels, value in _of(counters, "http_requests_total", wanted):
        if objective.route is None and labels["route"] in PROBE_PATHS:
            continue  # a probe is no request of a user, and says by a 503 that it should not come
        total += value
        bad += value if labels["status"].startswith(_FAILED) else 0.0
    return Events(total, bad)


def _observed(counters: Mapping[Series, float], metric: str, wanted: Mapping[str, str], bound: float) -> Events:
    total = sum(value for _, value in _of(counters, f"{metric}_count", wanted))
    good = sum(value for labels, value in _of(counters, f"{metric}_bucket", wanted) if float(labels["le"]) == bound)
    return Events(total, max(total - good, 0.0))


def _of(
    counters: Mapping[Series, float], name: str, wanted: Mapping[str, str]
) -> Iterable[tuple[dict[str, str], float]]:
    for (metric, labels), value in counters.items():
        if metric == name and wanted.items() <= labels:
            yield dict(labels), value


def _labels_of_route(objective: Objective) -> dict[str, str]:
    if objective.route is None:
        return {}
    method, _, route = objective.route.partition(" ")
    return {"method": method, "route": route}
