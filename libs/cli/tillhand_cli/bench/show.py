"""A load run as a person reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tillhand_cli.bench.comparison import FIGURES, Comparison
from tillhand_cli.bench.report import ObjectiveResult, Report, RouteFigures

FEW: Final = 100
"""Requests below which the 99th percentile is the largest value."""
BUSY: Final = 0.8
STYLES: Final = {"met": "green", "missed": "bold red", "not measured": "dim"}


def show(console: Console, report: Report, comparison: Comparison | None) -> None:
    """Print figures, objectives, and what a reader has to know about them."""
    console.print(_figures(report.routes))
    console.print()
    console.print(_objectives(report.objectives))
    if comparison is not None:
        console.print()
        _show_comparison(console, comparison)
    console.print()
    for line in notes(report):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def notes(report: Report) -> Iterator[str]:
    """What the figures do and do not say."""
    conditions = report.conditions
    clients = "1 client" if conditions.concurrency == 1 else f"{conditions.concurrency} clients"
    if conditions.loop == "closed":
        yield (
            f"Closed loop of {clients}: each sends its next request when the last one is answered, so that a service "
            "that stalls is asked less. These are the times that so many clients see; for times under a given rate of "
            "requests use --rate."
        )
    else:
        yield (
            f"Open loop at {conditions.rate_per_s:g} requests per second by up to {clients}: each time counts from "
            "when its request was due, queueing included."
        )
    yield f"{report.elapsed_s:.1f} s, after {report.warm_up} warm-up requests that are in no figure."
    yield from baseline(report)
    if report.unsent:
        yield f"The time was over before {report.unsent} of {conditions.requests} requests."
    if throttled := sum(each.throttled for each in report.routes):
        yield (
            f"The service put off {throttled} requests (429); {report.held_s:.1f} s were waited as it asked, "
            "and are in the throughput but in no latency. TILLHAND_RATE_LIMIT=off lifts its limit."
        )
    if few := [each.label for each in report.routes if 0 < each.count < FEW]:
        yield f"p99 is the largest time where there are fewer than {FEW} requests: {', '.join(few)}."
    if failures := Counter({name: count for each in report.routes for name, count in each.failures.items()}):
        yield f"Errors: {', '.join(f'{count} x {name}' for name, count in failures.items())}."
    if report.load_before is not None and report.load_before >= conditions.cores:
        yield f"The machine was busy before the run: load average {report.load_before:.1f} on {conditions.cores} cores."
    if report.client_busy > BUSY:
        yield f"This command itself kept a core busy for {report.client_busy:.0%} of the time: it slows the figures."


def baseline(report: Report) -> Iterator[str]:
    """The slowest 95th percentile of each variant of requests, such as cached, and its ratio to the calibration."""
    variants: dict[str, list[tuple[float, str]]] = {}
    for each in report.routes:
        if each.variant and each.p95_ms is not None:
            variants.setdefault(each.variant, []).append((each.p95_ms, each.label))
    for name, found in variants.items():
        p95_ms, label = max(found)
        ratio = f", {p95_ms / report.calibration_ms:.2f} x the calibration" if report.calibration_ms else ""
        yield f"{report.service} {name}: p95 {_ms(p95_ms)} ms at the slowest ({label}){ratio}."
    if variants and report.calibration_ms:
        yield f"Calibration: {report.calibration_ms:.2f} ms to write and read 1,200 rows of 20 numbers as JSON here."


def _figures(routes: list[RouteFigures]) -> Table:
    table = _table("request (times in ms)", "count", "errors", "429", "p50", "p95", "p99", "max", "per s")
    for each in routes:
        times = (each.p50_ms, each.p95_ms, each.p99_ms, each.max_ms)
        errors = Text(str(each.errors), style="bold red" if each.errors else "")
        cells = [str(each.throttled), *map(_ms, times), f"{each.throughput_per_s:.1f}"]
        table.add_row(Text(each.label), str(each.count), errors, *cells)
    return table


def _table(first: str, *columns: str) -> Table:
    """A table of figures that fits a terminal of 80 columns beside the longest route."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _objectives(objectives: list[ObjectiveResult]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("objective", "promise", "measured", "verdict"):
        table.add_column(name, overflow="fold")
    for each in objectives:
        table.add_row(each.id, each.promise, measured(each), Text(each.verdict, style=STYLES[each.verdict]))
    return table


def measured(objective: ObjectiveResult) -> str:
    """What was measured of an objective, such as `87.3 ms` or `99.95 %`."""
    if objective.measured is None:
        return "no answer" if objective.verdict == "missed" else "—"
    return f"{_ms(objective.measured)} ms" if objective.unit == "ms" else f"{objective.measured * 100:.5g} %"


def promised_and_measured(objective: ObjectiveResult) -> str:
    """Such as `95 % within 100 ms promised, 187.0 ms measured`."""
    return f"{objective.promise} promised, {measured(objective)} measured"


def _show_comparison(console: Console, comparison: Comparison) -> None:
    table = _table("change since the earlier run", "p50", "p95", "p99", "per s")
    for at in range(0, len(comparison.changes), len(FIGURES)):
        row = comparison.changes[at : at + len(FIGURES)]
        table.add_row(Text(row[0].label), *(f"{_ms(each.now)} {_relative(each.change)}" for each in row))
    console.print(table)
    for name, (before, now) in comparison.unlike.items():
        console.print(f"Not under the same conditions: {name} was {before}, now {now}.", highlight=False, markup=False)


def _ms(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"  # noqa: PLR2004  # three digits say enough


def _relative(change: float | None) -> str:
    return "—" if change is None else f"{change:+.0%}"
