"""Forms from JSON Schema: the fields of a value, and the value from what was sent back (`form_values`).

Whatever is read back from an untouched form is the value that it was made from: what a field could not give back as it
was, such as a text with characters that nobody sees, is shown as JSON that spells it. So is what the schema does not
take, and what lies too deep or is too much to be shown as fields.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import Final

from tillhand_dashboard.domain.exact_json import Json, number_text, written
from tillhand_dashboard.domain.form_fields import (
    ABSENT,
    Absent,
    Blank,
    Constraint,
    Control,
    Field,
    Value,
    below,
    label_of,
)
from tillhand_dashboard.domain.schema_reading import RAW, Schema, Shape, is_plain, shape_of, word

MOST_FIELDS: Final = 500
MOST_CONTROLS: Final = 800
"""Controls of a form, of those that are sent back; one of more is raw as a whole."""
MOST_ITEMS: Final = 200
MOST_ROWS: Final = 100
LONGEST_NUMBER: Final = 100
_LONGEST_TEXT: Final = 100_000
_ONE_LINE: Final = 80
_RULES: Final = (
    "minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems "
    "maxItems".split()
)
_FORMATS: Final[dict[str, Control]] = {"date": "date", "email": "email", "uri": "url"}


def form(schema: Schema, value: Value) -> Field:
    """The form of a value, which need not be one that the schema takes; its numbers are as `exact_json` reads them."""
    label = word(schema, "title")
    made = _Builder(schema).field("", schema, value, label=label, required=True, depth=0)
    controls = (len(each.values) + 1 for each in made.everything())
    return made if sum(islice(controls, MOST_CONTROLS + 1)) <= MOST_CONTROLS else raw(value, label)


def raw(value: Value, label: str = "") -> Field:
    """The form of one control that takes JSON."""
    return _raw("", RAW, value, label=label, required=True)


class _Builder:
    """Makes fields until there are too many; the others are raw."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._left = MOST_FIELDS

    def field(self, pointer: str, schema: Json, value: Value, *, label: str, required: bool, depth: int) -> Field:
        self._left -= 1
        shape = shape_of(schema, self._root, depth)
        if self._left < 0 or shape.kind == "raw" or not fits(shape, value):
            return _raw(pointer, shape, value, label=label, required=required)
        blanks = _blanks(shape, value, required=required)
        return Field(
            pointer=pointer,
            kind=_control(shape, value),
            label=label,
            help=word(shape.schema, "description"),
            required=required,
            constraints=_constraints(shape),
            default=_default(shape.schema),
            choices=shape.choices or (shape.item.choices if shape.item else ()),
            values=_texts(shape, value),
            fields=self._fields(pointer, shape, value, depth),
            blank=_blank(shape, value),
            blanks=blanks,
        )

    def _fields(self, pointer: str, shape: Shape, value: Value, depth: int) -> tuple[Field, ...]:
        if shape.kind == "group":
            return self._members(pointer, shape, value if isinstance(value, dict) else {}, depth)
        if shape.kind == "rows" and shape.item is not None:
            items = value if isinstance(value, list) else []
            return tuple(
                self._row(pointer, shape.item, each, number, depth) for number, each in enumerate([*items, ABSENT])
            )
        return ()

    def _members(self, pointer: str, shape: Shape, value: dict[str, Json], depth: int) -> tuple[Field, ...]:
        found = []
        names = set()
        for name, schema, required in shape.members:
            names.add(name)
            label = label_of(name, word(schema, "title") if isinstance(schema, dict) else "")
            member = value.get(name, ABSENT)
            found.append(
                self.field(below(pointer, name), schema, member, label=label, required=required, depth=depth + 1)
            )
        more: dict[str, Json] = {name: each for name, each in value.items() if name not in names}
        if more or shape.schema.get("additionalProperties") not in (None, False):
            texts = (written(more),) if more else ("",)
            found.append(Field(pointer, "raw", "Other members", values=texts, holds_more=True))
        return tuple(found)

    def _row(self, pointer: str, item: Shape, value: Value, number: int, depth: int) -> Field:
        self._left -= 1
        place = below(pointer, number)
        blanks: tuple[Blank, ...] = ("absent", "null", "given") if item.is_nullable else ("absent", "given")
        fields = self._members(place, item, value if isinstance(value, dict) else {}, depth + 1)
        label = f"{label_of('', word(item.schema, 'title') or 'Row')} {number + 1}"
        return Field(place, "group", label, fields=fields, blank=_blank(item, value), blanks=blanks)


def fits(shape: Shape, value: Value) -> bool:
    """Whether controls of this shape can hold the value and give it back as it is."""
    if isinstance(value, Absent):
        return True
    if value is None:
        return shape.is_nullable
    if isinstance(value, list):
        return shape.kind in ("list", "rows") and shape.item is not None and _items_fit(shape, shape.item, value)
    if isinstance(value, dict) or shape.kind == "group":
        return isinstance(value, dict) and shape.kind == "group"
    return _scalar_fits(shape, value)


def _items_fit(shape: Shape, item: Shape, value: list[Json]) -> bool:
    if shape.kind == "rows":
        return len(value) <= MOST_ROWS and all(fits(item, each) for each in value)
    return len(value) <= MOST_ITEMS and all(
        each is not None and each != "" and fits(item, each) and not (isinstance(each, str) and "\n" in each)
        for each in value
    )


def _scalar_fits(shape: Shape, value: Json) -> bool:
    if shape.kind == "choice":
        return written(value, indent=0) in {each.value for each in shape.choices}
    if shape.kind == "text":
        return isinstance(value, str) and len(value) <= _LONGEST_TEXT and value[:1] != "\n" and is_plain(value)
    if shape.kind == "boolean" or isinstance(value, bool):
        return shape.kind == "boolean" and isinstance(value, bool)
    if shape.kind not in ("integer", "number") or not isinstance(value, int | float | Decimal):
        return False
    return len(number_text(value)) <= LONGEST_NUMBER and Decimal(value).is_finite()


def _raw(pointer: str, shape: Shape, value: Value, *, label: str, required: bool) -> Field:
    return Field(
        pointer=pointer,
        kind="raw",
        label=label,
        help=word(shape.schema, "description"),
        required=required,
        default=_default(shape.schema),
        values=("" if isinstance(value, Absent) else written(value),),
    )


def _control(shape: Shape, value: Value) -> Control:
    """How it is shown; a control that a browser corrects by itself only where it holds nothing yet."""
    if shape.kind != "text":
        return shape.kind
    if not isinstance(value, str) or not value:
        return _FORMATS.get(word(shape.schema, "format"), "text")
    return "long_text" if "\n" in value or len(value) > _ONE_LINE else "text"


def _texts(shape: Shape, value: Value) -> tuple[str, ...]:
    if shape.kind == "group":
        return ()
    if shape.kind == "rows":
        return tuple(str(number) for number in range(len(value) + 1 if isinstance(value, list) else 1))
    if shape.kind == "list" and shape.item is not None:
        item = shape.item
        return tuple(_text(item, each) for each in value) if isinstance(value, list) else ()
    return ("" if isinstance(value, Absent) or value is None else _text(shape, value),)


def _text(shape: Shape, value: Json) -> str:
    return value if shape.kind == "text" and isinstance(value, str) else written(value, indent=0)


def _blank(shape: Shape, value: Value) -> Blank:
    if isinstance(value, Absent):
        return "absent"
    if value is None:
        return "null"
    if shape.kind == "group":
        return "given"
    return "empty" if shape.kind in ("text", "list", "rows") else "absent"


def _blanks(shape: Shape, value: Value, *, required: bool) -> tuple[Blank, ...]:
    possible: dict[Blank, bool] = {
        "absent": not required or isinstance(value, Absent),
        "null": shape.is_nullable,
        "empty": shape.kind in ("text", "list", "rows"),
        "given": shape.kind == "group",
    }
    return tuple(each for each, applies in possible.items() if applies)


def _constraints(shape: Shape) -> tuple[Constraint, ...]:
    """The rules of a field, and of each item of a list."""
    schemas = [shape.schema, *([shape.item.schema] if shape.kind == "list" and shape.item else [])]
    told = [(rule, schema[rule]) for schema in schemas for rule in _RULES if rule in schema]
    return tuple(
        Constraint(rule, said if isinstance(said, str) else written(said, indent=0))
        for rule, said in told
        if said is not None and not isinstance(said, list | dict)
    )


def _default(schema: Schema) -> str:
    return written(schema["default"], indent=0) if "default" in schema else ""
