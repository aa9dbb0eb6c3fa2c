"""Operations as they come in: parsed and validated once for each text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_directive_values, get_variable_values
from graphql.utilities import get_operation_ast

from tillhand_mcp.mock.shopify.cost import Compiler, Part
from tillhand_mcp.schemas.shopify import VERSION, admin_schema

MOST_TOKENS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """What a text says, or what is wrong with it."""

    ast: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    fragments: Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True, slots=True)
class Ready:
    """An operation that can be executed."""

    ast: DocumentNode
    operation: OperationDefinitionNode
    variables: VariableValues
    parts: list[Part]

    def keys(self) -> list[str]:
        """Return the keys of idempotency that the operation names."""
        directive = admin_schema().get_directive("idempotent")
        fields = [node for node in self.operation.selection_set.selections if isinstance(node, FieldNode)]
        found = [get_directive_values(directive, node, self.variables) for node in fields] if directive else []
        return [one["key"] for one in found if one]


@lru_cache(maxsize=256)
def document(text: str) -> Document:
    """Parse and validate a text."""
    try:
        ast = parse(text, max_tokens=MOST_TOKENS)
        errors = tuple(validate(admin_schema(VERSION), ast))
    except GraphQLError as error:
        return Document(None, (error,), {})
    fragments = {node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)}
    return Document(ast, errors, fragments)


def prepared(text: str, variables: Mapping[str, Any], name: str | None) -> Ready | list[GraphQLError]:
    """Return what is to be executed, or why it cannot be, in GraphQL's own words."""
    found = document(text)
    if found.errors or found.ast is None:
        return list(found.errors)
    operation = get_operation_ast(found.ast, name)
    if operation is None:
        return [GraphQLError(f"Unknown operation named '{name}'." if name else "An operation name is required.")]
    values = get_variable_values(admin_schema(), operation.variable_definitions or (), dict(variables))
    if isinstance(values, list):
        return values
    parts = Compiler(admin_schema(), found.fragments, values.coerced).operation(operation)
    return Ready(found.ast, operation, values, parts)
