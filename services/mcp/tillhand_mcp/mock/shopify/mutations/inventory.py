"""Changes to what lies where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tillhand_mcp.mock.shopify.context import Args, Context
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome, done, failed
from tillhand_mcp.mock.shopify.values import gid, moment, number, refusal, user_error

REASONS: Final = frozenset(
    {
        *("correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created"),
        *("movement_received", "movement_updated", "other", "promotion", "quality_control", "received"),
        *("reservation_created", "reservation_deleted", "reservation_updated", "restock", "safety_stock", "shrinkage"),
    }
)
NAMES: Final = frozenset({"available", "damaged", "incoming", "quality_control", "reserved", "safety_stock"})
MOST: Final = 2_000_000_000
URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
Errors = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One change that was asked for; `expected` is None where nothing is."""

    item: int
    location: int
    delta: int
    expected: int | None


def adjust(context: Context, args: Args) -> Outcome:
    """Change stock by what was asked for: all of it, or nothing."""
    given = args["input"]
    changes = [change(one) for one in given["changes"]]
    errors = [
        *complaints(given),
        *(found for place, one in enumerate(given["changes"]) for found in ledger(place, one)),
    ]
    errors = errors or stock_complaints(context, changes)
    if errors:
        return failed(errors, "inventoryAdjustmentGroup")
    if given["name"] != "available":
        raise refusal(f"The quantity name {given['name']!r} is not in the mock", "NOT_IN_THE_MOCK")
    applied = [applied_change(context, one) for one in changes]
    return done(inventoryAdjustmentGroup=group(context, given, [entry for both in applied for entry in both]))


def change(given: Args) -> Change:
    """Return one change; the quantity that it begins from has to be named, if only as null."""
    if "changeFromQuantity" not in given:
        raise refusal(
            "InventoryChangeInput must include the following argument: changeFromQuantity.", "INVALID_FIELD_ARGUMENTS"
        )
    item, location = number(given["inventoryItemId"], "InventoryItem"), number(given["locationId"], "Location")
    return Change(item, location, given["delta"], given["changeFromQuantity"])


def complaints(given: Args) -> Errors:
    """Say what is wrong with the call as a whole."""
    found: Errors = []
    if given["reason"] not in REASONS:
        found.append(user_error("The specified reason is invalid.", "input", "reason", code="INVALID_REASON"))
    if given["name"] not in NAMES:
        found.append(user_error("The quantity name is invalid.", "input", "name", code="INVALID_QUANTITY_NAME"))
    reference = given.get("referenceDocumentUri")
    if reference is not None and (not URI.fullmatch(reference) or reference.startswith("gid://shopify/")):
        text = "The specified reference document is invalid."
        found.append(user_error(text, "input", "referenceDocumentUri", code="INVALID_REFERENCE_DOCUMENT"))
    return found


def ledger(place: int, given: Args) -> Errors:
    """Say whether a change names a document that it must not name."""
    if given.get("ledgerDocumentUri") is None:
        return []
    text = "A ledger document URI is not allowed when adjusting available."
    return [user_error(text, "input", "changes", str(place), "ledgerDocumentUri", code="INVALID_AVAILABLE_DOCUMENT")]


def stock_complaints(context: Context, changes: list[Change]) -> Errors:
    """Say which changes do not fit what lies there, each after those before it."""
    lies = dict(context.state.stock)
    found: Errors = []
    for place, one in enumerate(changes):
        wrong = stock_complaint(context, lies, one)
        if wrong is None:
            lies[one.item, one.location] += one.delta
        else:
            message, field, code = wrong
            found.append(user_error(message, "input", "changes", str(place), field, code=code))
    return found


def stock_complaint(context: Context, lies: Mapping[tuple[int, int], int], one: Change) -> tuple[str, str, str] | None:
    """Return the message, the field and the code of what is wrong with a change."""
    if one.item not in context.state.items:
        return "The specified inventory item could not be found.", "inventoryItemId", "INVALID_INVENTORY_ITEM"
    if one.location not in context.state.locations:
        return "The specified location could not be found.", "locationId", "INVALID_LOCATION"
    held = lies.get((one.item, one.location))
    if held is None:
        return "The inventory item is not stocked at the location.", "locationId", "INVALID_LOCATION"
    if one.expected is not None and one.expected != held:
        text = "The changeFromQuantity argument no longer matches the persisted quantity."
        return text, "changeFromQuantity", "CHANGE_FROM_QUANTITY_STALE"
    if abs(held + one.delta) > MOST:
        high = one.delta > 0
        text = f"The quantity can't be {'higher than ' if high else 'lower than -'}2,000,000,000."
        return text, "delta", "INVALID_QUANTITY_TOO_HIGH" if high else "INVALID_QUANTITY_TOO_LOW"
    return None


def applied_change(context: Context, one: Change) -> list[dict[str, Any]]:
    """Change what lies at a location; what is available changes, and with it what is there."""
    after = context.state.add_stock(one.item, one.location, one.delta)
    common = {
        "delta": one.delta,
        "item": context.state.items[one.item],
        "location": context.state.locations[one.location],
        "quantityAfterChange": after,
        "ledgerDocumentUri": None,
    }
    return [{"name": "available", **common}, {"name": "on_hand", **common}]


def group(context: Context, given: Args, entries: list[dict[str, Any]]) -> Mapping[str, Any]:
    """Return the record of an adjustment."""

    def changes(_source: object, _context: Context, args: Args) -> list[dict[str, Any]]:
        return [entry for entry in entries if wanted(entry, args)]

    return {
        "__typename": "InventoryAdjustmentGroup",
        "id": gid("InventoryAdjustmentGroup", context.state.new_id()),
        "createdAt": moment(context.state.now()),
        "reason": given["reason"],
        "referenceDocumentUri": given.get("referenceDocumentUri"),
        "changes": changes,
    }


def wanted(entry: Mapping[str, Any], args: Args) -> bool:
    """Say whether a change is among those that were asked for."""
    item, location = gid("InventoryItem", entry["item"].id), gid("Location", entry["location"].id)
    pairs = (("inventoryItemIds", item), ("locationIds", location), ("quantityNames", entry["name"]))
    return all(args.get(name) is None or value in args[name] for name, value in pairs)
