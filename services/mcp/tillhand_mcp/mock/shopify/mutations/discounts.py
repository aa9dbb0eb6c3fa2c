"""New codes that take something off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tillhand_mcp.mock.shopify.context import Args, Context
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome, done, failed, only
from tillhand_mcp.mock.shopify.objects.discounts import by_code
from tillhand_mcp.mock.shopify.state import Discount
from tillhand_mcp.mock.shopify.values import minor_units, user_error

KNOWN: Final = frozenset(
    {
        *("appliesOncePerCustomer", "code", "combinesWith", "context", "customerGets", "customerSelection"),
        *("endsAt", "startsAt", "tags", "title", "usageLimit"),
    }
)
LONGEST: Final = 255
FIELD: Final = "basicCodeDiscount"
Errors = list[Mapping[str, Any]]


def create_code(context: Context, args: Args) -> Outcome:
    """Create a code for everybody and everything, by a percentage or by an amount."""
    given = args[FIELD]
    only(given, KNOWN, "DiscountCodeBasicInput")
    gets = given.get("customerGets") or {}
    only(gets, frozenset({"items", "value"}), "DiscountCustomerGetsInput")
    only(gets.get("items") or {}, frozenset({"all"}), "DiscountItemsInput")
    only(given.get("context") or {}, frozenset({"all"}), "DiscountContextInput")
    only(given.get("customerSelection") or {}, frozenset({"all"}), "DiscountCustomerSelectionInput")
    value = gets.get("value") or {}
    only(value, frozenset({"percentage", "discountAmount"}), "DiscountCustomerGetsValueInput")
    off = (value.get("discountAmount") or {}).get("amount")
    errors = [*text_complaints(context, given), *time_complaints(given), *value_complaints(context, value, off)]
    if errors:
        return failed(errors, "codeDiscountNode")
    starts, ends = at(given["startsAt"]), given.get("endsAt")
    minor = None if off is None else minor_units(off, context.state.currency)
    made = Discount(
        *(context.state.new_id(), given["code"], given["title"], starts, at(ends) if ends else None),
        *(value.get("percentage"), minor, context.state.now(), dict(given)),
    )
    context.state.discounts[made.id] = made
    context.state.touch()
    return done(codeDiscountNode=made)


def at(text: str) -> datetime:
    """Return a moment that was given as text."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def error(message: str, field: str, code: str) -> Mapping[str, Any]:
    """Return an error of a field of the code."""
    return user_error(message, FIELD, *field.split("."), code=code)


def text_complaints(context: Context, given: Args) -> Errors:
    """Say what is wrong with title and code."""
    found: Errors = []
    for name in ("title", "code"):
        text = given.get(name) or ""
        if not text.strip():
            found.append(error(f"{name.capitalize()} can't be blank", name, "BLANK"))
        elif len(text) > LONGEST:
            found.append(error(f"{name.capitalize()} is too long (maximum is 255 characters)", name, "TOO_LONG"))
    if given.get("code") and by_code(context, given["code"]):
        found.append(error("Code must be unique. Please try a different code.", "code", "TAKEN"))
    return found


def time_complaints(given: Args) -> Errors:
    """Say what is wrong with when the code can be used, and how often."""
    found: Errors = []
    starts, ends, limit = given.get("startsAt"), given.get("endsAt"), given.get("usageLimit")
    if starts is None:
        found.append(error("Starts at can't be blank", "startsAt", "BLANK"))
    elif ends is not None and at(ends) <= at(starts):
        found.append(error("Ends at needs to be after starts_at", "endsAt", "END_DATE_BEFORE_START_DATE"))
    if limit is not None and limit <= 0:
        found.append(error("Usage limit must be greater than 0", "usageLimit", "GREATER_THAN"))
    return found


def value_complaints(context: Context, value: Args, off: object) -> Errors:
    """Say what is wrong with what is taken off."""
    percentage = value.get("percentage")
    place = "customerGets.value"
    if percentage is None and off is None:
        return [error("Value can't be blank", place, "BLANK")]
    if percentage is not None and off is not None:
        return [error("Only one of percentage and discountAmount can be given", place, "TOO_MANY_ARGUMENTS")]
    if percentage is not None and not 0 < percentage <= 1:
        text = "Value must be between 0.0 and 1.0"
        return [error(text, f"{place}.percentage", "VALUE_OUTSIDE_RANGE")]
    if off is not None and (minor_units(off, context.state.currency) or 0) <= 0:
        return [error("Amount must be greater than 0", f"{place}.discountAmount.amount", "GREATER_THAN")]
    return []
