"""Google's descriptions of its APIs as JSON Schema 2020-12, and what a body does that they do not allow."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final, Literal

from jsonschema import Draft202012Validator

from tillhand_mcp.schemas.location import read

Api = Literal["searchconsole", "analyticsdata"]
FILES: Final = {"searchconsole": "searchconsole.v1.json", "analyticsdata": "analyticsdata.v1beta.json"}
NOT_A_NUMBER: Final = ["NaN", "Infinity", "-Infinity"]
MOMENT: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$"
WHOLE: Final = r"^-?(0|[1-9]\d*)$"
BOUNDS: Final = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


@lru_cache(maxsize=len(FILES))
def document(api: Api) -> dict[str, Any]:
    """Return the description of an API as Google publishes it."""
    described: dict[str, Any] = json.loads(read(FILES[api]))
    return described


def violations(api: Api, schema_name: str, value: object, *, sent: bool = False) -> list[str]:
    """Say how a value departs from a schema of an API; fields that the schema does not know are a departure.

    What is `sent` to Google may be freer than what comes back: whole numbers for 64-bit ones that are strings, numbers
    as strings, and names of a list in small letters.
    """
    return complaints(validator(api, schema_name, sent), value)


def complaints(check: Draft202012Validator, value: object) -> list[str]:
    """Word what a validator finds, each with the place where it found it."""
    found = sorted(check.iter_errors(value), key=lambda error: error.json_path)
    return [f"{error.json_path.removeprefix('$.')}: {error.message}" for error in found]


@lru_cache(maxsize=256)
def validator(api: Api, schema_name: str, sent: bool) -> Draft202012Validator:
    """Return the validator of one schema of an API."""
    schemas = definitions(api, sent)
    if schema_name not in schemas:
        raise KeyError(f"{api} has no schema {schema_name!r}")
    return Draft202012Validator({"$ref": f"#/$defs/{schema_name}", "$defs": schemas})


@lru_cache(maxsize=2 * len(FILES))
def definitions(api: Api, sent: bool) -> dict[str, Any]:
    """Return all schemas of an API, converted."""
    return {name: converted(schema, sent) for name, schema in document(api)["schemas"].items()}


def converted(schema: dict[str, Any], sent: bool) -> dict[str, Any]:
    """Return one of Google's schemas as a JSON Schema; objects are closed."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type", "any")
    if kind == "object":
        return converted_object(schema, sent)
    if kind == "array":
        return {"type": "array", "items": converted(schema["items"], sent)}
    if "enum" in schema:
        return converted_enum(schema["enum"], sent)
    return converted_scalar(kind, schema.get("format"), sent)


def converted_object(schema: dict[str, Any], sent: bool) -> dict[str, Any]:
    """Return the schema of an object or of a map."""
    more = schema.get("additionalProperties")
    properties = {name: converted(item, sent) for name, item in schema.get("properties", {}).items()}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": converted(more, sent) if isinstance(more, dict) else False,
    }


def converted_enum(names: list[str], sent: bool) -> dict[str, Any]:
    """Return the schema of a list of names."""
    small = [name.lower() for name in names] if sent else []
    return {"enum": [*names, *small]}


def converted_scalar(kind: str, form: str | None, sent: bool) -> dict[str, Any]:
    """Return the schema of a string, a number or a truth value by its format, after the JSON mapping of proto3."""
    whole = {"type": "string", "pattern": WHOLE}
    if kind == "any":
        return {}
    if form in BOUNDS:
        low, high = BOUNDS[form]
        number: dict[str, Any] = {"type": "integer", "minimum": low, "maximum": high}
        return {"anyOf": [number, whole]} if sent else number
    if form in {"int64", "uint64"}:
        return {"anyOf": [whole, {"type": "integer"}]} if sent else whole
    if form in {"double", "float"}:
        return {"anyOf": [{"type": "number"}, {"enum": NOT_A_NUMBER}]}
    if form in {"google-datetime", "date-time"}:
        return {"type": "string", "pattern": MOMENT}
    return {"type": kind}
