"""Filters of Search Console, and the words that it takes in capitals or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.google.calls import check_names, invalid

FILTERED: Final = ("QUERY", "PAGE", "COUNTRY", "DEVICE", "SEARCH_APPEARANCE")
OPERATORS: Final = ("EQUALS", "NOT_EQUALS", "CONTAINS", "NOT_CONTAINS", "INCLUDING_REGEX", "EXCLUDING_REGEX")
CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
Test = tuple[str, Callable[[str], bool]]


def upper(value: Content, known: Sequence[str], field: str) -> str:
    """Return a word as the discovery document has it: `notEquals` and `NOT_EQUALS` are the same."""
    word = CAPITAL.sub("_", value).upper() if isinstance(value, str) else ""
    if word not in known:
        raise invalid(f"Invalid value at '{field}', \"{value}\"", "invalidParameter")
    return word


def filters(groups: Content) -> tuple[Test, ...]:
    """Return what must hold of a row: all filters of all groups."""
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise invalid("Invalid value at 'dimension_filter_groups'", "invalidParameter")
    tests: list[Test] = []
    for group in groups:
        check_names(group, {"groupType", "filters"}, "dimension_filter_groups")
        upper(group.get("groupType") or "AND", ("AND",), "group_type")
        tests += [_test(each) for each in _list(group.get("filters", []))]
    return tuple(tests)


def _list(content: Content) -> list[Any]:
    if not isinstance(content, list):
        raise invalid("Invalid value at 'filters'", "invalidParameter")
    return content


def _test(content: Content) -> Test:
    check_names(content, {"dimension", "operator", "expression"}, "filters")
    dimension = upper(content.get("dimension"), FILTERED, "dimension")
    operator = upper(content.get("operator") or "EQUALS", OPERATORS, "operator")
    expression = str(content.get("expression", ""))
    holds = _holds(dimension, operator, expression)
    if operator in {"NOT_EQUALS", "NOT_CONTAINS", "EXCLUDING_REGEX"}:
        return dimension, lambda value: not holds(value)
    return dimension, holds


def _holds(dimension: str, operator: str, expression: str) -> Callable[[str], bool]:
    if operator.endswith("REGEX"):
        try:
            pattern = re.compile(expression)
        except re.error:
            raise invalid(f"Invalid regular expression: {expression}", "invalidParameter") from None
        return lambda value: pattern.search(value) is not None
    if operator.endswith("CONTAINS"):
        folded = expression.casefold()
        return lambda value: folded in value.casefold()
    if dimension in {"COUNTRY", "DEVICE"}:
        folded = expression.casefold()
        return lambda value: value.casefold() == folded
    return lambda value: value == expression
