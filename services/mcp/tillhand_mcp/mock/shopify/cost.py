"""What a query costs before and after it was executed, by the rules that Shopify has published.

An object costs 1, a connection 2 and what its `first` or `last` items cost, a mutation 10, a number or a text nothing;
of the types that something may turn out to be, the dearest counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)
from graphql.utilities import value_from_ast_untyped

OF_MUTATION: Final = 10
OF_CONNECTION: Final = 2
PLURAL: Final = ("first", "last")
Kind = Literal["object", "connection", "mutation"]


@dataclass(slots=True)
class Part:
    """A field of a query that leads to objects; `size` is how many at most, `listed` that it is a plain list of them.

    `only` is the type it was asked for.
    """

    key: str
    name: str
    kind: Kind
    size: int = 1
    only: str | None = None
    listed: bool = False
    parts: list[Part] = field(default_factory=list)


class Compiler:
    """Turns an operation into the parts that cost something."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def operation(self, operation: OperationDefinitionNode) -> list[Part]:
        """Return the parts at the root."""
        root = self._schema.get_root_type(operation.operation)
        return list(self._parts(operation.selection_set, root, None)) if root else []

    def _parts(self, selected: SelectionSetNode | None, parent: GraphQLNamedType, only: str | None) -> Iterator[Part]:
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                yield from self._field(node, parent, only)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                yield from self._narrowed(fragment.selection_set, parent, only, fragment.type_condition.name.value)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else parent.name
                yield from self._narrowed(node.selection_set, parent, only, condition)

    def _narrowed(
        self, selected: SelectionSetNode, parent: GraphQLNamedType, only: str | None, condition: str
    ) -> Iterator[Part]:
        narrowed = self._schema.type_map[condition]
        concrete = isinstance(narrowed, GraphQLObjectType) and narrowed is not parent
        return self._parts(selected, narrowed, condition if concrete else only)

    def _field(self, node: FieldNode, parent: GraphQLNamedType, only: str | None) -> Iterator[Part]:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None or not is_composite_type(kind := get_named_type(definition.type)):
            return
        name = node.name.value
        found = Part(node.alias.value if node.alias else name, name, "object", only=only)
        found.size = self._size(node, definition)
        found.listed = is_list_type(get_nullable_type(definition.type))
        if kind.name.endswith("Connection"):
            found.kind = "connection"
            found.parts = list(self._items(node, kind))
        else:
            found.parts = list(self._parts(node.selection_set, kind, None))
        if parent is self._schema.mutation_type:
            found.kind = "mutation"
        yield found

    def _items(self, node: FieldNode, connection: GraphQLNamedType) -> Iterator[Part]:
        """Yield the parts for the items of a connection, in `nodes` or in `edges` and `node`; the rest is free."""
        for part in self._parts(node.selection_set, connection, None):
            if part.name in {"nodes", "edges"}:
                part.size = 1
                yield part

    def _size(self, node: FieldNode, definition: GraphQLField) -> int:
        given = {argument.name.value: self._value(argument.value) for argument in node.arguments or ()}
        counts: list[int] = [given[name] for name in PLURAL if isinstance(given.get(name), int)]
        if counts:
            return max(0, *counts)
        ids = given.get("ids")
        return len(ids) if is_list_type(get_nullable_type(definition.type)) and isinstance(ids, list) else 1

    def _value(self, node: Any) -> Any:  # noqa: ANN401  # a literal of whatever type
        value = value_from_ast_untyped(node, dict(self._variables))
        return None if value is Undefined else value


def requested(parts: list[Part]) -> int:
    """Return what a query costs at most."""
    always = sum(of_part(part) for part in parts if part.only is None)
    types = {part.only for part in parts if part.only is not None}
    return always + max((sum(of_part(part) for part in parts if part.only == name) for name in types), default=0)


def of_part(part: Part) -> int:
    """Return what one field costs at most."""
    inner = requested(part.parts)
    if part.kind == "mutation":
        return max(OF_MUTATION, inner)
    if part.kind == "connection":
        return OF_CONNECTION + part.size * inner
    return inner if part.name == "edges" else part.size * (1 + inner)


def actual(parts: list[Part], data: Mapping[str, Any] | None) -> int:
    """Return what a query has cost: what is in its answer."""
    return sum(of_value(part, data[part.key]) for part in parts if part.key in data) if data else 0


def of_value(part: Part, value: Any) -> int:  # noqa: ANN401  # what the answer holds there
    """Return what one field of an answer has cost."""
    if isinstance(value, list):
        return sum(of_value(part, item) for item in value)
    inner = actual(part.parts, value)
    if part.kind == "mutation":
        return max(OF_MUTATION, inner)
    if part.kind == "connection":
        return OF_CONNECTION + inner
    return inner if part.name == "edges" else 1 + inner
