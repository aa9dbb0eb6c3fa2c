"""Executes operations: paid from the bucket, answered in Shopify's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError, OperationType, execute_sync

from tillhand_mcp.mock.shopify import bulk
from tillhand_mcp.mock.shopify.bulk import Bulks
from tillhand_mcp.mock.shopify.context import Context
from tillhand_mcp.mock.shopify.cost import Part, actual, requested
from tillhand_mcp.mock.shopify.documents import Ready, prepared
from tillhand_mcp.mock.shopify.idempotency import Keys
from tillhand_mcp.mock.shopify.resolve import resolve, type_of
from tillhand_mcp.mock.shopify.state import State
from tillhand_mcp.mock.shopify.throttle import Bucket
from tillhand_mcp.mock.world import World
from tillhand_mcp.schemas.shopify import admin_schema, collector_at_rest

MOST: Final = 1000
RATE_LIMITS: Final = "https://shopify.dev/api/usage/rate-limits"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a test may want smaller, or slower: time is that of the world's clock."""

    maximum_available: float = 2000.0
    restore_rate: float = 100.0
    write_s: float = 0.0
    bulk_created_s: float = 1.0
    bulk_running_s: float = 3.0


class Engine:
    """One shop behind one app."""

    def __init__(self, world: World, limits: Limits | None = None) -> None:
        admin_schema()  # while the server starts, rather than in the first request
        self.limits = limits or Limits()
        self.world = world
        self.state = State(world)
        self.keys = Keys(world.clock)
        self.bucket = Bucket(world.clock, self.limits.maximum_available, self.limits.restore_rate)
        self.bulks = Bulks(
            world.clock.monotonic,
            self._bulk_complaint,
            self._collected,
            created_s=self.limits.bulk_created_s,
            running_s=self.limits.bulk_running_s,
        )

    async def answer(self, text: str, variables: Mapping[str, Any], name: str | None, base_url: str) -> Answer:
        """Return the answer to an operation, errors included: all of it comes with HTTP status 200."""
        ready = prepared(text, variables, name)
        if isinstance(ready, list):
            return {"errors": [error.formatted for error in ready]}
        cost = requested(ready.parts)
        if cost > MOST:
            return too_dear(cost)
        if not self.bucket.take(cost):
            return self._throttled(cost)
        context = Context(self.state, self.bulks, self.keys, base_url)
        result = await self._executed(ready, variables, context)
        return self._answered(ready, result, cost, context)

    async def _executed(self, ready: Ready, variables: Mapping[str, Any], context: Context) -> ExecutionResult:
        mutation = ready.operation.operation is OperationType.MUTATION
        keys = ready.keys() if mutation else []
        mine, context.busy = self.keys.begin(keys)
        known = bool(keys) and all(self.keys.find(key) or key in context.busy for key in keys)
        try:
            if mutation and self.limits.write_s and not known:
                await self.world.clock.sleep(self.limits.write_s)
            return executed(ready, variables, context)
        finally:
            self.keys.end(mine)

    def _answered(self, ready: Ready, result: ExecutionResult, cost: int, context: Context) -> Answer:
        spent = min(cost, actual(ready.parts, result.data))
        self.bucket.give_back(cost - spent)
        answer: Answer = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        extensions: Answer = {"cost": self._cost(cost, spent)}
        if context.warnings:
            extensions["search"] = context.warnings
        return {**answer, "extensions": extensions}

    def _cost(self, cost: int, spent: int | None) -> Answer:
        return {"requestedQueryCost": cost, "actualQueryCost": spent, "throttleStatus": self.bucket.status()}

    def _throttled(self, cost: int) -> Answer:
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": RATE_LIMITS}}
        return {"errors": [error], "extensions": {"cost": self._cost(cost, None)}}

    def _bulk_complaint(self, text: str) -> str | None:
        ready = prepared(text, {}, None)
        if isinstance(ready, list):
            return f"Invalid bulk query: {ready[0].message}"
        if ready.operation.operation is not OperationType.QUERY:
            return "Invalid bulk query: it has to be a query."
        return bulk.complaint(ready.parts)

    def _collected(self, text: str) -> tuple[list[Part], Mapping[str, Any]]:
        ready = prepared(text, {}, None)
        if isinstance(ready, list):  # it was looked at when the operation began
            raise ready[0]
        with collector_at_rest():
            result = executed(ready, {}, Context(self.state, self.bulks, self.keys, "", whole=True))
        if result.errors:
            raise result.errors[0]
        return ready.parts, result.data or {}


def executed(ready: Ready, variables: Mapping[str, Any], context: Context) -> ExecutionResult:
    """Execute an operation on the shop as it stands."""
    name = ready.operation.name.value if ready.operation.name else None
    return execute_sync(
        admin_schema(),
        ready.ast,
        context_value=context,
        variable_values=dict(variables),
        operation_name=name,
        field_resolver=resolve,
        type_resolver=type_of,
    )


def too_dear(cost: int) -> Answer:
    """Return the answer to a query that costs more than any may."""
    error = GraphQLError(
        f"Query cost is {cost}, which exceeds the single query max cost limit ({MOST}).",
        extensions={"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": MOST, "documentation": RATE_LIMITS},
    )
    return {"errors": [error.formatted]}
