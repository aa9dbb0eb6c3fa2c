"""Unit tests of the rules in promtool's own form, written from the objectives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tillhand_common.slo_burns import BURNS, Burn
from tillhand_common.slo_rules import burn_alert, down_alert, job_of
from tillhand_common.slos import Freshness, Latency, Objective, ServiceObjectives

PER_MINUTE: Final = 100
ANY_ROUTE: Final = "GET /v1/anything"
STEP: Final = 5
STEADY_MINUTES: Final = 30
"""Enough for a share that never changes: it is the same over every window."""
SLACK_MINUTES: Final = 3
"""A rate knows nothing of a counter's first sample, and reaches a little beyond its window's ends."""

Case = dict[str, Any]


def rule_tests(slos: ServiceObjectives, objective: Objective) -> list[Case]:
    """What `promtool test rules` is to try: every alert fires, stays silent, and is quiet without traffic."""
    tests = [_total_outage(slos, objective), _no_traffic(slos, objective)]
    for burn in BURNS:
        tests += [
            _steady(slos, objective, burn, "just below", 0.98),
            _steady(slos, objective, burn, "just above", 1.02),
            _too_few(slos, objective, burn),
            _over(slos, objective, burn),
        ]
    return tests


def only(rules: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """The rules that carry these labels: promtool evaluates all that it is given, for every case."""
    groups = [
        {**group, "rules": [rule for rule in group["rules"] if labels.items() <= rule["labels"].items()]}
        for group in rules["groups"]
    ]
    return {"groups": [group for group in groups if group["rules"]]}


def document_of(tests: list[Case], rules_file: str, step: int = STEP) -> dict[str, Any]:
    """What promtool reads; `step` is how many minutes lie between two evaluations, which are what takes it long."""
    return {"rule_files": [rules_file], "evaluation_interval": f"{step}m", "tests": tests}


def outage_after_history(slos: ServiceObjectives, objective: Objective, step: int) -> Case:
    """Even traffic that fills the longest window, and then nothing but failures: not yet, and then it fires.

    `step` is how many minutes lie between two evaluations.
    """
    history = max(burn.long_minutes for burn in BURNS)
    longest = max(math.ceil(burn.outage_minutes(objective.target)) for burn in BURNS) + 3 * step
    served = f"0+{PER_MINUTE}x{history} {PER_MINUTE * history}+0x{longest}"
    failed = f"_x{history + 1} {PER_MINUTE}+{PER_MINUTE}x{longest}"  # a failure that never was has no series
    everything = f"0+{PER_MINUTE}x{history + longest}"
    looks = []
    for burn in BURNS:
        minutes = burn.outage_minutes(objective.target)
        looks.append(_look(burn.alert, history + math.floor(minutes / step) * step, []))
        fires_at = history + math.ceil((minutes + SLACK_MINUTES) / step) * step
        looks.append(_look(burn.alert, fires_at, [burn_alert(slos, objective, burn)]))
    return _case(
        slos, objective, "fires when it is told to", _series(slos, objective, served, failed, everything), looks
    )


def _total_outage(slos: ServiceObjectives, objective: Objective) -> Case:
    """Nothing but failures from the first request on."""
    series = _steady_series(slos, objective, 1.0, PER_MINUTE, STEADY_MINUTES)
    looks = [_look(burn.alert, STEADY_MINUTES, [burn_alert(slos, objective, burn)]) for burn in BURNS]
    return _case(slos, objective, "fires in a total outage", series, looks)


def _steady(slos: ServiceObjectives, objective: Objective, burn: Burn, name: str, times: float) -> Case:
    """The same share of failures all the time, a little below or above the one from which the alert fires."""
    share = min(1.0, burn.failing_share(objective.target) * times)
    series = _steady_series(slos, objective, share, PER_MINUTE, STEADY_MINUTES)
    expected = [burn_alert(slos, objective, burn)] if times > 1 else []
    return _case(slos, objective, f"{burn.alert} {name}", series, [_look(burn.alert, STEADY_MINUTES, expected)])


def _too_few(slos: ServiceObjectives, objective: Objective, burn: Burn) -> Case:
    """Everything fails, and hardly anybody asks."""
    minutes = burn.short_minutes + 5
    per_minute = 0.9 * objective.min_requests / burn.short_minutes
    series = _steady_series(slos, objective, 1.0, per_minute, minutes)
    return _case(slos, objective, f"{burn.alert} of too few requests", series, [_look(burn.alert, minutes, [])])


def _over(slos: ServiceObjectives, objective: Objective, burn: Burn) -> Case:
    """Failures that have ended: the long window is full of them still, and the short one has none."""
    after = burn.short_minutes + 5
    past = PER_MINUTE * STEADY_MINUTES
    served = f"0+0x{STEADY_MINUTES} {PER_MINUTE}+{PER_MINUTE}x{after}"
    failed = f"0+{PER_MINUTE}x{STEADY_MINUTES} {past}+0x{after}"
    series = _series(slos, objective, served, failed, f"0+{PER_MINUTE}x{STEADY_MINUTES + after}")
    looks = [_look(burn.alert, STEADY_MINUTES + after, [])]
    return _case(slos, objective, f"{burn.alert} ends with the failures", series, looks)


def _no_traffic(slos: ServiceObjectives, objective: Objective) -> Case:
    """Counters that stand still, after failures long ago."""
    still = f"{PER_MINUTE}+0x{max(burn.short_minutes for burn in BURNS)}"
    looks = [_look(burn.alert, minutes, []) for burn in BURNS for minutes in (0, burn.short_minutes)]
    return _case(slos, objective, "quiet without traffic", _series(slos, objective, still, still, still), looks)


def down_tests(slos: ServiceObjectives) -> Iterator[Case]:
    """The same three for the alert that a service is down."""
    alert = down_alert(slos)
    for name, values, expected in (("fires", "0x10", [alert]), ("silent", "1x10", []), ("quiet", "", [])):
        up = [{"series": f'up{{job="{job_of(slos.service)}",instance="one"}}', "values": values}] if values else []
        looks = [_look(alert["alert"], 4, []), _look(alert["alert"], 6, expected)]
        yield {"name": f"{slos.service} down: {name}", "interval": "1m", "input_series": up, "alert_rule_test": looks}


def _steady_series(
    slos: ServiceObjectives, objective: Objective, share: float, per_minute: float, minutes: int
) -> list[dict[str, str]]:
    failing = per_minute * share
    values = (f"0+{each:.10f}x{minutes}" for each in (per_minute - failing, failing, per_minute))
    return _series(slos, objective, *values)


def _series(
    slos: ServiceObjectives, objective: Objective, served: str, failed: str, everything: str
) -> list[dict[str, str]]:
    """What the service's own metrics would be; probes come beside the requests and change nothing."""
    method, _, route = (objective.route or ANY_ROUTE).partition(" ")
    instance = f'job="{job_of(slos.service)}",instance="one"'
    where = f'{instance},method="{method}",route="{route}"'
    if isinstance(objective.indicator, Freshness):
        source, age = f'{instance},source="{objective.indicator.source}"', objective.indicator.max_age_hours * 3600
        return [
            {"series": f"tillhand_data_age_seconds_count{{{source}}}", "values": everything},
            {"series": f'tillhand_data_age_seconds_bucket{{{source},le="{age}"}}', "values": served},
        ]
    if isinstance(objective.indicator, Latency):
        bound = objective.indicator.threshold_ms / 1000
        return [
            {"series": f"http_request_duration_seconds_count{{{where}}}", "values": everything},
            {"series": f'http_request_duration_seconds_bucket{{{where},le="{bound}"}}', "values": served},
        ]
    probes = f'job="{job_of(slos.service)}",instance="one",method="GET",route="/ready"'
    return [
        {"series": f'http_requests_total{{{where},status="200"}}', "values": served},
        {"series": f'http_requests_total{{{where},status="503"}}', "values": failed},
        {"series": f'http_requests_total{{{probes},status="503"}}', "values": f"0+{PER_MINUTE}x600"},
    ]


def _case(
    slos: ServiceObjectives, objective: Objective, name: str, series: list[dict[str, str]], looks: Sequence[Case]
) -> Case:
    name = f"{slos.service} {objective.id}: {name}"
    return {"name": name, "interval": "1m", "input_series": series, "alert_rule_test": list(looks)}


def _look(name: str, minutes: int, firing: Sequence[dict[str, Any]]) -> Case:
    expected = [{"exp_labels": each["labels"], "exp_annotations": each["annotations"]} for each in firing]
    return {"eval_time": f"{minutes}m", "alertname": name, "exp_alerts": expected}
