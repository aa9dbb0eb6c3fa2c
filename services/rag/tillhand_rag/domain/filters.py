"""Filters over document attributes: what may be asked, and whether a document answers it."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tillhand_rag.domain.documents import AttributeValue

Operator = Literal["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "exists"]
OPERATORS: tuple[Operator, ...] = ("eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "exists")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `value` is a list for `in` and `nin`, a bool for `exists`, a number or string otherwise."""

    attribute: str
    operator: Operator
    value: AttributeValue | tuple[AttributeValue, ...]


_COMPARISONS: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    "gt": operators.gt,
    "gte": operators.ge,
    "lt": operators.lt,
    "lte": operators.le,
}

Filter = Sequence[Condition]
"""All conditions must hold. An absent attribute fails every operator but `ne`, `nin` and `exists: false`."""


def matches(conditions: Filter, attributes: Mapping[str, AttributeValue]) -> bool:
    """Whether a document with these attributes passes: the reference that every faster path must agree with."""
    return all(_holds(condition, attributes.get(condition.attribute)) for condition in conditions)


def _holds(condition: Condition, actual: AttributeValue | None) -> bool:
    if condition.operator == "exists":
        return (actual is not None) == condition.value
    if actual is None:
        return condition.operator in {"ne", "nin"}
    if condition.operator in {"eq", "ne", "in", "nin"}:
        wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        found = any(_same(actual, value) for value in wanted)
        return found == (condition.operator in {"eq", "in"})
    return not isinstance(condition.value, tuple) and _ordered(condition.operator, actual, condition.value)


def _kind(value: AttributeValue) -> str:
    if isinstance(value, bool):
        return "bool"
    return "text" if isinstance(value, str) else "number"


def _same(actual: AttributeValue, wanted: AttributeValue) -> bool:
    return _kind(actual) == _kind(wanted) and actual == wanted


def _ordered(operator: Operator, actual: AttributeValue, bound: AttributeValue) -> bool:
    if _kind(actual) != _kind(bound):
        return False
    return _COMPARISONS[operator](actual, bound)
