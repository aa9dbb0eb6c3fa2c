"""A panic in a Rust extension comes as an exception that no handler expects: here it becomes an ordinary one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_PANIC: Final = "PanicException"  # pyo3's own class: it derives from BaseException and cannot be imported


class ForeignPanic(ValueError):
    """A library has panicked; its object is not to be trusted any more."""


def sober(call: Callable[[], T]) -> T:
    """What the call returns. Raises `ForeignPanic` for a panic, and whatever else the call raises."""
    try:
        return call()
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            raise ForeignPanic(str(error)) from error
        raise
