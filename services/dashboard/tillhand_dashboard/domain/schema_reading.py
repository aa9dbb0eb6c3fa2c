"""What a JSON Schema (2020-12) says of a value, as far as a form can show it; the rest is raw JSON.

A schema comes from whoever registered a tool: nothing in it is relied upon to be of the right type or size. References
within the document are followed, others are not. Patterns are never matched here: they are hints, and what has been
entered is judged by the service that runs the tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from tillhand_dashboard.domain.characters import hidden
from tillhand_dashboard.domain.exact_json import Json, written

Kind = Literal["text", "integer", "number", "boolean", "choice", "group", "list", "rows", "raw"]
Schema = dict[str, Json]
DEEPEST: Final = 6
"""Levels of groups; what lies deeper is raw."""
MOST_MEMBERS: Final = 100
MOST_CHOICES: Final = 500
_LONGEST_NAME: Final = 200
_HOPS: Final = 16
_SCALARS: Final[Mapping[str, Kind]] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}
_IS_NULL: Final = ({"type": "null"}, {"const": None}, {"enum": [None]})


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values: its JSON text, and what a person reads."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value looks like in a form. `item` is the shape of each item of a `list` or of `rows`."""

    kind: Kind
    schema: Schema = field(default_factory=dict)
    is_nullable: bool = False
    choices: tuple[Choice, ...] = ()
    item: Shape | None = None

    @property
    def members(self) -> Iterator[tuple[str, Json, bool]]:
        """The members of a group: name, schema, and whether it is required."""
        properties, required = self.schema.get("properties"), self.schema.get("required")
        names = [each for each in required if isinstance(each, str)] if isinstance(required, list) else []
        needed = frozenset(names)
        if isinstance(properties, dict):
            yield from ((name, each, name in needed) for name, each in properties.items())


RAW: Final = Shape("raw")


def shape_of(schema: Json, root: Schema, depth: int = 0) -> Shape:
    """The shape of what this schema, which stands in that document, takes."""
    resolved = _resolved(schema, root)
    if resolved is None:
        return RAW
    core, is_nullable = _without_null(resolved, root)
    if core is None:
        return RAW
    choices = _choices(core)
    if choices is not None:
        return _choice(core, choices, is_nullable=is_nullable)
    return _by_type(core, root, depth, is_nullable=is_nullable)


def word(schema: Schema, keyword: str) -> str:
    """What a keyword says, if that is a text."""
    said = schema.get(keyword)
    return said if isinstance(said, str) else ""


def is_plain(text: str) -> bool:
    """Whether a person sees all that is in a text."""
    return (text.isascii() and text.isprintable()) or all(hidden(text, at) is None for at in range(len(text)))


def _by_type(core: Schema, root: Schema, depth: int, *, is_nullable: bool) -> Shape:
    told = core.get("type")
    if isinstance(told, str) and told in _SCALARS:
        return Shape(_SCALARS[told], core, is_nullable)
    if depth < DEEPEST and told == "object" and _is_group(core):
        return Shape("group", core, is_nullable)
    if depth < DEEPEST and told == "array" and "prefixItems" not in core:
        return _array(core, root, depth, is_nullable=is_nullable)
    return Shape("raw", core, is_nullable)


def _resolved(schema: Json, root: Schema) -> Schema | None:
    """The schema without a reference at its top; what stands beside one is added to what it leads to."""
    beside: dict[str, Json] = {}
    for _ in range(_HOPS):
        if not isinstance(schema, dict):
            return None
        beside = {**schema, **beside}
        reference = beside.pop("$ref", None)
        if reference is None:
            return beside
        schema = _target(reference, root)
    return None


def _target(reference: Json, root: Schema) -> Json:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    found: Json = dict(root)
    for part in reference.removeprefix("#/").split("/")[:_HOPS]:
        if not isinstance(found, dict):
            return None
        found = found.get(part.replace("~1", "/").replace("~0", "~"))
    return found


def _without_null(schema: Schema, root: Schema) -> tuple[Schema | None, bool]:
    """The schema of what is not null, and whether null is taken too."""
    told = schema.get("type")
    if isinstance(told, list):
        others = [each for each in told if each != "null"]
        return ({**schema, "type": others[0]} if len(others) == 1 else None), len(others) < len(told)
    for keyword in ("anyOf", "oneOf"):
        among = schema.get(keyword)
        if isinstance(among, list) and any(each in _IS_NULL for each in among):
            others = [each for each in among if each not in _IS_NULL]
            rest = {name: each for name, each in schema.items() if name != keyword}
            if len(others) > 1:
                return {**rest, keyword: others}, True
            inner = _resolved(others[0], root) if others else None
            return ({**inner, **rest} if inner is not None else None), True
    return schema, False


def _choices(schema: Schema) -> list[tuple[Json, str]] | None:
    """The values that are possible and what they are called; None where the schema lists none."""
    if "const" in schema:
        return [(schema["const"], "")]
    listed = schema.get("enum")
    if isinstance(listed, list):
        return [(each, "") for each in listed]
    for keyword in ("oneOf", "anyOf"):
        among = schema.get(keyword)
        if isinstance(among, list) and among:
            found = [
                (each["const"], word(each, "title")) for each in among if isinstance(each, dict) and "const" in each
            ]
            if len(found) == len(among):
                return found
    return None


def _choice(schema: Schema, choices: list[tuple[Json, str]], *, is_nullable: bool) -> Shape:
    """A choice among what a person can tell apart; null is none of the choices, but what no choice stands for."""
    taken = [
        (written(value, indent=0), value, label) for value, label in choices[: MOST_CHOICES + 1] if value is not None
    ]
    texts = {text for text, _, _ in taken}
    if not taken or len(choices) > MOST_CHOICES or len(texts) < len(taken):
        return Shape("raw", schema, is_nullable)
    made = tuple(
        Choice(text, label or (value if isinstance(value, str) and value else text)) for text, value, label in taken
    )
    return Shape("choice", schema, is_nullable or len(taken) < len(choices), made)


def _is_group(schema: Schema) -> bool:
    properties = schema.get("properties")
    return (
        isinstance(properties, dict)
        and 0 < len(properties) <= MOST_MEMBERS
        and all(len(name) <= _LONGEST_NAME and is_plain(name) and "\n" not in name for name in properties)
    )


def _array(schema: Schema, root: Schema, depth: int, *, is_nullable: bool) -> Shape:
    item = shape_of(schema.get("items"), root, depth + 1)
    if item.kind in ("raw", "list", "rows"):
        return Shape("raw", schema, is_nullable)
    return Shape("rows" if item.kind == "group" else "list", schema, is_nullable, item=item)
