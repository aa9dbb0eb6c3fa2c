"""The rules of a schema that are checked while a person still looks at the form; the service checks all of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal
from typing import Final

from tillhand_dashboard.domain.exact_json import Json, number_text, written
from tillhand_dashboard.domain.schema_reading import Kind, Schema, Shape

Broken = tuple[str, str]
"""The keyword, and what is expected, as the end of a sentence that begins with the field."""
_TYPES: Final[Mapping[Kind, tuple[type, ...]]] = {
    "text": (str,),
    "integer": (int, float, Decimal),
    "number": (int, float, Decimal),
    "boolean": (bool,),
    "group": (dict,),
    "list": (list,),
    "rows": (list,),
}
_EXPECTED: Final[Mapping[Kind, str]] = {
    "text": "must be a text",
    "integer": "must be a whole number",
    "number": "must be a number",
    "boolean": "must be true or false",
    "choice": "must be one of those that are offered",
    "group": "must be a JSON object",
    "list": "must be a JSON array",
    "rows": "must be a JSON array",
}
_EXACT: Final = Context(prec=400)
_MOST_DIGITS: Final = 300
"""Digits between the first of a number and the last of its divisor."""


def broken_rules(shape: Shape, value: Json) -> Iterator[Broken]:
    """The rules that a value breaks, whichever way it was entered; what has no field of its own is not judged."""
    if value is None:
        if not shape.is_nullable and shape.kind != "raw":
            yield "type", "must not be null"
    elif not _is_of_kind(shape, value):
        yield ("enum" if shape.kind == "choice" else "type"), _EXPECTED[shape.kind]
    elif isinstance(value, str) and shape.kind == "text":
        yield from _sizes(shape.schema, len(value), ("minLength", "maxLength"), "characters")
    elif isinstance(value, list) and shape.kind != "raw":
        yield from _list_rules(shape.schema, value)
    elif isinstance(value, int | float | Decimal) and shape.kind in ("integer", "number"):
        yield from _number_rules(shape, Decimal(number_text(value)))


def _is_of_kind(shape: Shape, value: Json) -> bool:
    if shape.kind == "choice":
        return written(value, indent=0) in {each.value for each in shape.choices}
    if isinstance(value, bool):
        return shape.kind in ("boolean", "raw")
    return shape.kind == "raw" or isinstance(value, _TYPES[shape.kind])


def _list_rules(schema: Schema, value: list[Json]) -> Iterator[Broken]:
    yield from _sizes(schema, len(value), ("minItems", "maxItems"), "items")
    if schema.get("uniqueItems") is True and len({written(each, indent=0) for each in value}) < len(value):
        yield "uniqueItems", "must not hold an item twice"


def _sizes(schema: Schema, size: int, rules: tuple[str, str], unit: str) -> Iterator[Broken]:
    least, most = (_bound(schema, rule) for rule in rules)
    if least is not None and size < least:
        yield rules[0], f"must have at least {least} {unit}"
    if most is not None and size > most:
        yield rules[1], f"must have at most {most} {unit}"


def _number_rules(shape: Shape, value: Decimal) -> Iterator[Broken]:
    if shape.kind == "integer" and value != value.to_integral_value():
        yield "type", "must be a whole number"
    for rule, (breaks, expected) in _BOUNDS.items():
        bound = _bound(shape.schema, rule)
        if bound is not None and breaks(value, bound):
            yield rule, f"{expected} {bound}"


def _leaves_rest(value: Decimal, divisor: Decimal) -> bool:
    if divisor <= 0 or (value and value.adjusted() - divisor.adjusted() > _MOST_DIGITS):
        return False
    return _EXACT.remainder(value, divisor) != 0


def _bound(schema: Schema, rule: str) -> Decimal | None:
    said = schema.get(rule)
    if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
        return None
    bound = Decimal(number_text(said))
    return bound if bound.is_finite() else None


_BOUNDS: Final[Mapping[str, tuple[Callable[[Decimal, Decimal], bool], str]]] = {
    "minimum": (operator.lt, "must be at least"),
    "maximum": (operator.gt, "must be at most"),
    "exclusiveMinimum": (operator.le, "must be more than"),
    "exclusiveMaximum": (operator.ge, "must be less than"),
    "multipleOf": (_leaves_rest, "must be a multiple of"),
}
