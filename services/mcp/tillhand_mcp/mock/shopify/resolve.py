"""Where a field of the schema gets its value: from a table, from what stands there already, or not from this mock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLError, GraphQLNonNull

from tillhand_mcp.mock.shopify.connections import Edge, Page
from tillhand_mcp.mock.shopify.context import Handler, Info, Table
from tillhand_mcp.mock.shopify.mutations.table import mutate
from tillhand_mcp.mock.shopify.objects.tables import QUERY, TABLES, TYPES

CONNECTION: Final[Table] = {
    "nodes": lambda page, *_: page.nodes,
    "edges": lambda page, *_: page.edges,
    "pageInfo": lambda page, *_: page.info,
}
EDGE: Final[Table] = {"cursor": lambda edge, *_: edge.cursor, "node": lambda edge, *_: edge.node}
HANDLERS: Final[Mapping[type, Table]] = {**TABLES, Page: CONNECTION, Edge: EDGE}


def resolve(source: Any, info: Info, /, **args: Any) -> object:  # noqa: ANN401  # any object of the shop
    """Return the value of a field."""
    handler = handler_for(source, info)
    if handler is not None:
        return handler(source, info.context, args)
    if info.parent_type is info.schema.mutation_type:
        return mutate(info, args)
    if isinstance(source, Mapping) and info.field_name in source:
        value = source[info.field_name]
        return value(source, info.context, args) if callable(value) else value
    if isinstance(info.return_type, GraphQLNonNull):
        # Null would blame the shop for what is missing here.
        name = f"{info.parent_type.name}.{info.field_name}"
        raise GraphQLError(f"{name} is not in the mock", extensions={"code": "NOT_IN_THE_MOCK"})
    return None


def handler_for(source: object, info: Info) -> Handler | None:
    """Return what makes a field, if anything does."""
    table = HANDLERS.get(type(source))
    if table is None and info.parent_type is info.schema.query_type:
        table = QUERY
    return table.get(info.field_name) if table is not None else None


def type_of(value: object, _info: Info, _abstract: object) -> str | None:
    """Return which type something is where the schema allows several."""
    if isinstance(value, Mapping):
        named = value.get("__typename")
        return named if isinstance(named, str) else None
    return TYPES.get(type(value))
