"""Bulk operations begun and called off."""

from __future__ import annotations

from graphql import GraphQLError

from tillhand_mcp.mock.shopify.bulk import AT_ONCE, ENDED, bulk_node
from tillhand_mcp.mock.shopify.context import Args, Context
from tillhand_mcp.mock.shopify.mutations.outcome import Outcome, done, failed
from tillhand_mcp.mock.shopify.values import user_error


def run_query(context: Context, args: Args) -> Outcome:
    """Begin a bulk query, unless too many are at work."""
    wrong = context.bulks.complaint(args["query"])
    if wrong is not None:
        return failed([user_error(wrong, "query", code="INVALID")], "bulkOperation")
    if context.bulks.at_work() >= AT_ONCE:
        text = f"The limit of {AT_ONCE} concurrent bulk query operations for this app and shop is reached."
        return failed([user_error(text, code="LIMIT_REACHED")], "bulkOperation")
    return done(bulkOperation=context.bulks.begin(context.state.new_id(), args["query"], context.state.now()))


def cancel(context: Context, args: Args) -> Outcome:
    """Call off a bulk operation that has not ended."""
    try:
        operation = bulk_node(context, args["id"])
    except GraphQLError as error:
        return failed([user_error(error.message, "id")], "bulkOperation")
    if operation is None:
        return failed([user_error("Bulk operation does not exist", "id")], "bulkOperation")
    status = context.bulks.status(operation)
    if status in ENDED:
        text = f"A bulk operation cannot be canceled when it is {status.lower()}"
        return Outcome({"bulkOperation": operation, "userErrors": [user_error(text)]}, effective=False)
    if status != "CANCELING":
        context.bulks.cancel(operation)
    return done(bulkOperation=operation)
