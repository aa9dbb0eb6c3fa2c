"""The `tillhand` command."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog
import typer

from tillhand_cli.commands import ask, doctor, ingest, keys, rag, up
from tillhand_cli.errors import MEANINGS, CommandError
from tillhand_cli.output import output

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
app.command()(ingest.ingest)
app.command()(ask.ask)
app.command()(ask.search)
app.command()(doctor.doctor)
app.add_typer(rag.app, name="rag")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command line; a failure is one readable line on standard error."""
    structlog.configure(  # standard output belongs to results
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app()
    except CommandError as error:
        _end(error)
    except ExceptionGroup as group:
        found = _first_command_error(group)
        if found is None:
            raise
        _end(found)
    except KeyboardInterrupt:
        sys.exit(130)


def _first_command_error(group: ExceptionGroup[Exception]) -> CommandError | None:
    for error in group.exceptions:
        if isinstance(error, CommandError):
            return error
        if isinstance(error, ExceptionGroup) and (inner := _first_command_error(error)) is not None:
            return inner
    return None


def _end(error: CommandError) -> None:
    err = output(as_json=False).err
    err.print(f"tillhand: {error.message}", style="red", markup=False, highlight=False, soft_wrap=True)
    if error.hint:
        err.print(error.hint, markup=False, highlight=False, soft_wrap=True)
    sys.exit(error.code)


if __name__ == "__main__":
    main()
