"""One number for a whole shop: when it differs, something in the shop does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from hashlib import sha256
from typing import Any, Final

from tillhand_mockshop.model import Shop

DEFAULT_DIGEST: Final = "1c69de30e7952ff39afa5fed47f1e1ade0e114c98c9ccb2426f0f75c58750fe5"


def _plain(thing: Any) -> Any:  # noqa: ANN401  # anything that a shop holds
    """What JSON does not know in what it knows: dataclasses by field name, moments and days in ISO form."""
    if isinstance(thing, date):
        return thing.isoformat()
    if isinstance(thing, frozenset):
        return sorted(thing)
    return {name: getattr(thing, name) for name in thing.__slots__}


def _entries(value: Any) -> Iterator[Any]:  # noqa: ANN401  # anything that a shop holds
    """The entries of a table, or the value itself."""
    if isinstance(value, Mapping):
        return ((key, value[key]) for key in sorted(value))
    return iter(value) if isinstance(value, tuple) else iter([value])


def lines(shop: Shop) -> Iterator[str]:
    """The shop in lines of JSON: one for each entry of its tables, one for each of its other fields."""
    encoder = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    for field in fields(shop):
        for entry in _entries(getattr(shop, field.name)):
            yield encoder.encode((field.name, entry))


def digest(shop: Shop) -> str:
    """The SHA-256 of the shop's lines, in hexadecimal digits."""
    total = sha256()
    for line in lines(shop):
        total.update(line.encode("utf-8"))
        total.update(b"\n")
    return total.hexdigest()
