"""Two JSON values, before and after: what came, went, changed and stayed, place by place.

Numbers differ where their spelling does, so hand in values that keep it (`exact_json`). Items of arrays are matched by
a key that names them, such as `id`, where each has one; others by their order. The work is bounded: each value is
looked at once, arrays are matched within one budget (`aligning`). Values of more parts than are gone into are compared
in linear time, by the text of the members of their top alone; `is_coarse` says so.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from tillhand_dashboard.domain.aligning import Budget, blocks
from tillhand_dashboard.domain.exact_json import DEEPEST, Json, number_text

Kind = Literal["added", "removed", "changed", "same"]
Path = tuple[str | int, ...]
MOST_PARTS: Final = 200_000
LARGE: Final = 100
"""Entries that differ; a diff of more is better folded as a whole."""
IDENTIFIERS: Final = ("id", "gid", "sku", "handle", "key", "code", "slug", "name")
"""Members that name an item of an array; the first one counts that each item has, none twice."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place and what stood and stands there; None where nothing did or does, as `kind` tells.

    The positions in a path are those of after, and for what was removed those of before. `order` is about an array
    whose items changed places: before and after are the names of those that are in both.
    """

    path: Path
    kind: Kind
    before: Json = None
    after: Json = None
    about: Literal["value", "order"] = "value"

    @property
    def place(self) -> str:
        """The place as people say it, the first item being 1: `lines / 1 / price`."""
        return " / ".join(str(part + 1) if isinstance(part, int) else part for part in self.path)


@dataclass(frozen=True, slots=True)
class Diff:
    """The entries in the order of before, with what came after it; what is the same as a whole is one entry."""

    entries: tuple[Entry, ...]
    is_coarse: bool = False

    @property
    def differing(self) -> tuple[Entry, ...]:
        """What is not the same."""
        return tuple(each for each in self.entries if each.kind != "same")

    @property
    def is_large(self) -> bool:
        """Whether it is better folded as a whole."""
        return len(self.differing) > LARGE


def diff(before: Json, after: Json, budget: Budget | None = None, *, most_parts: int = MOST_PARTS) -> Diff:
    """How a value becomes another. Several that are shown together share a budget."""
    if _has_more_parts([before, after], most_parts):
        return Diff(tuple(_coarse(before, after)), is_coarse=True)
    return Diff(tuple(_Comparison(before, after, budget or Budget()).entries((), before, after)))


class _Comparison:
    """Two values whose parts have numbers, the same one for what is the same."""

    def __init__(self, before: Json, after: Json, budget: Budget) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._of: dict[int, int] = {}
        self._budget = budget
        for value in (before, after):
            self._number_all(value)

    def entries(self, path: Path, before: Json, after: Json) -> Iterator[Entry]:
        if self._number(before) == self._number(after):
            yield Entry(path, "same", before, after)
        elif len(path) < DEEPEST and isinstance(before, dict) and isinstance(after, dict):
            yield from self._objects(path, before, after)
        elif len(path) < DEEPEST and isinstance(before, list) and isinstance(after, list):
            yield from self._arrays(path, before, after)
        else:
            yield Entry(path, "changed", before, after)

    def _objects(self, path: Path, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Entry]:
        for key, value in before.items():
            if key in after:
                yield from self.entries((*path, key), value, after[key])
            else:
                yield Entry((*path, key), "removed", before=value)
        for key, value in after.items():
            if key not in before:
                yield Entry((*path, key), "added", after=value)

    def _arrays(self, path: Path, before: list[Json], after: list[Json]) -> Iterator[Entry]:
        for identifier in IDENTIFIERS:
            names = [_names(items, identifier) for items in (before, after)]
            if names[0] is not None and names[1] is not None:
                yield from self._named(path, before, after, names[0], names[1])
                return
        yield from self._in_order(path, before, after)

    def _named(
        self, path: Path, before: list[Json], after: list[Json], old: Sequence[str], new: Sequence[str]
    ) -> Iterator[Entry]:
        places = {name: at for at, name in enumerate(new)}
        was = set(old)
        kept_before, kept_after = [name for name in old if name in places], [name for name in new if name in was]
        if kept_before != kept_after:
            yield Entry(path, "changed", list(kept_before), list(kept_after), about="order")
        for at, name in enumerate(old):
            if name in places:
                yield from self.entries((*path, places[name]), before[at], after[places[name]])
            else:
                yield Entry((*path, at), "removed", before=before[at])
        yield from (Entry((*path, at), "added", after=after[at]) for at, name in enumerate(new) if name not in was)

    def _in_order(self, path: Path, before: list[Json], after: list[Json]) -> Iterator[Entry]:
        for block in blocks([*map(self._number, before)], [*map(self._number, after)], self._budget):
            for old, new in zip(block.before, block.after, strict=False):
                yield from self.entries((*path, new), before[old], after[new])
            common = min(len(block.before), len(block.after))
            yield from (Entry((*path, at), "removed", before=before[at]) for at in block.before[common:])
            yield from (Entry((*path, at), "added", after=after[at]) for at in block.after[common:])

    def _number(self, value: Json) -> int:
        if isinstance(value, (list, dict)):
            return self._of[id(value)]
        return self._numbers.setdefault(_leaf(value), len(self._numbers))

    def _number_all(self, value: Json) -> None:
        """Containers get their numbers after what they hold; no recursion, since they may be nested without end."""
        waiting = [(value, False)]
        while waiting:
            each, is_ready = waiting.pop()
            if not isinstance(each, (list, dict)):
                continue
            held = each.values() if isinstance(each, dict) else each
            if not is_ready:
                waiting.append((each, True))
                waiting += [(inner, False) for inner in held if isinstance(inner, (list, dict))]
                continue
            numbers = [self._number(inner) for inner in held]
            known = frozenset(zip(each, numbers, strict=True)) if isinstance(each, dict) else tuple(numbers)
            self._of[id(each)] = self._numbers.setdefault(known, len(self._numbers))


def _leaf(value: float | Decimal | str | None) -> Hashable:
    """What tells a value without members from others: 1, 1.0, true and "1" are four."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return "word", value
    return "number", number_text(value)


def _names(items: list[Json], identifier: str) -> list[str] | None:
    """What each item is named by this member; None where one has no name, or another's."""
    found = []
    for each in items:
        name = each.get(identifier) if isinstance(each, dict) else None
        if not isinstance(name, str | int) or isinstance(name, bool):
            return None
        found.append(name if isinstance(name, str) else number_text(name))
    return found if len(set(found)) == len(found) else None


def _has_more_parts(values: list[Json], most: int) -> bool:
    waiting = list(values)
    seen = 0
    while waiting and seen <= most:
        inner = waiting.pop()
        seen += 1
        if isinstance(inner, (list, dict)):
            if len(inner) > most:
                return True
            waiting.extend(inner.values() if isinstance(inner, dict) else inner)
    return seen > most


def _coarse(before: Json, after: Json) -> Iterator[Entry]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        yield Entry((), "same" if _is_same_text(before, after) else "changed", before, after)
        return
    for key, value in before.items():
        if key not in after:
            yield Entry((key,), "removed", before=value)
        else:
            kind: Kind = "same" if _is_same_text(value, after[key]) else "changed"
            yield Entry((key,), kind, value, after[key])
    yield from (Entry((key,), "added", after=value) for key, value in after.items() if key not in before)


def _is_same_text(before: Json, after: Json) -> bool:
    """Whether two values are written alike; what is too deep to be written is not."""
    try:
        first, second = (json.dumps(each, default=_decimal, sort_keys=True) for each in (before, after))
    except (RecursionError, ValueError):
        return False
    return first == second


def _decimal(value: object) -> list[str]:
    return ["a decimal", str(value)]
