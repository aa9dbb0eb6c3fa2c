"""How a command ends badly, and the exit code that says so.

Every exit code of `tillhand` (also printed by `tillhand --help`):

0  done
1  done in part: some files were refused, or a threshold was missed
2  the command line or a value in it is wrong
3  a service cannot be reached, or is not ready
4  the key is missing, unknown, or may not do this
5  found nothing: the sources hold no answer, or there is no such thing
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What the shell sees."""

    DONE = 0
    PARTLY = 1
    USAGE = 2
    UNREACHABLE = 3
    DENIED = 4
    NOTHING_FOUND = 5


MEANINGS: Final = {
    ExitCode.DONE: "done",
    ExitCode.PARTLY: "done in part: some files were refused, or a threshold was missed",
    ExitCode.USAGE: "the command line or a value in it is wrong",
    ExitCode.UNREACHABLE: "a service cannot be reached, or is not ready",
    ExitCode.DENIED: "the key is missing, unknown, or may not do this",
    ExitCode.NOTHING_FOUND: "found nothing: the sources hold no answer, or there is no such thing",
}


class CommandError(Exception):
    """A command cannot go on; `hint` is what a person can do about it."""

    def __init__(self, message: str, *, code: ExitCode, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint


class Unusable(Exception):
    """One file cannot be sent; the others can."""


class Unreachable(CommandError):
    """A service gave no answer, or none that can be understood."""

    def __init__(self, url: str, detail: str) -> None:
        hint = "Start it with: make up   (or: tillhand up)"
        super().__init__(f"{url} cannot be reached ({detail}).", code=ExitCode.UNREACHABLE, hint=hint)


class NotTheService(CommandError):
    """Something else answers at the service's address."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url} answers, but not as the service does.",
            code=ExitCode.UNREACHABLE,
            hint="Name the right address by --url or TILLHAND_RAG_URL.",
        )


class ServiceProblem(CommandError):
    """A service answered with a problem document."""

    def __init__(self, status: int, slug: str, message: str) -> None:
        super().__init__(message, code=code_of(status), hint=_hint_of(status))
        self.status = status
        self.slug = slug


def code_of(status: int) -> ExitCode:
    """The exit code that stands for an HTTP status."""
    if status in {401, 403}:
        return ExitCode.DENIED
    if status == 404:  # noqa: PLR2004  # the HTTP status reads best as itself
        return ExitCode.NOTHING_FOUND
    return ExitCode.UNREACHABLE if status >= 500 else ExitCode.USAGE  # noqa: PLR2004  # server errors


def _hint_of(status: int) -> str:
    if status in {401, 403}:
        return "Name a key by --key-file or TILLHAND_API_KEY; `tillhand keys list` shows what each key may do."
    return ""
