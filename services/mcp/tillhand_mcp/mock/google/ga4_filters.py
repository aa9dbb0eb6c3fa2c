"""Filters of Analytics: expressions over a field, over the values of a row or the sums of a group."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.google.calls import check_names, invalid

T = TypeVar("T")
Predicate = Callable[[T], bool]
Reader = Callable[[str], Callable[[T], Any]]
PARTS: Final = ("andGroup", "orGroup", "notExpression", "filter")
TESTS: Final = ("stringFilter", "inListFilter", "numericFilter", "betweenFilter", "emptyFilter")
COMPARED: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "EQUAL": lambda value, wanted: value == wanted,
    "LESS_THAN": lambda value, wanted: value < wanted,
    "LESS_THAN_OR_EQUAL": lambda value, wanted: value <= wanted,
    "GREATER_THAN": lambda value, wanted: value > wanted,
    "GREATER_THAN_OR_EQUAL": lambda value, wanted: value >= wanted,
}
MATCHED: Final[dict[str, Callable[[str, str], bool]]] = {
    "EXACT": lambda value, wanted: value == wanted,
    "BEGINS_WITH": lambda value, wanted: value.startswith(wanted),
    "ENDS_WITH": lambda value, wanted: value.endswith(wanted),
    "CONTAINS": lambda value, wanted: wanted in value,
}


def predicate(content: Content, read: Reader[T]) -> Predicate[T]:
    """Return what an expression says of a row; `read` returns how a field is read, or refuses its name."""
    if not content:
        return lambda _: True
    part = _one_of(content, PARTS, "FilterExpression")
    if part == "notExpression":
        denied = predicate(content[part], read)
        return lambda row: not denied(row)
    if part == "filter":
        return _filter(content[part], read)
    check_names(content[part], {"expressions"}, part)
    expressions = [predicate(each, read) for each in _list(content[part], "expressions")]
    if not expressions:
        raise invalid(f"The {part} filter must contain at least one expression.")
    together = all if part == "andGroup" else any
    return lambda row: together(expression(row) for expression in expressions)


def _filter(content: Content, read: Reader[T]) -> Predicate[T]:
    check_names(content, {"fieldName", *TESTS}, "filter")
    field = read(str(content.get("fieldName", "")))
    name = _one_of({key: value for key, value in content.items() if key != "fieldName"}, TESTS, "Filter")
    if name == "emptyFilter":
        return lambda row: str(field(row)) in {"", "(not set)"}
    holds = _BUILDERS[name](content[name])
    return lambda row: holds(field(row))


def _one_of(content: Content, names: tuple[str, ...], message: str) -> str:
    check_names(content, names, message)
    if len(content) != 1:
        raise invalid(f"A {message} must have exactly one of {', '.join(names)}.")
    return str(next(iter(content)))


def _list(content: dict[str, Any], name: str) -> list[Any]:
    listed = content.get(name, [])
    if not isinstance(listed, list):
        raise invalid(f"Invalid value at '{name}'")
    return listed


def _string(content: Content) -> Callable[[Any], bool]:
    check_names(content, {"matchType", "value", "caseSensitive"}, "string_filter")
    kind, value, exact = content.get("matchType", "EXACT"), str(content.get("value", "")), content.get("caseSensitive")
    if kind in {"FULL_REGEXP", "PARTIAL_REGEXP"}:
        pattern = _pattern(value, exact=bool(exact))
        search = pattern.fullmatch if kind == "FULL_REGEXP" else pattern.search
        return lambda found: search(str(found)) is not None
    if kind == "MATCH_TYPE_UNSPECIFIED":
        kind = "EXACT"
    if kind not in MATCHED:
        raise invalid(f"Invalid value at 'string_filter.match_type', \"{kind}\"")
    matches = MATCHED[kind]
    if exact:
        return lambda found: matches(str(found), value)
    return lambda found: matches(str(found).casefold(), value.casefold())


def _pattern(value: str, *, exact: bool) -> re.Pattern[str]:
    try:
        return re.compile(value, 0 if exact else re.IGNORECASE)
    except re.error:
        raise invalid(f"The regular expression {value} is invalid.") from None


def _in_list(content: Content) -> Callable[[Any], bool]:
    check_names(content, {"values", "caseSensitive"}, "in_list_filter")
    values = [str(value) for value in _list(content, "values")]
    if not values:
        raise invalid("An inListFilter must contain at least one value.")
    if content.get("caseSensitive"):
        return frozenset(values).__contains__
    folded = frozenset(value.casefold() for value in values)
    return lambda found: str(found).casefold() in folded


def _numeric(content: Content) -> Callable[[Any], bool]:
    check_names(content, {"operation", "value"}, "numeric_filter")
    operation = content.get("operation", "")
    if operation not in COMPARED:
        raise invalid(f"Invalid value at 'numeric_filter.operation', \"{operation}\"")
    compared, wanted = COMPARED[operation], _number(content.get("value"))
    return lambda found: compared(_decimal(found), wanted)


def _between(content: Content) -> Callable[[Any], bool]:
    check_names(content, {"fromValue", "toValue"}, "between_filter")
    low, high = _number(content.get("fromValue")), _number(content.get("toValue"))
    return lambda found: low <= _decimal(found) <= high


def _number(content: Content) -> Decimal:
    name = _one_of(content, ("int64Value", "doubleValue"), "NumericValue")
    value = _decimal(content[name])
    if value.is_nan() or (name == "int64Value" and value != int(value)):
        raise invalid(f"Invalid value at 'value.{name}', {content[name]!r}")
    return value


def _decimal(value: Content) -> Decimal:
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")


_BUILDERS: Final[dict[str, Callable[[Content], Callable[[Any], bool]]]] = {
    "stringFilter": _string,
    "inListFilter": _in_list,
    "numericFilter": _numeric,
    "betweenFilter": _between,
}
