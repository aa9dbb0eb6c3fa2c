"""The value that a sent form stands for, and what is wrong with it, field by field.

What is sent is read by the schema: names that it does not know are ignored, and only what was sent is gone into, so
that the work grows with the form and not with what a schema could describe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tillhand_dashboard.domain.exact_json import Json, Malformed, parsed
from tillhand_dashboard.domain.form_fields import (
    ABSENT,
    BLANK,
    JSON,
    MORE,
    REMOVE,
    ROWS,
    Absent,
    Value,
    below,
    label_of,
)
from tillhand_dashboard.domain.form_rules import broken_rules
from tillhand_dashboard.domain.schema_forms import LONGEST_NUMBER, MOST_ITEMS, MOST_ROWS
from tillhand_dashboard.domain.schema_reading import DEEPEST, Schema, Shape, shape_of, word

MOST_ERRORS: Final = 50
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?")
_MOST_LEVELS: Final = 2 * DEEPEST + 2
"""Parts of a pointer that a form can have: a row is one of its own."""
_MOST_TEXTS: Final = 1_000
"""Texts of one name that are looked at."""
Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with a field: where, which rule is broken, and a sentence that names the field."""

    pointer: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadForm:
    """The value, and at most 50 errors; where there are some, it may lack what could not be read."""

    value: Json
    errors: tuple[FieldError, ...] = ()


def values(schema: Schema, sent: Sent) -> ReadForm:
    """The value that was sent: names of controls, as of `form_fields`, and their texts in order."""
    reader = _Reader(schema, sent)
    value = reader.read("", schema, label=word(schema, "title") or "The arguments", required=True, depth=0)
    return ReadForm({} if isinstance(value, Absent) else value, tuple(reader.errors))


def is_filled(pointer: str, sent: Sent) -> bool:
    """Whether something was entered in this group, or chosen to be other than absent."""
    return pointer in _filled(sent)


class _Reader:
    """Reads a value by its schema, and keeps what is wrong."""

    def __init__(self, root: Schema, sent: Sent) -> None:
        self._root = root
        self._sent = sent
        self._filled = _filled(sent)
        self.errors: list[FieldError] = []

    def read(self, pointer: str, schema: Json, *, label: str, required: bool, depth: int) -> Value:
        shape = shape_of(schema, self._root, depth)
        if JSON + pointer in self._sent:
            value = self._raw(JSON + pointer, pointer, label)
        else:
            value = self._shaped(pointer, shape, label, required=required, depth=depth)
        if isinstance(value, Absent):
            if required and not any(each.pointer == pointer for each in self.errors):
                self._wrong(pointer, "required", f"{label} is required")
        else:
            for rule, expected in broken_rules(shape, value):
                self._wrong(pointer, rule, f"{label} {expected}")
        return value

    def _shaped(self, pointer: str, shape: Shape, label: str, *, required: bool, depth: int) -> Value:
        if shape.kind == "group":
            blank = self._first(BLANK + pointer) or ("given" if pointer == "" else "absent")
            if pointer in self._filled or blank == "given":
                return self._group(pointer, shape, depth)
            return None if blank == "null" else ABSENT
        found = self._array(pointer, shape, label, depth) if shape.item else self._scalar(pointer, shape, label)
        if not isinstance(found, Absent):
            return found
        can_be_empty = shape.kind in ("text", "list", "rows")
        blank = self._first(BLANK + pointer) or ("empty" if required and can_be_empty else "absent")
        if blank == "empty" and can_be_empty:
            return "" if shape.kind == "text" else []
        return None if blank == "null" else ABSENT

    def _group(self, pointer: str, shape: Shape, depth: int) -> dict[str, Json]:
        found: dict[str, Json] = {}
        names = set()
        for name, schema, required in shape.members:
            names.add(name)
            label = label_of(name, word(schema, "title") if isinstance(schema, dict) else "")
            value = self.read(below(pointer, name), schema, label=label, required=required, depth=depth + 1)
            if not isinstance(value, Absent):
                found[name] = value
        return {**found, **self._more(pointer, names)}

    def _more(self, pointer: str, names: set[str]) -> dict[str, Json]:
        more = self._raw(MORE + pointer, pointer, "Other members")
        if isinstance(more, Absent):
            return {}
        if not isinstance(more, dict):
            self._wrong(pointer, "json", "Other members must be a JSON object")
            return {}
        if not names.isdisjoint(more):
            self._wrong(pointer, "json", "Other members must not name what has a field of its own")
            return {}
        return more

    def _array(self, pointer: str, shape: Shape, label: str, depth: int) -> Value:
        if shape.item is None:
            return ABSENT
        rows = shape.kind == "rows"
        found = self._rows(pointer, shape.item, label, depth) if rows else self._items(pointer, shape.item, label)
        return list(found) or ABSENT

    def _rows(self, pointer: str, item: Shape, label: str, depth: int) -> Iterator[Json]:
        numbers = [each for each in dict.fromkeys(self._texts(ROWS + pointer)) if is_number(each)]
        if len(numbers) > MOST_ROWS + 1:
            self._wrong(pointer, "maxItems", f"{label} must have at most {MOST_ROWS} rows here")
        for number in numbers[: MOST_ROWS + 1]:
            place = below(pointer, number)
            blank = self._first(BLANK + place)
            if self._first(REMOVE + place):
                continue
            if place in self._filled or blank == "given":
                yield self._group(place, item, depth + 1)
            elif blank == "null":
                yield None

    def _items(self, pointer: str, item: Shape, label: str) -> Iterator[Json]:
        texts = [each for each in self._texts(pointer) if each]
        if len(texts) > MOST_ITEMS:
            self._wrong(pointer, "maxItems", f"{label} must have at most {MOST_ITEMS} items here")
        for number, text in enumerate(texts[:MOST_ITEMS]):
            named = f"{label}, item {number + 1},"
            value = self._entered(below(pointer, number), item, text, named)
            if isinstance(value, Absent):
                continue
            yield value
            for rule, expected in broken_rules(item, value):
                self._wrong(below(pointer, number), rule, f"{named} {expected}")

    def _scalar(self, pointer: str, shape: Shape, label: str) -> Value:
        text = "" if shape.kind == "raw" else self._first(pointer)
        return self._entered(pointer, shape, text, label) if text else ABSENT

    def _entered(self, pointer: str, shape: Shape, text: str, label: str) -> Value:
        """The value that a text stands for; what cannot be read is an error, and no value."""
        if shape.kind == "text":
            return text.replace("\r\n", "\n")
        if shape.kind in ("integer", "number"):
            number = _number(text)
            if number is None:
                self._wrong(pointer, "type", f"{label} must be a number, such as 12.5")
            return ABSENT if number is None else number
        choices = ["true", "false"] if shape.kind == "boolean" else [each.value for each in shape.choices]
        value = parsed(text) if text in choices else ABSENT
        if isinstance(value, Absent | Malformed):
            self._wrong(pointer, "enum", f"{label} must be one of those that are offered")
            return ABSENT
        return value

    def _raw(self, name: str, pointer: str, label: str) -> Value:
        text = self._first(name)
        if not text.strip():
            return ABSENT
        value = parsed(text)
        if isinstance(value, Malformed):
            self._wrong(pointer, "json", f"{label} {value.message}")
            return ABSENT
        return value

    def _first(self, name: str) -> str:
        return next(iter(self._texts(name)), "")

    def _texts(self, name: str) -> Sequence[str]:
        return self._sent.get(name, ())[:_MOST_TEXTS]

    def _wrong(self, pointer: str, rule: str, message: str) -> None:
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(FieldError(pointer, rule, message))


def _filled(sent: Sent) -> frozenset[str]:
    """The pointers of all groups in which something was entered, or chosen to be other than absent."""
    found: set[str] = set()
    for name, texts in sent.items():
        prefix = next((each for each in (JSON, MORE, BLANK) if name.startswith(each)), "")
        nothing = ("", "absent") if prefix == BLANK else ("",)
        pointer = name.removeprefix(prefix)
        if pointer.count("/") > _MOST_LEVELS or all(each in nothing for each in texts):
            continue
        if prefix == MORE:
            found.add(pointer)
        while pointer:
            pointer = pointer.rpartition("/")[0]
            found.add(pointer)
    return frozenset(found)


def is_number(text: str) -> bool:
    """Whether it is the number of a row, as a form spells it."""
    return text.isascii() and text.isdigit() and str(int(text[:6])) == text


def _number(text: str) -> int | Decimal | None:
    written = text.strip()
    if len(written) > LONGEST_NUMBER or not _NUMBER.fullmatch(written):
        return None
    is_whole = written.removeprefix("-").isdigit() and written != "-0"
    return int(written) if is_whole else Decimal(written)
