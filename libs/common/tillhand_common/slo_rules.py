"""Objectives as Prometheus rules: recorded error ratios, and alerts on how fast the error budget burns.

A ratio is bad requests among all requests of the objective, from the service's own RED metrics (`red.py`), summed over
all of its instances; of a freshness objective, it is looks at data that was too old among all looks. `slo_burns` says
which burn is an alert over which windows. Nothing here reads or writes a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import yaml

from tillhand_common.lifecycle import PROBE_PATHS
from tillhand_common.slo_burns import BURNS, MINUTES_PER_DAY, WINDOWS, Burn, span
from tillhand_common.slos import Availability, Freshness, Latency, Objective, ServiceObjectives

HEADER: Final = (
    "# Written by `tillhand slo rules` from slos/*.yaml, which is what to change. docs/slos.md explains it.\n"
)
RUNBOOKS: Final = {
    "availability": "docs/runbooks/availability-burns.md",
    "latency": "docs/runbooks/latency-burns.md",
    "freshness": "docs/runbooks/data-old.md",
    "down": "docs/runbooks/service-down.md",
}
DOWN_ALERT: Final = "TillhandServiceDown"
RATIO: Final = "tillhand:slo_errors:ratio_rate{span}"
REQUESTS: Final = "tillhand:slo_requests:increase{span}"
BUDGET_USED: Final = "tillhand:slo_budget_used:ratio"

_INTERVAL: Final = "1m"
_BUDGET_INTERVAL: Final = "5m"  # the whole window is long to read and moves slowly
_MS_PER_S: Final = 1000
_S_PER_HOUR: Final = 3600
_WIDTH: Final = 118

_WORDS: Final = {
    "availability": ("requests", "failed", "all routes"),
    "latency": ("requests", "were too slow", "all routes"),
    "freshness": ("looks at the data", "found it too old", "the data"),
}
"""By kind of indicator: what is counted, what is bad about it, and what an objective without a route is about."""

Rule = dict[str, Any]
"""One recording or alerting rule, as its YAML says it."""


def job_of(service: str) -> str:
    """The `job` label that Prometheus has to give to what it scrapes from a service."""
    return f"tillhand-{service}"


def rules_text(slos: Iterable[ServiceObjectives]) -> str:
    """The file of rules that Prometheus reads; the same objectives always give the same text."""
    text = yaml.safe_dump(rules(slos), sort_keys=False, allow_unicode=True, width=_WIDTH)
    return f"{HEADER}{text}"


def rules(slos: Iterable[ServiceObjectives]) -> dict[str, list[dict[str, Any]]]:
    """The document of `rules_text`: two groups a service, in the order of the services' names."""
    return {"groups": [group for each in sorted(slos, key=lambda each: each.service) for group in _groups(each)]}


def burn_alert(slos: ServiceObjectives, objective: Objective, burn: Burn) -> Rule:
    """The alert of one objective at one burn."""
    share = burn.failing_share(objective.target)
    at = f"{{{','.join(_label(*each) for each in _labels(slos, objective).items())}}}"
    long, short = span(burn.long_minutes), span(burn.short_minutes)
    conditions = (
        f"{RATIO.format(span=long)}{at} > {share:g}",
        f"{RATIO.format(span=short)}{at} > {share:g}",
        f"{REQUESTS.format(span=short)}{at} >= {objective.min_requests}",
    )
    labels = _labels(slos, objective) | {"severity": burn.severity, "burn": f"{burn.factor:g}"}
    return {
        "alert": burn.alert,
        "expr": " and ".join(conditions),
        "labels": labels,
        "annotations": _annotations(slos, objective, burn),
    }


def down_alert(slos: ServiceObjectives) -> Rule:
    """The alert that no instance answers: a process that is gone counts no failures, so that no ratio shows it."""
    return {
        "alert": DOWN_ALERT,
        "expr": f'max(up{{job="{job_of(slos.service)}"}}) == 0',
        "for": "5m",
        "labels": {"service": slos.service, "severity": "page"},
        "annotations": {
            "summary": f"{slos.service} cannot be scraped",
            "description": "No instance has answered for 5 minutes, and requests that nobody answers are in no ratio.",
            "runbook": RUNBOOKS["down"],
        },
    }


def _groups(slos: ServiceObjectives) -> Iterable[dict[str, Any]]:
    recorded = [rule for objective in slos.objectives for rule in _recorded(slos, objective)]
    alerts = [burn_alert(slos, objective, burn) for objective in slos.objectives for burn in BURNS]
    name = f"{job_of(slos.service)}-objectives"
    yield {"name": name, "interval": _INTERVAL, "rules": [*recorded, *alerts, down_alert(slos)]}
    used = [_budget_used(slos, objective) for objective in slos.objectives]
    yield {"name": f"{name}-budget", "interval": _BUDGET_INTERVAL, "rules": used}


def _recorded(slos: ServiceObjectives, objective: Objective) -> Iterable[Rule]:
    recorded = {RATIO.format(span=over): _ratio(slos.service, objective, over) for over in map(span, WINDOWS)}
    for over in (span(burn.short_minutes) for burn in BURNS):
        recorded[REQUESTS.format(span=over)] = f"sum(increase({_all_events(slos.service, objective)}[{over}]))"
    for name, expression in recorded.items():
        yield {"record": name, "expr": expression, "labels": _labels(slos, objective)}


def _budget_used(slos: ServiceObjectives, objective: Objective) -> Rule:
    ratio = _ratio(slos.service, objective, span(slos.window_days * MINUTES_PER_DAY))
    budget = round(1 - objective.target, 10)
    return {"record": BUDGET_USED, "expr": f"({ratio}) / {budget:g}", "labels": _labels(slos, objective)}


def _ratio(service: str, objective: Objective, over: str) -> str:
    """Bad events among all; no number without any event, and 0 where a failure was never counted."""
    everything = f"sum(rate({_all_events(service, objective)}[{over}]))"
    selector = _selector(service, objective)
    if (histogram := _histogram(objective)) is not None:
        metric, bound = histogram
        at = _label("le", repr(bound))
        return f"1 - sum(rate({metric}_bucket{{{selector},{at}}}[{over}])) / {everything}"
    failed = f'sum(rate(http_requests_total{{{selector},status=~"5.."}}[{over}]))'
    return f"({failed} or 0 * {everything}) / {everything}"


def _histogram(objective: Objective) -> tuple[str, float] | None:
    """The histogram whose buckets tell good from bad, and the bound of the last good one."""
    match objective.indicator:
        case Latency(threshold_ms=threshold_ms):
            return "http_request_duration_seconds", threshold_ms / _MS_PER_S
        case Freshness(max_age_hours=hours):
            return "tillhand_data_age_seconds", hours * _S_PER_HOUR
        case Availability():
            return None


def _all_events(service: str, objective: Objective) -> str:
    histogram = _histogram(objective)
    metric = "http_requests_total" if histogram is None else f"{histogram[0]}_count"
    return f"{metric}{{{_selector(service, objective)}}}"


def _selector(service: str, objective: Objective) -> str:
    job = _label("job", job_of(service))
    if isinstance(objective.indicator, Freshness):
        return f"{job},{_label('source', objective.indicator.source)}"
    if objective.route is None:  # a probe is no request of a user, and says by a 503 that it should not come
        return f'{job},route!~"{"|".join(sorted(PROBE_PATHS))}"'
    method, _, route = objective.route.partition(" ")
    return f"{job},{_label('method', method)},{_label('route', route)}"


def _labels(slos: ServiceObjectives, objective: Objective) -> dict[str, str]:
    return {"service": slos.service, "objective": objective.id}


def _annotations(slos: ServiceObjectives, objective: Objective, burn: Burn) -> dict[str, str]:
    long, short = span(burn.long_minutes), span(burn.short_minutes)
    events, bad, about = _WORDS[objective.indicator.kind]
    return {
        "summary": f"{slos.service}: {objective.id} burns its error budget at {burn.factor:g} times the even rate",
        "description": (
            f"Promised of {objective.route or about} over {slos.window_days} days: {objective.promise}. "
            f"More than {burn.failing_share(objective.target) * 100:.4g} % of the {events} of the last {long} {bad}, "
            f"and as many of the last {short}."
        ),
        "budget_used": (
            f"After {long} like this, {burn.budget_share(slos.window_days) * 100:.3g} % of the budget of "
            f"{slos.window_days} days are used up."
        ),
        "runbook": RUNBOOKS[objective.indicator.kind],
    }


def _label(name: str, value: str) -> str:
    return f"{name}={json.dumps(value, ensure_ascii=False)}"  # quotes and backslashes are escaped alike
