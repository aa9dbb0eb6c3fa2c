"""Patterns that other people write: regular expressions whose time grows with the text alone, never out of bounds.

RE2 knows neither look-around nor back references, which is what makes others take for ever.
Its syntax: https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import re2  # type: ignore[import-untyped]  # it comes without types

LONGEST: Final = 1_000
"""Characters of a pattern."""
_MEMORY: Final = 1 << 20
_PROBES: Final = ("a", "7", "Zz 9-_./@+", "é漢", "x" * 40)
"""Texts that have nothing in common: a pattern that takes them all says nothing."""


def is_pattern(text: str) -> bool:
    """Whether it can be matched: RE2 reads it, and it is not too long."""
    return len(text) <= LONGEST and _compiled(text) is not None


def found_in(pattern: str, text: str) -> bool | None:
    """Whether the pattern occurs in the text; None where either cannot be read."""
    return _ask(pattern, text, whole=False)


def is_whole(pattern: str, text: str) -> bool | None:
    """Whether the text as a whole is what the pattern says; None where either cannot be read."""
    return _ask(pattern, text, whole=True)


def says_nothing(pattern: str) -> bool:
    """Whether it takes whatever comes, such as `.*`."""
    return all(is_whole(pattern, probe) is not False for probe in _PROBES)


def _ask(pattern: str, text: str, *, whole: bool) -> bool | None:
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    try:
        return (compiled.fullmatch(text) if whole else compiled.search(text)) is not None
    except UnicodeEncodeError:  # half a character
        return None


@lru_cache(maxsize=1_024)
def _compiled(pattern: str) -> re2._Regexp | None:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        return None
