"""Conditions on the arguments of a call: true, false, or unknown where there is nothing to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tillhand_approvals.domain import patterns
from tillhand_approvals.domain.tools import at

LONGEST_MATCHED: Final = 2_000
"""Characters of a value that a pattern is tried on; a longer one is unknown."""
DEEPEST: Final = 4
"""Groups within groups."""
Scalar = str | int | float | bool
_MISSING: Final = object()
_BOUNDS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
}


@dataclass(frozen=True, slots=True)
class ArgumentCondition:
    """About the value at a JSON pointer; all that is given must hold. `matches` is a pattern of the whole text."""

    at: str
    exists: bool | None = None
    eq: Scalar | None = None
    one_of: tuple[Scalar, ...] | None = None
    lt: int | float | None = None
    lte: int | float | None = None
    gt: int | float | None = None
    gte: int | float | None = None
    matches: str | None = None

    def holds(self, arguments: Mapping[str, Any]) -> bool | None:
        """Whether it is so; None where nothing stands there that could be compared."""
        value = at(arguments, self.at, _MISSING)
        if self.exists is not None and (value is not _MISSING) != self.exists:
            return False
        return both([*self._equalities(value), *self._bounds(value), *self._patterns(value)])

    @property
    def operators(self) -> tuple[str, ...]:
        """Names of what is asked."""
        names = ("exists", "eq", "one_of", *_BOUNDS, "matches")
        return tuple(name for name in names if getattr(self, name) is not None)

    @property
    def narrows(self) -> bool:
        """Whether only some values pass: named ones, numbers between two bounds, texts of some kind."""
        above, below = self.lt is not None or self.lte is not None, self.gt is not None or self.gte is not None
        texts = self.matches is not None and not patterns.says_nothing(self.matches)
        return self.eq is not None or self.one_of is not None or (above and below) or texts

    def _equalities(self, value: object) -> Iterator[bool | None]:
        for wanted in (None if self.eq is None else (self.eq,), self.one_of):
            if wanted is not None:
                comparable = isinstance(value, str | int | float | bool)
                yield any(_same(value, each) for each in wanted) if comparable else None

    def _bounds(self, value: object) -> Iterator[bool | None]:
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        for name, holds in _BOUNDS.items():
            bound = getattr(self, name)
            if bound is not None:
                yield None if number is None or number != number else holds(number, bound)  # noqa: PLR0124  # true of NaN alone

    def _patterns(self, value: object) -> Iterator[bool | None]:
        if self.matches is not None:
            readable = isinstance(value, str) and len(value) <= LONGEST_MATCHED
            yield patterns.is_whole(self.matches, str(value)) if readable else None


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions: all of these hold, and at least one of those, and none of the last ones."""

    all_of: tuple[ArgumentCondition | Group, ...] = ()
    any_of: tuple[ArgumentCondition | Group, ...] = ()
    none_of: tuple[ArgumentCondition | Group, ...] = ()

    def holds(self, arguments: Mapping[str, Any]) -> bool | None:
        """Whether it is so; None where that hangs on something that cannot be compared."""
        parts = [each.holds(arguments) for each in self.all_of]
        if self.any_of:
            parts.append(either(each.holds(arguments) for each in self.any_of))
        parts += [_opposite(each.holds(arguments)) for each in self.none_of]
        return both(parts)

    @property
    def narrows(self) -> bool:
        """Whether only some calls pass. What is ruled out by `none_of` leaves endless others."""
        chosen = bool(self.any_of) and all(each.narrows for each in self.any_of)
        return chosen or any(each.narrows for each in self.all_of)


Condition = ArgumentCondition | Group


def both(results: Iterable[bool | None]) -> bool | None:
    """Kleene's conjunction: false where any is false, else unknown where any is, else true."""
    known = list(results)
    if any(each is False for each in known):
        return False
    return None if any(each is None for each in known) else True


def either(results: Iterable[bool | None]) -> bool | None:
    """Kleene's disjunction: true where any is true, else unknown where any is, else false."""
    return _opposite(both(_opposite(each) for each in results))


def half_bounded(condition: Condition) -> Iterator[str]:
    """Pointers to numbers that a condition bounds from above alone: however far below zero, they would pass."""
    if isinstance(condition, Group):
        for each in (*condition.all_of, *condition.any_of):
            yield from half_bounded(each)
        return
    named = {"eq", "one_of", "gt", "gte"}.intersection(condition.operators)
    if not named and {"lt", "lte"}.intersection(condition.operators):
        yield condition.at


def _opposite(result: bool | None) -> bool | None:
    return None if result is None else not result


def _same(value: object, wanted: object) -> bool:
    """Equal, and of one kind: true is not 1."""
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
