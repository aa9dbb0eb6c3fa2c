"""Objectives held against what a run measured."""

from __future__ import annotations

from collections.abc import Sequence

from tillhand_cli.bench.load import Measured, Tally
from tillhand_cli.bench.plan import Kind
from tillhand_cli.bench.report import ObjectiveResult, Verdict
from tillhand_cli.bench.statistics import quantile
from tillhand_common.slos import Freshness, Latency, Objective


def judge(objectives: Sequence[Objective], measured: Measured) -> list[ObjectiveResult]:
    """Each objective with what was measured of it.

    A latency objective holds when every kind of request on its route keeps it, so that the share of questions found in
    a cache, which is the run's choice, cannot make up for the others. A run sends valid requests only: for availability
    each failure counts, whatever its status.
    """
    return [_judge(objective, _on_route(objective, measured)) for objective in objectives]


def _on_route(objective: Objective, measured: Measured) -> dict[Kind, Tally]:
    return {
        kind: tally
        for kind, tally in measured.tallies.items()
        if objective.route in {None, kind.route} and (tally.times_ms or tally.failures)
    }


def _judge(objective: Objective, tallies: dict[Kind, Tally]) -> ObjectiveResult:
    if isinstance(objective.indicator, Latency):
        return _latency(objective, objective.indicator.threshold_ms, tallies)
    if isinstance(objective.indicator, Freshness):  # how old data are is no matter of requests
        return _result(objective, "not measured", "share")
    served = sum(len(tally.times_ms) for tally in tallies.values())
    failed = sum(tally.failures.total() for tally in tallies.values())
    if not served + failed:
        return _result(objective, "not measured", "share")
    share = served / (served + failed)
    return _result(objective, "met" if share >= objective.target else "missed", "share", measured=share)


def _latency(objective: Objective, threshold_ms: float, tallies: dict[Kind, Tally]) -> ObjectiveResult:
    if not tallies:
        return _result(objective, "not measured", "ms")
    for kind, tally in tallies.items():
        if not tally.times_ms:  # all failed: nothing speaks for the objective
            return _result(objective, "missed", "ms", kind)
    slowest, time_ms = max(
        ((kind, quantile(sorted(tally.times_ms), objective.target)) for kind, tally in tallies.items()),
        key=lambda found: found[1],
    )
    return _result(objective, "met" if time_ms <= threshold_ms else "missed", "ms", slowest, round(time_ms, 3))


def _result(
    objective: Objective, verdict: Verdict, unit: str, kind: Kind | None = None, measured: float | None = None
) -> ObjectiveResult:
    return ObjectiveResult(
        id=objective.id,
        promise=objective.promise,
        route=objective.route,
        kind=kind.label if kind else None,
        measured=measured,
        unit="ms" if unit == "ms" else "share",
        verdict=verdict,
    )
