"""The fields that forms are made of, and the names of their controls.

A value stands under its JSON pointer, raw JSON under `json:` and members that no schema names under
`more:` before it. `blank:` says what a control that is left empty stands for, `rows:` which rows of a table there are,
and `remove:` that one of them goes.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from tillhand_dashboard.domain.exact_json import Json
from tillhand_dashboard.domain.schema_reading import Choice, Kind

Control = Kind | Literal["long_text", "date", "email", "url"]
Blank = Literal["absent", "null", "empty", "given"]
"""Nothing, null, an empty text or array, or a group whose members are all blank."""
JSON: Final = "json:"
MORE: Final = "more:"
BLANK: Final = "blank:"
ROWS: Final = "rows:"
REMOVE: Final = "remove:"
_TOLD: Final = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "fits the pattern {}",
    "format": "as {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
}


class Absent(enum.Enum):
    """What stands where no value does."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule of the schema, by its keyword, and what it says."""

    rule: str
    said: str

    @property
    def told(self) -> str:
        """What a person reads."""
        return _TOLD.get(self.rule, "{}").format(self.said)


@dataclass(frozen=True, slots=True)
class Field:
    """A field: where it is, how it is shown, what it holds now, and what may be entered.

    `values` are the texts of its controls, `fields` the members of a group or the rows of a table. `blank` is what it
    stands for now when it is left empty, `blanks` what else it could; one alone needs no choice.
    """

    pointer: str
    kind: Control
    label: str = ""
    help: str = ""
    required: bool = False
    constraints: tuple[Constraint, ...] = ()
    default: str = ""
    choices: tuple[Choice, ...] = ()
    values: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    blank: Blank = "absent"
    blanks: tuple[Blank, ...] = ()
    holds_more: bool = False

    @property
    def name(self) -> str:
        """The name of its controls."""
        if self.kind == "rows":
            return ROWS + self.pointer
        if self.kind != "raw":
            return self.pointer
        return (MORE if self.holds_more else JSON) + self.pointer

    @property
    def blank_name(self) -> str:
        """The name of the control that says what it stands for when it is left empty."""
        return BLANK + self.pointer

    @property
    def remove_name(self) -> str:
        """The name of the control that takes this row away."""
        return REMOVE + self.pointer

    def everything(self) -> Iterator[Field]:
        """The field and all within it."""
        yield self
        for each in self.fields:
            yield from each.everything()


def below(pointer: str, name: str | int) -> str:
    """The pointer to a member."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def label_of(name: str, title: str = "") -> str:
    """What a person reads: the title, or the name in words."""
    words = name.replace("_", " ").strip()
    return title or words[:1].upper() + words[1:]


Value = Json | Absent
