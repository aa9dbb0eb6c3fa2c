"""What agents and customers wrote, as a person may look at it: nothing hidden in it, and never too much at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tillhand_dashboard.domain.exact_json import Json, beginning
from tillhand_dashboard.domain.plain_text import plain_text

FOLDED_AT: Final = 2_000
"""Characters of one value that a page shows; the rest is one click away."""
MOST_LINES: Final = 200
"""Members that a page shows of what was proposed."""
MOST_DEEP: Final = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A text to show. `left` counts the characters that were cut off; None where there are more, and nobody counted."""

    text: str
    left: int | None = 0


@dataclass(frozen=True, slots=True)
class Member:
    """One value within something, by its path: `lines / 2 / sku`."""

    path: str
    value: Shown


def plain(text: str) -> str:
    """A text of any length with what hides in it spelled out: `[U+202E]` for what turns text round."""
    return plain_text(text, limit=len(text), links=False).spelled


def shown(value: Json, most: int = FOLDED_AT) -> Shown:
    """Any JSON value as text, cut where it is long."""
    if isinstance(value, str):
        return Shown(plain(value[:most]), max(0, len(value) - most))
    text, is_cut = beginning(value, most)
    return Shown(plain(text), None if is_cut else 0)


def members(value: Mapping[str, Any], most: int = MOST_LINES) -> tuple[Sequence[Member], bool]:
    """Every value of an object by its path, and whether there are more than are given."""
    found: list[Member] = []
    for path, leaf in _leaves(dict(value), ()):
        if len(found) == most:
            return found, True
        found.append(Member(plain(" / ".join(path)), shown(leaf)))
    return found, False


def told(value: Mapping[str, Any], most: int = 120) -> str:
    """What something is about, in a line: `sku A-1 · count 3`."""
    words: list[str] = []
    for path, leaf in _leaves(dict(value), ()):
        spoken = " ".join(shown(leaf, 60).text.split())
        words.append(f"{plain(path[-1])} {spoken}" if path else spoken)
        if sum(map(len, words)) > most:
            break
    line = " · ".join(words)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _leaves(value: Json, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    if len(path) < MOST_DEEP and isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _leaves(each, (*path, str(name)))
    elif len(path) < MOST_DEEP and isinstance(value, list) and value:
        for number, each in enumerate(value, 1):
            yield from _leaves(each, (*path, str(number)))
    else:
        yield path, value
