"""Metafields that are set: all that were asked for, or none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tillhand_mcp.mock.shopify.context import Args, Context
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome, done, failed
from tillhand_mcp.mock.shopify.objects.metafields import OWNERS, digest
from tillhand_mcp.mock.shopify.objects.nodes import find
from tillhand_mcp.mock.shopify.state import Owned
from tillhand_mcp.mock.shopify.values import split_gid, user_error
from tillhand_mockshop.model import Metafield

MOST: Final = 25
NAME: Final = re.compile(r"[A-Za-z0-9_-]{2,64}")
NAMESPACE: Final = re.compile(r"(\$app(:[A-Za-z0-9_-]+)?|[A-Za-z0-9_-]{2,255})")
Error = Mapping[str, Any]


def one_line(text: str) -> str | None:
    """Return a text that fits on a line."""
    return None if "\n" in text else text


def any_json(text: str) -> list[object]:
    """Return a JSON value, in a list because it may be null."""
    return [json.loads(text)]


FORMS: Final[dict[str, Callable[[str], object]]] = {
    "single_line_text_field": one_line,
    "multi_line_text_field": str,
    "number_integer": int,
    "number_decimal": Decimal,
    "boolean": {"true": True, "false": True}.get,
    "json": any_json,
    "date": date.fromisoformat,
    "date_time": datetime.fromisoformat,
    "url": lambda text: text if re.match(r"(https?|mailto|sms|tel):", text) else None,
}


def set_metafields(context: Context, args: Args) -> Outcome:
    """Set metafields of objects of any kind."""
    given: Sequence[Args] = args["metafields"]
    if len(given) > MOST:
        text = f"Exceeded the maximum metafields input limit of {MOST}."
        return failed([user_error(text, "metafields", code="LESS_THAN_OR_EQUAL_TO", elementIndex=None)], "metafields")
    errors = complaints(context, given)
    if errors:
        return failed(errors, "metafields")
    return done(metafields=[store(context, one) for one in given])


def place_of(given: Args) -> tuple[str, str]:
    """Return the namespace and the key of a metafield."""
    return given.get("namespace") or "$app", given["key"]


def store(context: Context, given: Args) -> Owned:
    """Keep a metafield; its id and the time of its making stay what they were."""
    state, place = context.state, place_of(given)
    fields = state.metafields.setdefault(given["ownerId"], {})
    before = fields.get(place)
    kind = given.get("type") or (before.metafield.type if before else "")
    number = before.metafield.id if before else state.new_id()
    since = before.created_at if before else state.now()
    fields[place] = Owned(given["ownerId"], Metafield(number, *place, kind, given["value"]), since, state.now())
    state.touch()
    return fields[place]


def complaints(context: Context, given: Sequence[Args]) -> list[Error]:
    """Say what is wrong with metafields."""
    found = [(index, complaint(context, one)) for index, one in enumerate(given)]
    return [
        user_error(wrong[1], "metafields", str(index), wrong[0], code=wrong[2], elementIndex=None)
        for index, wrong in found
        if wrong is not None
    ]


def complaint(context: Context, given: Args) -> tuple[str, str, str] | None:
    """Return the field of a metafield that is wrong, why, and the code for that."""
    namespace, key = place_of(given)
    before = context.state.metafields.get(given["ownerId"], {}).get((namespace, key))
    kind = given.get("type") or (before.metafield.type if before else None)
    if split_gid(given["ownerId"])[0] not in OWNERS or find(context.state, given["ownerId"]) is None:
        return "ownerId", "Owner does not exist.", "INVALID"
    if not NAME.fullmatch(key):
        return "key", "Key must be 2 to 64 letters, numbers, underscores or hyphens.", "INVALID"
    if not NAMESPACE.fullmatch(namespace):
        return "namespace", "Namespace must be 2 to 255 letters, numbers, underscores or hyphens.", "INVALID"
    if kind is None:
        return "type", "Type can't be blank.", "BLANK"
    if "compareDigest" in given and given["compareDigest"] != (digest(before) if before else None):
        return "compareDigest", "The resource has been updated since it was loaded.", "STALE_OBJECT"
    return value_complaint(kind, given["value"])


def value_complaint(kind: str, value: str) -> tuple[str, str, str] | None:
    """Say whether a value is none of its type."""
    element = kind.removeprefix("list.")
    if element not in FORMS:
        return "type", f"Type {kind} is not in the mock.", "INVALID_TYPE"
    if not value.strip():
        return "value", "Value can't be blank.", "BLANK"
    try:
        items = [str(item) for item in json.loads(value)] if kind != element else [value]
        fits = all(FORMS[element](item) is not None for item in items)
    except (ValueError, TypeError, InvalidOperation):
        fits = False
    return None if fits else ("value", f"Value is invalid for type {kind}.", "INVALID_VALUE")
