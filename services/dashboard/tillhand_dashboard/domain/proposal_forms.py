"""The arguments of a tool as a form, after its schema; as JSON where a form cannot say it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["text", "lines", "whole", "number", "choice", "yes-no"]
_KINDS: Final[Mapping[str, Kind]] = {"string": "text", "integer": "whole", "number": "number", "boolean": "yes-no"}
_SUBSET: Final = frozenset(
    {"type", "properties", "required", "additionalProperties", "title", "description", "$schema"}
)
_MEMBER: Final = frozenset(
    "type title description enum minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength "
    "pattern format default examples".split()
)
_LINES_AT: Final = 80


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: `name` in the schema, its value as text, and what may be chosen."""

    name: str
    label: str
    kind: Kind
    value: str
    hint: str
    required: bool
    choices: Sequence[str] = ()
    wrong: str = ""


class UnreadableForm(ValueError):
    """A field does not hold what it should; `name` says which, "" for JSON."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def fields(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> Sequence[Field] | None:
    """The form; None where the schema says more than a form can, or the arguments hold more than the schema."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not schema.keys() <= _SUBSET or not arguments.keys() <= properties.keys():
        return None
    required = schema.get("required", ())
    made = [_field(name, about, arguments, name in required) for name, about in properties.items()]
    found = [each for each in made if each is not None]
    return found if len(found) == len(made) else None


def read(form: Sequence[Field], given: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that a filled-in form says. Raises `UnreadableForm`."""
    arguments: dict[str, Any] = {}
    for each in form:
        text = given.get(each.name, "").replace("\r\n", "\n")
        if text == "" and not each.required and before.get(each.name) != "":
            continue
        arguments[each.name] = _read(each, text)
    return arguments


def read_json(text: str) -> dict[str, Any]:
    """The arguments that JSON says. Raises `UnreadableForm`."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableForm("", f"This is not JSON{where}.") from error
    if not isinstance(found, dict):
        raise UnreadableForm("", "Arguments are a JSON object: { … }.")
    return found


def written(arguments: Mapping[str, Any]) -> str:
    """Arguments as JSON that people can edit."""
    return json.dumps(arguments, ensure_ascii=False, indent=2)


def _field(
    name: str, about: object, arguments: Mapping[str, Any], required: bool
) -> Field | None:  # the schema's own word
    if not isinstance(about, Mapping) or not about.keys() <= _MEMBER:
        return None
    choices = about.get("enum", ())
    kind = _KINDS.get(str(about.get("type")))
    value = arguments.get(name)
    if kind is None or isinstance(value, Mapping | list) or not all(isinstance(each, str) for each in choices):
        return None
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    if choices:
        kind = "choice"
    elif kind == "text" and (len(text) > _LINES_AT or "\n" in text):
        kind = "lines"
    label = str(about.get("title") or name.replace("_", " "))
    return Field(name, label, kind, text, str(about.get("description", "")), required, choices)


def _read(field: Field, text: str) -> object:
    if field.kind in {"text", "lines", "choice"}:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if field.kind == "yes-no":
        fits, wrong = isinstance(value, bool), "Yes or no?"
    else:
        kinds = int if field.kind == "whole" else int | float
        fits = isinstance(value, kinds) and not isinstance(value, bool)
        wrong = "This is no whole number." if field.kind == "whole" else "This is no number."
    if not fits:
        raise UnreadableForm(field.name, wrong)
    return value
