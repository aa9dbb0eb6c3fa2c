"""Tools as executors register them, and the arguments that they are called with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_approvals.domain.tools import Fault, Tool, pending_faults, tool_change, tool_faults
from tillhand_approvals.models.tools import fault_out, tool_change_out

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
        "count": {"type": "integer", "minimum": 0},
        "reason": {"enum": ["sale", "loss"]},
        "amount": {"type": "integer"},
        "currency": {"type": "string"},
        "customer": {
            "type": "object",
            "properties": {"email": {"type": "string"}, "id": {"type": ["string", "integer"]}},
        },
        "notify": {"type": "object", "additionalProperties": {"type": "integer"}},
        "lines": {"type": "array", "uniqueItems": True, "items": {"type": "object", "required": ["sku", "count"]}},
    },
    "required": ["sku", "count"],
    "additionalProperties": False,
}
TOOL = Tool(
    name="stock_set",
    version="1.0",
    schema=SCHEMA,
    risk="medium",
    subject=("/customer/id", "/customer/email"),
    amount="/amount",
    currency="/currency",
)
GOOD: dict[str, Any] = {"sku": "AB-1234", "count": 3}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*SCHEMA["properties"], "x"]), inner),
    max_leaves=12,
)


def nested(depth: int) -> dict[str, Any]:
    """An object within this many."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"child": value}
    return value


def test_what_the_schema_takes_has_no_fault() -> None:
    assert TOOL.faults({**GOOD, "reason": "sale", "notify": {"x": 1}, "lines": [{"sku": "a", "count": 1}]}) == []
    assert tool_faults(TOOL) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"sku": "AB-1234"}, [Fault("", "lacks count")]),
        ({}, [Fault("", "lacks count, sku")]),
        (GOOD | {"count": -1}, [Fault("/count", "does not meet minimum 0")]),
        (GOOD | {"count": True}, [Fault("/count", 'does not meet type "integer"')]),
        (GOOD | {"sku": "AB-12345"}, [Fault("/sku", 'does not meet pattern "^[A-Z]{2}-[0-9]{4}$"')]),
        (GOOD | {"sku": "AB-1234\n"}, [Fault("/sku", 'does not meet pattern "^[A-Z]{2}-[0-9]{4}$"')]),
        (GOOD | {"reason": "gift"}, [Fault("/reason", 'does not meet enum ["sale","loss"]')]),
        (GOOD | {"secret": 1}, [Fault("", "has a member that the tool does not take")]),
        (GOOD | {"lines": [{"sku": "x"}]}, [Fault("/lines/0", "lacks count")]),
        (GOOD | {"lines": [{"sku": "x", "count": 1}] * 2}, [Fault("/lines", "does not meet uniqueItems")]),
        (GOOD | {"amount": 2**60}, [Fault("/amount", "is a whole number beyond 2^53 - 1: send it as a string")]),
    ],
)
def test_a_fault_names_the_place_and_what_is_expected(arguments: dict[str, Any], expected: list[Fault]) -> None:
    assert TOOL.faults(arguments) == expected


def test_a_fault_tells_neither_values_nor_names_that_the_schema_does_not_give() -> None:
    private = {"notify": {"ann@shop.example": "0151-2345"}, "ann": 1, "sku": "Ann Miller", "count": "Ann"}
    told = json.dumps([fault_out(each).model_dump() for each in TOOL.faults(private)])
    assert "/notify/*" in told
    for word in ("ann", "Ann", "0151"):
        assert word not in told.replace("amount", "")
    assert TOOL.faults(GOOD | {"notify": {"ann@shop.example": float("nan")}})[0].pointer == "/notify/*"


def test_no_more_than_twenty_faults_are_told() -> None:
    assert len(TOOL.faults(GOOD | {"lines": [{"sku": str(number)} for number in range(100)]})) == 20


@given(arguments=st.dictionaries(st.sampled_from([*SCHEMA["properties"], "x"]), JSON))
def test_asking_never_raises_whatever_the_arguments_are(arguments: dict[str, Any]) -> None:
    for each in TOOL.faults(arguments):
        assert each.message
    TOOL.subject_of(arguments)
    TOOL.amount_of(arguments)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^((a*)*)*b$", "(x+x+)+y"])
def test_a_pattern_that_others_match_for_ever_is_answered_at_once(pattern: str) -> None:
    schema = {"type": "object", "properties": {"x": {"pattern": pattern}}, "patternProperties": {pattern: {}}}
    tool = replace(TOOL, schema=schema, subject=None, amount=None, currency=None)
    assert tool_faults(tool) == []
    assert [each.pointer for each in tool.faults({"x": "a" * 50_000 + "!", "a" * 50_000 + "!": 1})] == ["/x"]


def test_many_different_things_are_told_apart_without_comparing_each_with_each() -> None:
    lines = [{"sku": str(number), "count": [number]} for number in range(20_000)]
    tool = replace(TOOL, schema={"type": "object", "properties": {"lines": {"uniqueItems": True}}})
    assert tool.faults({"lines": lines}) == []
    assert tool.faults({"lines": [*lines, lines[0]]}) == [Fault("/lines", "does not meet uniqueItems")]
    assert tool.faults({"lines": [1, True]}) == []
    assert tool.faults({"lines": [1, 1.0]}) == [Fault("/lines", "does not meet uniqueItems")]


def test_alternatives_that_multiply_end_with_a_refusal() -> None:
    twice = {f"d{number}": {"anyOf": [{"$ref": f"#/$defs/d{number + 1}"}] * 2} for number in range(40)}
    schema = {"type": "object", "properties": {"x": {"$ref": "#/$defs/d0"}}, "$defs": twice | {"d40": {"type": "null"}}}
    tool = replace(TOOL, schema=schema, subject=None, amount=None, currency=None)
    assert tool_faults(tool) == []
    assert tool.faults({"x": 1}) == [Fault("", "takes too long to check against the tool's schema")]


def test_a_thousand_lines_of_ten_members_are_no_alternatives_that_multiply() -> None:
    members = [f"m{number}" for number in range(10)]
    line = {"type": "object", "properties": {each: {"type": "integer", "minimum": 0} for each in members}}
    schema = {"type": "object", "properties": {"lines": {"type": "array", "items": {**line, "required": members}}}}
    tool = replace(TOOL, schema=schema)
    lines = [dict.fromkeys(members, number) for number in range(1_000)]
    assert tool.faults({"lines": lines}) == []
    assert tool.faults({"lines": [*lines, {}]})[0].pointer == "/lines/1000"


def test_a_schema_that_holds_itself_is_followed_as_deep_as_arguments_go() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"child": {"$ref": "#"}, "name": {"pattern": "^(a|a)*$"}},
        "additionalProperties": False,
    }
    tool = replace(TOOL, schema=schema, subject=None, amount=None, currency=None)
    assert tool_faults(tool) == []
    assert tool.faults(nested(40)) == []
    assert tool.faults({"child": {"child": {"x": 1}}})[0].pointer == "/child/child"
    assert tool.faults({"child": {"name": "a" * 50_000 + "!"}})[0].pointer == "/child/name"
    assert [each.message for each in tool.faults(nested(100))] == ["is nested deeper than 64 levels"]


def test_subject_and_amount_are_read_where_the_tool_points() -> None:
    assert TOOL.subject_of({"customer": {"email": "ann@shop.example"}}) == "ann@shop.example"
    assert TOOL.subject_of({"customer": {"email": "ann@shop.example", "id": 17}}) == "17"
    assert TOOL.subject_of({"customer": {"id": True, "email": ""}}) is None
    assert TOOL.subject_of({}) is None
    assert TOOL.amount_of({"amount": 1999, "currency": "EUR"}) == (1999, "EUR")
    assert TOOL.amount_of({"amount": 1999}) == (1999, None)
    assert TOOL.amount_of({"amount": 19.99}) is None
    assert TOOL.amount_of({"amount": True}) is None
    assert replace(TOOL, amount="/lines/-").amount_of({"lines": [1]}) is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "Stock"}, "/name"),
        ({"name": "a" * 65}, "/name"),
        ({"version": ""}, "/version"),
        ({"version": "1 0"}, "/version"),
        ({"risk": "huge"}, "/risk"),
        ({"title": "x" * 201}, "/title"),
        ({"cost_of_error": "x" * 501}, "/cost_of_error"),
        ({"subject": "customer"}, "/subject"),
        ({"subject": ("/a", "/~2")}, "/subject"),
        ({"subject": tuple(f"/{number}" for number in range(11))}, "/subject"),
        ({"amount": ""}, "/amount"),
        ({"amount": None}, "/currency"),
    ],
)
def test_a_tool_that_makes_no_sense_cannot_be_registered(change: dict[str, Any], pointer: str) -> None:
    assert [each.pointer for each in tool_faults(replace(TOOL, **change))] == [pointer]


def test_a_new_version_says_what_it_changes_and_what_becomes_of_what_waits() -> None:
    assert tool_change(TOOL, TOOL) is None
    assert pending_faults(TOOL, TOOL, {}) == []

    worded = replace(TOOL, version="1.1", title="Set the stock")
    change = tool_change(TOOL, worded)
    assert change is not None
    assert tool_change_out(change).model_dump() == {
        "before": "1.0",
        "after": "1.1",
        "fields": ["title"],
        "riskier": False,
        "ask_again": False,
    }
    assert pending_faults(TOOL, worded, GOOD) == []

    riskier = replace(TOOL, version="2.0", risk="high")
    change = tool_change(TOOL, riskier)
    assert change is not None
    assert (change.fields, change.riskier, change.ask_again) == (("risk",), True, True)
    assert [each.message for each in pending_faults(TOOL, riskier, GOOD)] == [
        "has to be judged by the policies again: the tool has changed"
    ]

    stricter = replace(TOOL, version="2.0", schema={**SCHEMA, "required": ["sku", "count", "reason"]})
    assert pending_faults(TOOL, stricter, GOOD) == [Fault("", "lacks reason")]
    assert pending_faults(TOOL, stricter, GOOD | {"reason": "loss"}) == []


def test_a_schema_that_only_looks_different_is_no_change() -> None:
    assert tool_change(TOOL, replace(TOOL, schema=dict(reversed(SCHEMA.items())))) is None


def test_a_tool_that_begins_to_write_is_riskier() -> None:
    change = tool_change(replace(TOOL, writes=False), TOOL)
    assert change is not None
    assert change.riskier
