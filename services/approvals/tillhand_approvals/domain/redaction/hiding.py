"""Takes out what is known to be somebody's, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

SHORTEST: Final = 3
"""Characters: what is shorter would be found in everything."""


def without(value: Any, known: str, instead: str) -> Any:  # noqa: ANN401  # any JSON
    """The value with `instead` in place of each `known`, whatever its capitals, in texts, keys and numbers."""
    if len(known) < SHORTEST or known == instead:
        return value
    return _without(value, re.compile(rf"(?<!\w){re.escape(known)}(?!\w)", re.IGNORECASE), instead)


def _without(value: Any, pattern: re.Pattern[str], instead: str) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, str):
        return pattern.sub(lambda _: instead, value)
    if isinstance(value, Mapping):
        return {pattern.sub(lambda _: instead, key): _without(each, pattern, instead) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without(each, pattern, instead) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and pattern.fullmatch(str(value)):
        return instead
    return value
