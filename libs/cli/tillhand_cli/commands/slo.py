"""`tillhand slo`: what is promised, as rules that Prometheus reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import output
from tillhand_common.slo_burns import BURNS, span
from tillhand_common.slo_rules import rules, rules_text
from tillhand_common.slos import ServiceObjectives, SloError, load_slos

app: Final = typer.Typer(help="Check what is promised, and write it as rules of Prometheus.", no_args_is_help=True)

LEGEND: Final = """
bad: share of bad requests above which it fires; traffic: requests an hour below which it stays silent
fires: minutes of a total outage until then, after even traffic without failures, and before one scrape and evaluation
budget: used up once the long window went just like that"""

SlosOption = Annotated[Path, typer.Option(help="Folder of the objectives.")]
ServiceOption = Annotated[str | None, typer.Option(help="One service only.")]


@app.command(name="rules")
def write_rules(
    slos: SlosOption = Path("slos"),
    service: ServiceOption = None,
    out: Annotated[Path | None, typer.Option(help="File to write, in place of standard output.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the recording rules and alerts of the objectives, for Prometheus to read."""
    found = _objectives(slos, service)
    if out is not None:
        _write(out, rules_text(found))
        groups = len(rules(found)["groups"])
        output(as_json=as_json).result(
            {"file": str(out), "groups": groups},
            lambda console: console.print(f"{out} holds {groups} groups of rules."),
        )
    elif as_json:
        output(as_json=True).result(rules(found), lambda _: None)
    else:
        sys.stdout.write(rules_text(found))


@app.command()
def check(slos: SlosOption = Path("slos"), service: ServiceOption = None, as_json: JsonOption = False) -> None:
    """Check the objectives, and say of each alert how soon it would fire in a total outage, and from which traffic."""
    alerts = list(_alerts(_objectives(slos, service)))
    output(as_json=as_json).result({"ok": True, "alerts": alerts}, lambda console: _show(console, alerts))


def _objectives(folder: Path, service: str | None) -> Sequence[ServiceObjectives]:
    try:
        found = load_slos(folder)
    except SloError as error:
        hint = "Call it in the repository's folder, or name the folder of the objectives by --slos."
        raise CommandError(str(error), code=ExitCode.USAGE, hint=hint) from error
    if service is None:
        return list(found.values())
    if service not in found:
        there = ", ".join(found)
        raise CommandError(f"{folder} has no objectives of {service}; it has: {there}.", code=ExitCode.USAGE)
    return [found[service]]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error


def _alerts(found: Sequence[ServiceObjectives]) -> Iterator[dict[str, Any]]:
    for slos in found:
        for objective in slos.objectives:
            for burn in BURNS:
                yield {
                    "service": slos.service,
                    "objective": objective.id,
                    "severity": burn.severity,
                    "burn": burn.factor,
                    "windows": [span(burn.long_minutes), span(burn.short_minutes)],
                    "failing_share": burn.failing_share(objective.target),
                    "outage_minutes": round(burn.outage_minutes(objective.target), 1),
                    "budget_used": round(burn.budget_share(slos.window_days), 4),
                    "requests_per_hour": round(burn.requests_per_hour(objective.min_requests), 1),
                }


def _show(console: Console, alerts: Sequence[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("objective", "alert", "windows", "bad", "fires", "budget", "traffic"):
        table.add_column(column, no_wrap=True)
    for each in alerts:
        table.add_row(
            f"{each['service']} {each['objective']}",
            f"{each['severity']} {each['burn']:g}",
            "+".join(each["windows"]),
            f"{each['failing_share'] * 100:.4g} %",
            f"{each['outage_minutes']:g} min",
            f"{each['budget_used'] * 100:.1f} %",
            f"{each['requests_per_hour']:g}/h",
        )
    console.print(table)
    console.print(LEGEND, highlight=False)
