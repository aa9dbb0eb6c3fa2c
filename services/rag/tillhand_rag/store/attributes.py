"""Attributes of a collection's documents in columns: a filter becomes a mask over documents in microseconds.

A column holds, for each document, the number of its value in the column's table of distinct values. A condition is
decided once per distinct value, by the same rules as `domain.filters.matches`, and spread over the documents by one
gather.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.filters import Condition, Filter

Mask = NDArray[np.bool_]
_Kind = Literal["text", "number", "bool"]

_ABSENT: Final = 0
_EXACT_INTEGERS: Final = 2**53
_REBUILD_SLACK: Final = 1_024
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class AttributeColumns:
    """Columns over document slots, which the owner numbers from 0 and may use again. Not thread-safe."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._held: dict[int, tuple[str, ...]] = {}

    def put(self, slot: int, fields: Mapping[str, AttributeValue]) -> None:
        """Give a slot these fields and no others."""
        self.remove(slot)
        for name, value in fields.items():
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = _Column()
            column.put(slot, value)
        self._held[slot] = tuple(fields)

    def remove(self, slot: int) -> None:
        """Take all fields from a slot."""
        for name in self._held.pop(slot, ()):
            column = self._columns[name]
            column.clear(slot)
            if not column.used:
                del self._columns[name]

    def mask(self, conditions: Filter, slots: int) -> Mask:
        """Which of the first `slots` slots pass all conditions; an empty slot has no attribute at all."""
        passing = np.ones(slots, dtype=np.bool_)
        for condition in conditions:
            column = self._columns.get(condition.attribute)
            passing &= _absent_passes(condition) if column is None else column.mask(condition, slots)
        return passing

    def distinct(self, name: str) -> int:
        """How many values the column of an attribute knows, those that no slot holds any more included."""
        column = self._columns.get(name)
        return 0 if column is None else len(column)


class _Column:
    """One attribute: a code per slot, and what each code stands for. Code 0 is "absent"."""

    def __init__(self) -> None:
        self.used = 0
        self._codes = np.zeros(64, dtype=np.int32)
        self._values: list[AttributeValue | None] = [None]
        self._code_of: dict[tuple[_Kind, AttributeValue], int] = {}
        self._numbers: _Numbers | None = None

    def __len__(self) -> int:
        return len(self._code_of)

    def put(self, slot: int, value: AttributeValue) -> None:
        if slot >= len(self._codes):
            self._codes = np.concatenate([self._codes, np.zeros(max(slot, len(self._codes)), dtype=np.int32)])
        if len(self._values) > 2 * self.used + _REBUILD_SLACK:
            self._rebuild()
        self._codes[slot] = self._code(value)
        self.used += 1

    def clear(self, slot: int) -> None:
        self._codes[slot] = _ABSENT
        self.used -= 1

    def mask(self, condition: Condition, slots: int) -> Mask:
        passing = np.zeros(len(self._values), dtype=np.bool_)
        passing[0] = _absent_passes(condition)
        self._decide(condition, passing)
        known = passing[self._codes[:slots]]
        if len(known) == slots:
            return known
        return np.concatenate([known, np.full(slots - len(known), passing[0])])

    def _decide(self, condition: Condition, passing: Mask) -> None:
        """Set `passing` for every code but 0."""
        if condition.operator == "exists":
            passing[1:] = condition.value is True
        elif condition.operator in {"eq", "in", "ne", "nin"}:
            wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            passing[1:] = condition.operator in {"ne", "nin"}
            codes = [code for value in wanted if (code := self._code_of.get(_identity(value))) is not None]
            passing[codes] = condition.operator in {"eq", "in"}
        elif not isinstance(condition.value, tuple):
            self._compare(_COMPARISONS[condition.operator], condition.value, passing)

    def _compare(self, compare: Callable[[Any, Any], bool], bound: AttributeValue, passing: Mask) -> None:
        kind = _kind(bound)
        if kind != "number":
            for (known, value), code in self._code_of.items():
                passing[code] = known == kind and compare(value, bound)
            return
        if self._numbers is None:
            self._numbers = _Numbers(self._code_of)
        self._numbers.compare(compare, bound, passing)

    def _code(self, value: AttributeValue) -> int:
        identity = _identity(value)
        code = self._code_of.get(identity)
        if code is None:
            code = self._code_of[identity] = len(self._values)
            self._values.append(value)
            self._numbers = None
        return code

    def _rebuild(self) -> None:
        """Forget values that no slot holds any more."""
        values, codes = self._values, self._codes
        self._values, self._code_of, self._numbers = [None], {}, None
        self._codes = np.zeros(len(codes), dtype=np.int32)
        for slot in np.flatnonzero(codes):
            value = values[codes[slot]]
            if value is not None:
                self._codes[slot] = self._code(value)


class _Numbers:
    """The distinct numbers of a column as floats; integers that no float can hold are compared one by one."""

    def __init__(self, code_of: Mapping[tuple[_Kind, AttributeValue], int]) -> None:
        numbers = [(value, code) for (kind, value), code in code_of.items() if kind == "number"]
        plain = [(float(value), code) for value, code in numbers if _is_exact(value)]
        self._large = [(value, code) for value, code in numbers if not _is_exact(value)]
        self._values = np.array([value for value, _ in plain], dtype=np.float64)
        self._codes = np.array([code for _, code in plain], dtype=np.int64)

    def compare(self, compare: Callable[[Any, Any], bool], bound: AttributeValue, passing: Mask) -> None:
        if _is_exact(bound):
            passing[self._codes] = compare(self._values, float(bound))
        else:
            for value, code in zip(self._values.tolist(), self._codes.tolist(), strict=True):
                passing[code] = compare(value, bound)
        for large, code in self._large:
            passing[code] = compare(large, bound)


def _is_exact(value: AttributeValue) -> bool:
    return isinstance(value, float) or abs(int(value)) <= _EXACT_INTEGERS


def _absent_passes(condition: Condition) -> bool:
    if condition.operator == "exists":
        return condition.value is False
    return condition.operator in {"ne", "nin"}


def _kind(value: AttributeValue) -> _Kind:
    if isinstance(value, bool):
        return "bool"
    return "text" if isinstance(value, str) else "number"


def _identity(value: AttributeValue) -> tuple[_Kind, AttributeValue]:
    """Equal values of one kind have equal identities: 1 and 1.0 do, 1 and True do not."""
    return _kind(value), value
