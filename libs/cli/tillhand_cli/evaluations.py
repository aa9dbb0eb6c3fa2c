"""Reports of evaluations as a person reads them, and the thresholds that they are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tillhand_cli.errors import CommandError, ExitCode

Report = dict[str, Any]
_SHOWN_QUOTE = 80


def parse_thresholds(given: Sequence[str]) -> dict[str, float]:
    """Thresholds of the command line, least values by figure. Raises CommandError for one that cannot be read."""
    thresholds: dict[str, float] = {}
    for item in given:
        name, equals, least = item.partition("=")
        try:
            thresholds[name] = float(least)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise CommandError(f"--threshold {item}: write FIGURE=LEAST, such as accuracy=0.9.", code=ExitCode.USAGE)
    return thresholds


def missed_of(report: Mapping[str, Any], thresholds: Mapping[str, float]) -> list[tuple[str, float | None, float]]:
    """Figures below what was asked of them: name, value (None where the report has none), least."""
    found = {name: report.get(name) for name in thresholds}
    return [(name, found[name], least) for name, least in thresholds.items() if (found[name] or 0.0) < least]


def show_report(console: Console, report: Report) -> None:
    """A report of this process: its figures, by mode where there are several."""
    _figures(console, {name: [value] for name, value in report.items()})
    if modes := report.get("modes"):
        console.print()
        names = next(iter(modes.values()))
        _figures(console, {"": list(modes)} | {name: [figures[name] for figures in modes.values()] for name in names})
    if outcomes := report.get("outcomes"):
        console.print()
        show_outcomes(console, outcomes)


def show_evaluation(console: Console, report: Report) -> None:
    """A report of the service: its figures, and every question that did not go as it should."""
    _figures(console, {name: [value] for name, value in report["figures"].items()})
    console.print()
    show_outcomes(console, report["outcomes"])


def show_outcomes(console: Console, outcomes: Sequence[Report]) -> None:
    """The questions that did not go as they should, each with what went wrong."""
    failed = [outcome for outcome in outcomes if outcome["problem"]]
    if not failed:
        console.print(f"All {len(outcomes)} questions went as they should.")
        return
    console.print(f"{len(failed)} of {len(outcomes)} questions did not go as they should:")
    for outcome in failed:
        line = f"- {outcome['question']}  {outcome['problem']}, confidence {outcome['confidence']:.2f}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)
        if outcome["quote"]:
            quote = " ".join(outcome["quote"].split())[:_SHOWN_QUOTE]
            console.print(f"    “{quote}”", highlight=False, markup=False, soft_wrap=True, style="dim")


def _figures(console: Console, rows: dict[str, list[object]]) -> None:
    """A line for each name with plain values; lists and the like are for `--json`."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, values in rows.items():
        if not isinstance(values[0], list | dict):
            table.add_row(name, *map(_shown, values))
    console.print(table)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if value <= 1 else f"{value:.1f}"
    return str(value)
