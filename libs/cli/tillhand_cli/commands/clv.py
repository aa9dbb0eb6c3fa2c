"""`tillhand clv`: measures what customers are worth where it is known what the models should find."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption
from tillhand_cli.output import output

app: Final = typer.Typer(help="Measure the models of customers.", no_args_is_help=True)


@app.callback()
def clv() -> None:
    """Measure the models of customers."""


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="Folder with cdnow_customers_summary.csv and CDNOW_sample.txt.")],
    as_json: JsonOption = False,
) -> None:
    """The published figures of CDNOW beside ours, the seconds taken, and a holdout against a naive rate."""
    from tillhand_analytics import commands  # noqa: PLC0415  # loads the arithmetic's libraries, which others do without

    report = commands.evaluate_clv(data)
    output(as_json=as_json).result(report, lambda console: _show(console, report))


def _show(console: Console, report: dict[str, Any]) -> None:
    for title, name in (("BG/NBD", "bgnbd"), ("Gamma-Gamma", "gamma_gamma")):
        _show_fit(console, title, report[name])
    held = report["holdout"]
    console.print(f"Holdout from {held['split_day']} to {held['last_day']}, {held['customers']} customers")
    table = Table("", "came", "expected", "MAE", "RMSE", "bias")
    for name in ("purchases", "value_minor"):
        came, parts = held[name]["came"], ("model", "naive")
        for part in parts:
            figures = held[name][part]
            table.add_row(f"{name}, {part}", f"{came:.0f}", *(_cell(value) for value in figures.values()))
    console.print(table)
    console.print(f"preferred: {held['preferred']}")


def _show_fit(console: Console, title: str, fit: dict[str, Any]) -> None:
    agrees = "agrees with what is published" if fit["agrees"] else "differs from what is published"
    console.print(f"{title}: {agrees}, {fit['seconds']:.3f} s")
    table = Table("", "published", "ours", "standard error")
    for name, published in fit["published"].items():
        error = fit["standard_errors"].get(name)
        table.add_row(name, str(published), _cell(fit["ours"][name]), _cell(error))
    console.print(table)
    for reason in fit["boundary"]:
        console.print(f"not to be trusted: {reason}", markup=False)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
