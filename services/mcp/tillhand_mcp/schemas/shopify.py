"""The schema of Shopify's Admin API, and what an operation does that it does not allow."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from tillhand_mcp.schemas.location import read
from tillhand_mcp.schemas.scalars import tighten

VERSION: Final = "2026-10"
VERSIONS: Final = (VERSION,)


def admin_schema(version: str = VERSION) -> GraphQLSchema:
    """Return the schema of one stable version, which takes a third of a second the first time."""
    if version not in VERSIONS:
        raise ValueError(f"there is no schema for version {version!r}, only for {', '.join(VERSIONS)}")
    return built(version)


@lru_cache(maxsize=len(VERSIONS))
def built(version: str) -> GraphQLSchema:
    """Build a schema once; apart from `admin_schema`, whose default would be a second key of the cache."""
    with collector_at_rest():
        schema = build_client_schema(json.loads(read(f"shopify-admin-{version}.json")), assume_valid=True)
    tighten(schema.type_map)
    return schema


def violations(document: str, version: str = VERSION, variables: Mapping[str, Any] | None = None) -> list[str]:
    """Say what in a document, and in its variables where they are given, the schema does not allow."""
    schema = admin_schema(version)
    try:
        parsed = parse(document)
    except GraphQLError as error:
        return [str(error)]
    found = validate(schema, parsed)
    if not found and variables is not None:
        found = variable_errors(schema, parsed, variables)
    return [str(error) for error in found]


def variable_errors(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> list[GraphQLError]:
    """Say which variables do not fit the operations that a valid document declares, or are not declared at all."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    found: list[GraphQLError] = []
    for operation in operations:
        definitions = operation.variable_definitions or ()
        values = get_variable_values(schema, definitions, dict(variables))
        found.extend(values if isinstance(values, list) else ())
        declared = {definition.variable.name.value for definition in definitions}
        found.extend(GraphQLError(f"Variable '${name}' is not declared.") for name in variables.keys() - declared)
    return found


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking a growing heap again and again, which would take a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
