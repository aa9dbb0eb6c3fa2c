"""Schemas of arguments: JSON Schema 2020-12 that stands alone and comes to an end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_approvals.domain.tools import Tool
from tillhand_approvals.domain.tools.schemas import NO_PATTERN, schema_faults

OUT = "must name a schema of this document, such as #/$defs/address"
KEYWORDS = st.sampled_from(
    "type properties $ref $defs items allOf anyOf not if enum const pattern patternProperties required minimum "
    "additionalProperties uniqueItems x $id $schema".split()
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["object", "string", "#", "#/$defs/x", "#/properties/x", "(", "^a$", "http://127.0.0.1/x"])
)
SCHEMAS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYWORDS, inner, max_size=3))


def of(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """A schema of an object."""
    return {
        "type": "object",
        **{key.replace("_", "$", 1) if key[0] == "_" else key: each for key, each in more.items()},
    }


@pytest.mark.parametrize(
    "schema",
    [
        of(),
        of(_schema="https://json-schema.org/draft/2020-12/schema"),
        of(properties={"a": {"$ref": "#/$defs/b c"}}, _defs={"b c": True}),
        of(properties={"a": {"$ref": "#/$defs/b%20c"}}, _defs={"b c": {"type": "string"}}),
        of(properties={"$ref": {"type": "string"}, "pattern": {"type": "string"}, "$id": {}}),
        of(properties={"a": {"const": {"$ref": "http://127.0.0.1/"}, "examples": [{"pattern": "("}]}}),
        of(properties={"tree": {"$ref": "#/$defs/node"}}, _defs={"node": {"items": {"$ref": "#/$defs/node"}}}),
        of(patternProperties={r"^\p{L}+$": {"type": "integer"}}, additionalProperties=False),
    ],
)
def test_a_schema_that_stands_alone_is_taken(schema: dict[str, Any]) -> None:
    assert schema_faults(schema) == []


@pytest.mark.parametrize(
    ("schema", "pointer", "message"),
    [
        ({}, "/schema/type", 'must be "object": arguments have names'),
        (of(_schema="http://json-schema.org/draft-07/schema#"), "/schema/$schema", "must be JSON Schema 2020-12"),
        (of(properties={"a": {"type": "text"}}), "/schema/properties/a/type", "is no JSON Schema 2020-12"),
        (of(required="a"), "/schema/required", "is no JSON Schema 2020-12 (its type fails)"),
        (of(properties={"a": {"$ref": "https://shop.example/s.json"}}), "/schema/properties/a/$ref", OUT),
        (of(properties={"a": {"$ref": "other.json#/x"}}), "/schema/properties/a/$ref", OUT),
        (of(properties={"a": {"$ref": "#/$defs/none"}}), "/schema/properties/a/$ref", OUT),
        (of(properties={"a": {"$ref": "#/properties/b/const"}, "b": {"const": {}}}), "/schema/properties/a/$ref", OUT),
        (of(properties={"a": {"$dynamicRef": "#x"}}), "/schema/properties/a/$dynamicRef", "is not taken: use $ref"),
        (of(_id="https://shop.example/s"), "/schema/$id", "is not taken"),
        (of(_defs={"a": {"$anchor": "x"}}), "/schema/$defs/a/$anchor", "is not taken: refer to #/$defs/<name>"),
        (of(_defs={"a": {"$schema": "x"}}), "/schema/$defs/a/$schema", "is only taken at the top"),
        (of(properties={"a": {"pattern": "("}}), "/schema/properties/a/pattern", NO_PATTERN),
        (of(properties={"a": {"pattern": "(?=x)"}}), "/schema/properties/a/pattern", NO_PATTERN),
        (of(properties={"a": {"pattern": r"(a)\1"}}), "/schema/properties/a/pattern", NO_PATTERN),
        (of(patternProperties={"(": {}}), "/schema/patternProperties", NO_PATTERN),
        (of(patternProperties={"a": {}}, unevaluatedProperties=False), "/schema", "has both patternProperties"),
        (of(_ref="#"), "/schema", "refers to itself without end"),
        (of(allOf=[{"$ref": "#/allOf/1"}, {"not": {"$ref": "#/allOf/0"}}]), "/schema/allOf/0", "refers to itself"),
        (of(description="x" * 70_000), "/schema", "is larger than 65536 bytes"),
        (of(maximum=float("inf")), "/schema/maximum", "is no finite number"),
    ],
)
def test_a_schema_that_leads_out_or_never_ends_is_refused(schema: dict[str, Any], pointer: str, message: str) -> None:
    faults = schema_faults(schema)
    assert [each.pointer for each in faults] == [pointer]
    assert faults[0].message.startswith(message)


def test_a_schema_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"not": deep}
    assert [each.message for each in schema_faults(of(properties={"a": deep}))] == ["is nested deeper than 64 levels"]


def test_a_long_chain_of_references_is_looked_through() -> None:
    chain: dict[str, Any] = {f"d{number}": {"$ref": f"#/$defs/d{number + 1}"} for number in range(1_500)}
    assert schema_faults(of(_ref="#/$defs/d0", _defs=chain | {"d1500": {}})) == []
    assert [each.message for each in schema_faults(of(_defs=chain | {"d1500": {"$ref": "#/$defs/d0"}}))] == [
        "refers to itself without end"
    ]
    tool = Tool("chain", "1", of(_ref="#/$defs/d0", _defs=chain | {"d1500": {}}), "low")
    assert [each.message for each in tool.faults({})] == [
        "cannot be checked: the tool's schema leads back to itself too often"
    ]


@given(schema=st.dictionaries(KEYWORDS, SCHEMAS, max_size=4), arguments=SCHEMAS)
def test_a_schema_is_refused_or_can_be_used(schema: dict[str, Any], arguments: Any) -> None:  # noqa: ANN401  # any JSON
    schema = {**schema, "type": "object"}
    if not schema_faults(schema):
        Tool("any", "1", schema, "low").faults({"x": arguments, "type": arguments})
