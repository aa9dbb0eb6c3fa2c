"""Whether a schema of arguments can be used: JSON Schema 2020-12 that stands alone and always comes to an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final
from urllib.parse import unquote

from jsonschema import Draft202012Validator, SchemaError

from tillhand_approvals.domain import patterns
from tillhand_approvals.domain.canonical import canonical, escaped, json_faults
from tillhand_approvals.domain.tools.faults import Fault

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
LARGEST: Final = 64 * 1024
"""Bytes of a schema in its canonical form."""
_ONE: Final = frozenset(
    "additionalProperties unevaluatedProperties unevaluatedItems items contains propertyNames not if then else".split()
)
_LISTS: Final = frozenset("allOf anyOf oneOf prefixItems".split())
_NAMED: Final = frozenset("properties patternProperties $defs definitions dependentSchemas".split())
_IN_PLACE: Final = frozenset("allOf anyOf oneOf not if then else dependentSchemas".split())
"""Keywords whose schemas are about the same value, not about something in it."""
_REFUSED: Final = {
    "$dynamicRef": "is not taken: use $ref",
    "$recursiveRef": "is not taken: use $ref",
    "$dynamicAnchor": "is not taken: use $defs",
    "$anchor": "is not taken: refer to #/$defs/<name>",
}
NO_PATTERN: Final = "is no pattern that is taken here: RE2's syntax, without look-around and back references"
_Schemas = Mapping[str, Mapping[str, Any]]


def schema_faults(schema: Mapping[str, Any]) -> list[Fault]:
    """Why this schema cannot be used; nothing where it can. Pointers begin with `/schema`."""
    for pointer, message in json_faults(schema):
        return [Fault(f"/schema{pointer}", message)]
    if len(canonical(schema)) > LARGEST:
        return [Fault("/schema", f"is larger than {LARGEST} bytes")]
    return [Fault(f"/schema{each.pointer}", each.message) for each in _root_faults(schema)]


def _root_faults(schema: Mapping[str, Any]) -> list[Fault]:
    if str(schema.get("$schema", DIALECT)).rstrip("#") != DIALECT:
        return [Fault("/$schema", "must be JSON Schema 2020-12, or be left out")]
    try:
        Draft202012Validator.check_schema(schema, format_checker=None)  # patterns are looked at below
    except SchemaError as error:
        place = "".join(f"/{escaped(part)}" for part in error.absolute_path)
        return [Fault(place, f"is no JSON Schema 2020-12 (its {error.validator} fails)")]
    schemas = dict(_within(schema, ""))
    faults = [] if schema.get("type") == "object" else [Fault("/type", 'must be "object": arguments have names')]
    for pointer, each in schemas.items():
        faults += _one(each, pointer, schemas)
    evaluated = any("unevaluatedProperties" in each for each in schemas.values())
    if evaluated and any("patternProperties" in each for each in schemas.values()):
        faults.append(Fault("", "has both patternProperties and unevaluatedProperties: use one of them"))
    return faults or _endless(schemas)


def _within(schema: object, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All schemas of a document by their place; true and false are schemas that hold nothing of interest."""
    if isinstance(schema, bool):
        yield pointer, {}
    elif isinstance(schema, dict):
        yield pointer, schema
        for keyword, value in schema.items():
            for place, each in _subschemas(keyword, value):
                yield from _within(each, f"{pointer}{place}")


def _subschemas(keyword: str, value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401  # any JSON
    place = f"/{escaped(keyword)}"
    if keyword in _ONE:
        yield place, value
    elif keyword in _LISTS:
        yield from ((f"{place}/{number}", each) for number, each in enumerate(value))
    elif keyword in _NAMED:
        yield from ((f"{place}/{escaped(name)}", each) for name, each in value.items())


def _one(schema: Mapping[str, Any], pointer: str, schemas: _Schemas) -> list[Fault]:
    """What is wrong with one schema of the document."""
    faults = [Fault(f"{pointer}/{name}", message) for name, message in _REFUSED.items() if name in schema]
    if "$id" in schema:
        faults.append(Fault(f"{pointer}/$id", "is not taken: references within the document need none"))
    if "$schema" in schema and pointer:
        faults.append(Fault(f"{pointer}/$schema", "is only taken at the top"))
    reference = schema.get("$ref")
    if reference is not None and _target(reference) not in schemas:
        faults.append(Fault(f"{pointer}/$ref", "must name a schema of this document, such as #/$defs/address"))
    named = schema.get("patternProperties", {})
    written = [("pattern", schema.get("pattern", "")), *(("patternProperties", each) for each in named)]
    faults += [Fault(f"{pointer}/{keyword}", NO_PATTERN) for keyword, text in written if not patterns.is_pattern(text)]
    return faults


def _target(reference: object) -> str | None:
    """The pointer that a reference within the document holds."""
    return unquote(reference[1:]) if isinstance(reference, str) and reference.startswith("#") else None


def _endless(schemas: _Schemas) -> list[Fault]:
    """Schemas that lead back to themselves about the same value: they never come to an end."""
    try:
        TopologicalSorter({pointer: list(_same_value(pointer, each)) for pointer, each in schemas.items()}).prepare()
    except CycleError as error:
        return [Fault(min(error.args[1]), "refers to itself without end")]
    return []


def _same_value(pointer: str, schema: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        yield str(_target(schema["$ref"]))
    for keyword in _IN_PLACE & schema.keys():
        yield from (f"{pointer}{place}" for place, _ in _subschemas(keyword, schema[keyword]))
