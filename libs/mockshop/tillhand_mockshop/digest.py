"""One number for a whole shop: when it differs, something in the shop does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from tillhand_mockshop.model import Shop

DEFAULT_DIGEST: Final = ""


def _record(thing: Any) -> Any:  # noqa: ANN401  # anything that a shop holds
    """A thing in what JSON knows: dataclasses by field name, moments and days in ISO form."""
    if isinstance(thing, tuple):
        return [_record(item) for item in thing]
    if isinstance(thing, date):
        return thing.isoformat()
    if is_dataclass(thing):
        return {field.name: _record(getattr(thing, field.name)) for field in fields(thing)}
    return thing


def _mapping(name: str, values: Mapping[Any, Any]) -> Iterator[Any]:
    for key in sorted(values):
        value = values[key]
        yield [name, _record(key), sorted(map(_record, value)) if isinstance(value, frozenset) else value]


def lines(shop: Shop) -> Iterator[str]:
    """The shop in lines of JSON: one for each entry of its tables, one for each of its other fields."""
    for field in fields(shop):
        value = getattr(shop, field.name)
        if isinstance(value, Mapping):
            entries = _mapping(field.name, value)
        elif isinstance(value, tuple):
            entries = ([field.name, _record(item)] for item in value)
        else:
            entries = iter([[field.name, _record(value)]])
        for entry in entries:
            yield json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(shop: Shop) -> str:
    """The SHA-256 of the shop's lines, in hexadecimal digits."""
    total = sha256()
    for line in lines(shop):
        total.update(line.encode("utf-8"))
        total.update(b"\n")
    return total.hexdigest()
