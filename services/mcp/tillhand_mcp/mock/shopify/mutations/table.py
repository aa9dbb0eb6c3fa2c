"""Which mutations there are, and what all have in common: keys of idempotency, and a record of what took effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLError
from graphql.execution.values import get_directive_values

from tillhand_mcp.mock.shopify.context import Args, Context, Info
from tillhand_mcp.mock.shopify.idempotency import fingerprint
from tillhand_mcp.mock.shopify.mutations.bulk import cancel, run_query
from tillhand_mcp.mock.shopify.mutations.discounts import create_code
from tillhand_mcp.mock.shopify.mutations.inventory import adjust
from tillhand_mcp.mock.shopify.mutations.metafields import set_metafields
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome
from tillhand_mcp.mock.shopify.mutations.products import update_product
from tillhand_mcp.mock.shopify.mutations.refunds import refund
from tillhand_mcp.mock.shopify.mutations.variants import update_variants
from tillhand_mcp.mock.shopify.values import refusal, user_error

Perform = Callable[[Context, Args], Outcome]
MUTATIONS: Final[Mapping[str, Perform]] = {
    "inventoryAdjustQuantities": adjust,
    "refundCreate": refund,
    "productUpdate": update_product,
    "productVariantsBulkUpdate": update_variants,
    "discountCodeBasicCreate": create_code,
    "metafieldsSet": set_metafields,
    "bulkOperationRunQuery": run_query,
    "bulkOperationCancel": cancel,
}
# The fields that are null beside an error, of the mutations that take a key.
KEYED: Final[Mapping[str, str]] = {
    "inventoryAdjustQuantities": "inventoryAdjustmentGroup",
    "refundCreate": "refund",
}
UNRECORDED: Final = frozenset({"bulkOperationRunQuery", "bulkOperationCancel"})
MISMATCH: Final = "The same idempotency key cannot be used with different operation parameters."
IN_PROGRESS: Final = "This request is currently in progress, please try again."


def mutate(info: Info, args: Args) -> Mapping[str, Any]:
    """Perform a mutation, once for each key, and put it on record where it took effect."""
    context = info.context
    operation = info.field_name
    if operation not in MUTATIONS:
        raise GraphQLError(f"Mutation.{operation} is not in the mock", extensions={"code": "NOT_IN_THE_MOCK"})
    key = checked_key(info)
    if key is None:
        return recorded(context, operation, None, args).payload
    print_of_call = fingerprint(operation, args)
    if key in context.busy:
        return refused_key(operation, IN_PROGRESS, "IDEMPOTENCY_CONCURRENT_REQUEST")
    before = context.keys.find(key)
    if before is not None and before.fingerprint != print_of_call:
        return refused_key(operation, MISMATCH, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
    if before is not None:
        return before.payload
    payload = recorded(context, operation, key, args).payload
    context.keys.keep(key, print_of_call, payload)
    return payload


def checked_key(info: Info) -> str | None:
    """Return the key of idempotency of a mutation; some need one, and the others must not have one."""
    directive = info.schema.get_directive("idempotent")
    given = get_directive_values(directive, info.field_nodes[0], info.variable_values) if directive else None
    if info.field_name not in KEYED:
        if given is not None:
            raise refusal("The @idempotent directive is not supported for this mutation.")
        return None
    if given is None:
        raise refusal("The @idempotent directive is required for this mutation but was not provided.")
    key: str = given["key"]
    if not key.strip():
        raise refusal("The idempotency key cannot be an empty string or whitespace only.")
    return key


def refused_key(operation: str, message: str, code: str) -> Mapping[str, Any]:
    """Return the payload of a mutation that its key stands in the way of."""
    if operation == "refundCreate":
        # Its errors have no code, and a client has to tell this one from the others.
        raise refusal(message, code)
    return {KEYED[operation]: None, "userErrors": [user_error(message, code=code)]}


def recorded(context: Context, operation: str, key: str | None, args: Args) -> Outcome:
    """Perform a mutation and put it on record."""
    outcome = MUTATIONS[operation](context, args)
    if outcome.effective and operation not in UNRECORDED:
        context.state.world.wrote("shopify", operation, key, args)
    return outcome
