"""A panic in an extension becomes an error that somebody handles."""

from __future__ import annotations

import pytest

from tillhand_rag.store.foreign import ForeignPanic, sober


class PanicException(BaseException):
    """As pyo3 raises it: a class of this name that is no `Exception`."""


def raising(error: BaseException) -> None:
    raise error


def test_a_panic_becomes_an_ordinary_error() -> None:
    with pytest.raises(ForeignPanic, match="index out of bounds"):
        sober(lambda: raising(PanicException("index out of bounds")))


@pytest.mark.parametrize("error", [KeyError("a"), KeyboardInterrupt()])
def test_anything_else_passes_through(error: BaseException) -> None:
    with pytest.raises(type(error)):
        sober(lambda: raising(error))


def test_a_result_passes_through() -> None:
    assert sober(lambda: 7) == 7
