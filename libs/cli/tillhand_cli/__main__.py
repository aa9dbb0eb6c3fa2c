"""The `tillhand` command."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog
import typer

from tillhand_cli.commands import (
    accounts,
    analytics,
    ask,
    audit,
    backup,
    bench,
    clv,
    connect,
    demo,
    doctor,
    evidence,
    forecast,
    ingest,
    inventory,
    keys,
    mcp,
    pii,
    policies,
    rag,
    sales,
    slo,
    soak,
    up,
)
from tillhand_cli.env_file import take_over_env_file
from tillhand_cli.errors import MEANINGS, CommandError, ExitCode, code_of
from tillhand_cli.output import output
from tillhand_common.lifecycle import StartupError
from tillhand_common.problems import Problem
from tillhand_common.settings import SettingsError

_EXIT_CODES = "Exit codes: " + "; ".join(f"{int(code)} {meaning}" for code, meaning in MEANINGS.items()) + "."

app: Final = typer.Typer(
    name="tillhand",
    help="Run AI agents over a store, and stay in control: a knowledge base with exact citations.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(up.up)
app.command()(demo.demo)
app.command()(ingest.ingest)
app.command()(ask.ask)
app.command()(ask.search)
app.command()(doctor.doctor)
app.command()(connect.connect)
app.command()(evidence.evidence)
app.add_typer(mcp.app, name="mcp")
app.add_typer(rag.app, name="rag")
app.add_typer(backup.app, name="backup")
app.add_typer(audit.app, name="audit")
app.add_typer(policies.app, name="policies")
app.command()(pii.redact)
app.add_typer(pii.app, name="pii")
app.add_typer(analytics.app, name="analytics")
app.add_typer(inventory.app, name="inventory")
app.add_typer(bench.app, name="bench")
app.add_typer(clv.app, name="clv")
app.add_typer(forecast.app, name="forecast")
app.add_typer(sales.app, name="sales")
app.add_typer(slo.app, name="slo")
app.add_typer(soak.app, name="soak")
app.add_typer(keys.app, name="keys")
app.add_typer(accounts.app, name="accounts")


def main() -> None:
    """Run the command line; a failure is one readable line on standard error."""
    structlog.configure(  # standard output belongs to results
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        take_over_env_file()
        app()
    except (CommandError, SettingsError, StartupError, Problem, ExceptionGroup) as error:
        found = _told(error)
        if found is None:
            raise
        _end(found)
    except KeyboardInterrupt:
        sys.exit(130)


def _told(error: Exception) -> CommandError | None:
    """The failure as a command tells it, in a group the first that can be told; None for a defect of the program."""
    match error:
        case CommandError():
            return error
        case SettingsError():
            return CommandError(str(error), code=ExitCode.USAGE)
        case StartupError():
            return CommandError(str(error), code=ExitCode.UNREACHABLE)
        case Problem():
            return CommandError(error.detail, code=code_of(error.status))
        case ExceptionGroup():
            return next(filter(None, map(_told, error.exceptions)), None)
    return None


def _end(error: CommandError) -> None:
    err = output(as_json=False).err
    err.print(f"tillhand: {error.message}", style="red", markup=False, highlight=False, soft_wrap=True)
    if error.hint:
        err.print(error.hint, markup=False, highlight=False, soft_wrap=True)
    sys.exit(error.code)


if __name__ == "__main__":
    main()
