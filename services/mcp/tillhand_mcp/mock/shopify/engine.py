"""Executes operations: paid from the bucket, answered in Shopify's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError, OperationType, execute_sync

from tillhand_mcp.mock.shopify import bulk
from tillhand_mcp.mock.shopify.bulk import Bulks, Chunk
from tillhand_mcp.mock.shopify.context import Context
from tillhand_mcp.mock.shopify.cost import actual, requested
from tillhand_mcp.mock.shopify.documents import Ready, prepared
from tillhand_mcp.mock.shopify.idempotency import Keys
from tillhand_mcp.mock.shopify.listings import WINDOWED
from tillhand_mcp.mock.shopify.resolve import resolve, type_of
from tillhand_mcp.mock.shopify.state import State
from tillhand_mcp.mock.shopify.throttle import Bucket
from tillhand_mcp.mock.world import World
from tillhand_mcp.schemas.shopify import admin_schema, collector_at_rest

MOST: Final = 1000
AT_A_TIME: Final = 2500
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
            self._chunks,
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
        wrong = bulk.complaint(ready.parts)
        if wrong is not None:
            return wrong
        tried = self._window(ready, 0, 1)
        return f"Invalid bulk query: {tried.errors[0].message}" if tried.errors else None

    def _chunks(self, text: str) -> Iterator[Chunk]:
        ready = prepared(text, {}, None)
        if isinstance(ready, list):  # it was looked at when the operation began
            raise ready[0]
        for start in count(step=AT_A_TIME):
            result = self._window(ready, start, AT_A_TIME)
            if result.errors:
                raise result.errors[0]
            data = result.data or {}
            last = not windowed(ready) or bulk.longest(ready.parts, data) < AT_A_TIME
            yield Chunk(list(bulk.flat(ready.parts, data, None)), last)
            if last:
                return

    def _window(self, ready: Ready, start: int, size: int) -> ExecutionResult:
        window = (start, start + size) if windowed(ready) else None
        context = Context(self.state, self.bulks, self.keys, "", whole=True, window=window)
        with collector_at_rest():
            return executed(ready, {}, context)


def windowed(ready: Ready) -> bool:
    """Say whether an operation asks for nothing but lists that can be taken piece by piece."""
    return all(part.name in WINDOWED for part in ready.parts)


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
