"""A refund as a tool describes it, and forms as browsers send them."""

from __future__ import annotations

from decimal import Decimal

from tillhand_dashboard.domain.exact_json import Json
from tillhand_dashboard.domain.form_fields import Field
from tillhand_dashboard.domain.schema_reading import Schema

REFUND: Schema = {
    "type": "object",
    "title": "Refund",
    "required": ["order_id", "amount", "lines", "customer"],
    "additionalProperties": False,
    "properties": {
        "order_id": {"type": "string", "pattern": "^(a+)+$", "minLength": 3, "maxLength": 9,
                     "description": "As on the bill."},
        "amount": {"type": "integer", "minimum": 1, "maximum": 1000, "multipleOf": 5},
        "rate": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": Decimal("0.50")},
        "reason": {"enum": ["late", "broken", None]},
        "speed": {"oneOf": [{"const": 1, "title": "Slow"}, {"const": 2, "title": "Fast"}]},
        "notify": {"type": "boolean"},
        "note": {"type": ["string", "null"]},
        "due": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 2, "uniqueItems": True},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
        "customer": {"type": "object", "required": ["email"], "properties": {"email": {"type": "string"}}},
        "gift": {"anyOf": [{"$ref": "#/$defs/line"}, {"type": "null"}]},
        "anything": {},
        "kind": {"const": "refund"},
    },
    "$defs": {
        "line": {
            "type": "object",
            "title": "Line",
            "required": ["sku"],
            "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer"}},
        }
    },
}  # fmt: skip
GIVEN: Json = {
    "order_id": "A-1001",
    "amount": 50,
    "lines": [{"sku": "S1", "quantity": 2}],
    "customer": {"email": "a@b.example"},
}


def sent_back(field: Field) -> dict[str, list[str]]:
    """What a browser makes of an untouched form: line ends of two characters."""
    return {name: [text.replace("\n", "\r\n") for text in texts] for name, texts in submitted(field).items()}


def submitted(field: Field) -> dict[str, list[str]]:
    """What a browser sends for a form that nobody has touched."""
    sent: dict[str, list[str]] = {}
    for each in field.everything():
        if each.kind != "group":
            sent[each.name] = list(each.values)
        if each.blanks:
            sent[each.blank_name] = [each.blank]
    return sent
