"""Texts made to take long do not: the steps of a look at a text grow with its length, not with its square."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tillhand_approvals.adapters.redaction.engine import PresidioDetector
from tillhand_approvals.domain.redaction.replacing import redacted

_SIZE = 10_000


@pytest.fixture(scope="module")
def detector() -> PresidioDetector:
    """One for all tests."""
    return PresidioDetector()


def _calls(work: Callable[[], object]) -> int:
    """How many functions were called."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1-", "@", "a@", "a.", "Ann ", "Ann, ", "http://", "\n", "GB12 ", "12 Main Street ", "Apt. 1 ", "+1(",
     "my name is ", "de la ", "[", "Ann Smith\n", "0:", "> "],
)  # fmt: skip
def test_twice_the_text_takes_about_twice_the_work(detector: PresidioDetector, piece: str) -> None:
    half, whole = piece * (_SIZE // len(piece) // 2), piece * (_SIZE // len(piece))
    redacted(half, detector.detect)
    first = _calls(lambda: redacted(half, detector.detect))
    second = _calls(lambda: redacted(whole, detector.detect))
    assert second < 3 * first + 2_000
