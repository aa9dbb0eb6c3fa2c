"""A bounded load on all five services at once: how long they take, what fails, and what `/metrics` says of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tillhand_cli.bench import report as reports
from tillhand_cli.bench.load import Load, Measured, Tally
from tillhand_cli.bench.pace import Pace
from tillhand_cli.bench.report import Conditions, ObjectiveResult
from tillhand_cli.bench.statistics import quantile
from tillhand_cli.bench.verdicts import judge
from tillhand_cli.context import shipped_slos
from tillhand_cli.evidence.judging import Finding, NotMeasured, found
from tillhand_cli.evidence.machine import MOST_BUSY, busy_share
from tillhand_cli.evidence.mixing import Asked, mixes
from tillhand_cli.evidence.scene import Scene
from tillhand_common.clock import SystemClock
from tillhand_common.slos import Latency, Objective, SloError, read_objectives

RATE_PER_S: Final = 2.0
"""Requests a second of each part of the mix: an open loop, so that a service that stalls is asked no less."""
SECONDS: Final = 20.0
WARM_UP: Final = 8
METRICS: Final = {"dashboard": "/app/metrics"}
SERIES: Final = re.compile(r"^(\w+)(?:\{[^\n]*\})? ([0-9.e+-]+)", re.MULTILINE)


async def latency(scene: Scene) -> Finding:
    """The times of every service under the mix, against its own objectives, each with its chart."""
    scene.kept["before"] = await _scraped(scene, "before")
    asked = await mixes(scene)
    scene.kept["busy"] = await busy_share(SystemClock())
    await asyncio.gather(*(_sent(scene, each, WARM_UP / RATE_PER_S) for each in asked))
    sent = await asyncio.gather(*(_sent(scene, each, SECONDS) for each in asked))
    scene.kept["after"] = await _scraped(scene, "after")
    measured = _joined(asked, sent)
    scene.kept["measured"] = measured
    return verdict(scene, measured, {name: _objectives(name, scene.project) for name in measured})


def verdict(scene: Scene, measured: Mapping[str, Measured], objectives: Mapping[str, Sequence[Objective]]) -> Finding:
    """What the times say, in a line and a chart for each service."""
    from tillhand_cli.bench import chart  # noqa: PLC0415  # loads the drawing library

    results, files, lines = [], [], []
    for service, run in measured.items():
        timed = [each for each in objectives[service] if isinstance(each.indicator, Latency)]
        results += judge(timed, run)
        conditions = _conditions(run)
        files.append(scene.write(f"latency/{service}.svg", chart.draw(run, timed, conditions)))
        lines += [f"{service} {kind.label} {_p95(tally)}" for kind, tally in run.tallies.items()]
    files.append(scene.write("latency/p95.txt", "\n".join(lines) + "\n"))
    held, missed = ([_told(each) for each in results if each.verdict == name] for name in ("met", "missed"))
    unasked = [each.id for each in results if each.verdict == "not measured"]
    summary = f"{len(held)} of {len(held) + len(missed)} latency objectives held"
    summary += f"; missed: {', '.join(missed)}" if missed else ""
    summary += f"; not asked in this mix: {', '.join(unasked)}" if unasked else ""
    if not held and not missed:
        raise NotMeasured("No objective is about what was asked.")
    busy: float | None = scene.kept.get("busy")
    figures = {"p95": lines, "held": held, "missed": missed, "machine_busy_before": busy}
    if missed and busy is not None and busy > MOST_BUSY:
        others = f"Other work kept this machine {busy:.0%} busy before the load began, so its times are not ours"
        return Finding("amber", f"{others}: {summary}.", figures, files)
    return found(not missed, f"{summary}.", figures, *files)


async def availability(scene: Scene) -> Finding:
    """Whether every request of the mix was served."""
    measured: Mapping[str, Measured] = scene.kept.get("measured", {})
    if not measured:
        raise NotMeasured("The load did not run.")
    tallies = {f"{name} {kind.label}": tally for name, run in measured.items() for kind, tally in run.tallies.items()}
    failures = {name: dict(tally.failures) for name, tally in tallies.items() if tally.failures}
    served = sum(len(tally.times_ms) for tally in tallies.values())
    lost = sum(tally.failures.total() for tally in tallies.values())
    return found(not lost and served > 0, f"{served} requests served, {lost} failed.", {"failures": failures})


async def metrics(scene: Scene) -> Finding:
    """Whether every service's metrics can be scraped, and have counted what was asked."""
    before, after = scene.kept.get("before"), scene.kept.get("after")
    if before is None or after is None:
        raise NotMeasured("The load did not run, so there is nothing to count.")
    rows = {
        service: {
            "series": len(SERIES.findall(text)),
            "requests_before": _requests(before[service]),
            "requests_after": _requests(text),
        }
        for service, text in after.items()
    }
    wrong = [name for name, row in rows.items() if row["requests_after"] <= row["requests_before"]]
    told = f"; no request was counted by {', '.join(wrong)}" if wrong else ""
    files = [f"metrics/{service}-{when}.txt" for service in after for when in ("before", "after")]
    return found(not wrong, f"{len(rows)} services scraped before and after{told}.", rows, *files)


async def _scraped(scene: Scene, when: str) -> dict[str, str]:
    texts = {}
    for service in scene.platform.urls:
        answer = await scene.ask(service, METRICS.get(service, "/metrics"))
        texts[service] = answer.text
        scene.write(f"metrics/{service}-{when}.txt", answer.text)
    return texts


def _requests(text: str) -> int:
    return round(sum(float(value) for name, value in SERIES.findall(text) if name == "http_requests_total"))


async def _sent(scene: Scene, asked: Asked, seconds: float) -> Measured:
    async with scene.client(asked.service, asked.who, **asked.cookies) as client:
        pace = Pace(SystemClock(), limit_s=seconds, rate_per_s=RATE_PER_S)
        requests = [asked.turn(number) for number in range(round(seconds * RATE_PER_S))]
        return await Load(client, pace).run(requests, asked.kinds, clients=4)


def _joined(asked: Sequence[Asked], sent: Sequence[Measured]) -> dict[str, Measured]:
    """What was measured of each service, by whomever it was asked."""
    joined: dict[str, Measured] = {}
    for each, run in zip(asked, sent, strict=True):
        if each.service in joined:
            joined[each.service].tallies.update(run.tallies)
        else:
            joined[each.service] = run
    return joined


def _objectives(service: str, project: Path | None) -> Sequence[Objective]:
    try:
        return read_objectives(shipped_slos(project) / f"{service}.yaml").objectives
    except SloError as error:
        raise NotMeasured(f"The objectives cannot be read: {error}") from error


def _conditions(run: Measured) -> Conditions:
    requests = sum(len(tally.times_ms) + tally.failures.total() for tally in run.tallies.values())
    return Conditions(
        collection="default",
        loop="open",
        rate_per_s=RATE_PER_S,
        concurrency=4,
        requests=requests,
        uploads=False,
        cores=reports.cores(),
        machine=reports.machine(),
    )


def _p95(tally: Tally) -> str:
    if not tally.times_ms:
        return "no answer"
    return f"p95 {quantile(sorted(tally.times_ms), 0.95):.1f} ms of {len(tally.times_ms)}"


def _told(result: ObjectiveResult) -> str:
    measured = "no answer" if result.measured is None else f"{result.measured:g} ms"
    return f"{result.route} ({result.promise}; measured {measured})"
