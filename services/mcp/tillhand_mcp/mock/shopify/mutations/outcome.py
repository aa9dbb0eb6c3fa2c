"""What a mutation comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tillhand_mcp.mock.shopify.context import Args
from tillhand_mcp.mock.shopify.values import refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """The payload of a mutation, and whether it has changed anything."""

    payload: Mapping[str, Any]
    effective: bool


def failed(errors: Sequence[Mapping[str, Any]], *empty: str) -> Outcome:
    """Return the outcome of a mutation that did nothing; the fields in `empty` are null."""
    return Outcome({**dict.fromkeys(empty), "userErrors": errors}, effective=False)


def done(**payload: object) -> Outcome:
    """Return the outcome of a mutation that did what it was asked for."""
    return Outcome({**payload, "userErrors": []}, effective=True)


def only(given: Args, known: frozenset[str], what: str) -> None:
    """Refuse input fields that Shopify knows and this mock does not, rather than to do half of what was asked."""
    unknown = sorted(name for name, value in given.items() if name not in known and value is not None)
    if unknown:
        raise refusal(f"{what}.{unknown[0]} is not in the mock", "NOT_IN_THE_MOCK")
