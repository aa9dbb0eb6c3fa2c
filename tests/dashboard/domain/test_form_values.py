"""Values from forms, and what is wrong with them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.dashboard.domain.refund_form import GIVEN, REFUND, sent_back, submitted
from tillhand_dashboard.domain.exact_json import Json, written
from tillhand_dashboard.domain.form_values import FieldError, values
from tillhand_dashboard.domain.schema_forms import form
from tillhand_dashboard.domain.schema_reading import Schema


def rules(schema: Schema, sent: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """The errors of what was sent."""
    return [(each.pointer, each.rule, each.message) for each in values(schema, sent).errors]


@pytest.mark.parametrize(
    ("name", "texts", "error"),
    [
        ("/order_id", ["A"], ("/order_id", "minLength", "Order id must have at least 3 characters")),
        ("/order_id", ["A" * 10], ("/order_id", "maxLength", "Order id must have at most 9 characters")),
        ("/order_id", [], ("/order_id", "required", "Order id is required")),
        ("/amount", [""], ("/amount", "required", "Amount is required")),
        ("/amount", ["0"], ("/amount", "minimum", "Amount must be at least 1")),
        ("/amount", ["1005"], ("/amount", "maximum", "Amount must be at most 1000")),
        ("/amount", ["7"], ("/amount", "multipleOf", "Amount must be a multiple of 5")),
        ("/amount", ["1e999999"], ("/amount", "maximum", "Amount must be at most 1000")),
        ("/amount", ["12,5"], ("/amount", "type", "Amount must be a number, such as 12.5")),
        ("/amount", ["\u0661"], ("/amount", "type", "Amount must be a number, such as 12.5")),
        ("/amount", ["9" * 1_000_000], ("/amount", "type", "Amount must be a number, such as 12.5")),
        ("json:/amount", ['"5"'], ("/amount", "type", "Amount must be a whole number")),
        ("json:/amount", ["null"], ("/amount", "type", "Amount must not be null")),
        ("json:/amount", ["{"], ("/amount", "json", "Amount is no JSON at line 1, column 2")),
        ("/rate", ["0"], ("/rate", "exclusiveMinimum", "Rate must be more than 0")),
        ("/rate", ["1"], ("/rate", "exclusiveMaximum", "Rate must be less than 1")),
        ("/reason", ['"other"'], ("/reason", "enum", "Reason must be one of those that are offered")),
        ("json:/reason", ['"other"'], ("/reason", "enum", "Reason must be one of those that are offered")),
        ("/notify", ["yes"], ("/notify", "enum", "Notify must be one of those that are offered")),
        ("/tags", ["a", "a"], ("/tags", "uniqueItems", "Tags must not hold an item twice")),
        ("/tags", ["a", "b", "c"], ("/tags", "maxItems", "Tags must have at most 2 items")),
        ("/tags", ["", "a", "long tag"], ("/tags/1", "maxLength", "Tags, item 2, must have at most 4 characters")),
        ("rows:/lines", [], ("/lines", "minItems", "Lines must have at least 1 items")),
        ("/lines/0/quantity", ["x"], ("/lines/0/quantity", "type", "Quantity must be a number, such as 12.5")),
        ("/lines/1/quantity", ["1"], ("/lines/1/sku", "required", "Sku is required")),
        ("/customer/email", [], ("/customer/email", "required", "Email is required")),
        ("/gift/quantity", ["1"], ("/gift/sku", "required", "Sku is required")),
        ("json:/anything", ["[1, 1"], ("/anything", "json", "Anything is no JSON at line 1, column 6")),
        ("more:", ["[]"], ("", "json", "Other members must be a JSON object")),
        ("more:", ['{"amount": 1}'], ("", "json", "Other members must not name what has a field of its own")),
        ("json:", ["[]"], ("", "type", "Refund must be a JSON object")),
    ],
)
def test_an_error_names_the_field_and_the_rule(name: str, texts: list[str], error: tuple[str, str, str]) -> None:
    sent = {**submitted(form(REFUND, GIVEN)), name: texts}
    if error[1] == "required" and f"blank:{name}" in sent:
        sent[f"blank:{name}"] = ["absent"]
    assert rules(REFUND, sent) == [error]


def test_what_was_entered_is_read_in_its_type() -> None:
    sent = submitted(form(REFUND, GIVEN)) | {
        "/amount": [" 65 "], "/rate": ["0.10"], "/reason": ['"late"'], "/speed": ["2"], "/notify": ["false"],
        "/note": ["two\r\nlines"], "/due": ["2026-03-01"], "/tags": ["a", "", "b"], "/lines/1/sku": ["S2"],
        "/gift/sku": ["G"], "json:/anything": ['{"x": [1.50]}'], "/kind": ['"refund"'],
        "unknown": ["x"], "/unknown": ["y"],
    }  # fmt: skip
    read = values(REFUND, sent)
    assert read.errors == ()
    assert read.value == {
        "order_id": "A-1001", "amount": 65, "rate": Decimal("0.10"), "reason": "late", "speed": 2, "notify": False,
        "note": "two\nlines", "due": "2026-03-01", "tags": ["a", "b"],
        "lines": [{"sku": "S1", "quantity": 2}, {"sku": "S2"}],
        "customer": {"email": "a@b.example"}, "gift": {"sku": "G"}, "anything": {"x": [Decimal("1.50")]},
        "kind": "refund",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "blank", "expected"),
    [
        ("note", "null", None),
        ("note", "empty", ""),
        ("tags", "empty", []),
        ("gift", "null", None),
        ("reason", "null", None),
    ],
)
def test_what_is_left_empty_stands_for_what_was_chosen(name: str, blank: str, expected: Json) -> None:
    read = values(REFUND, {**submitted(form(REFUND, GIVEN)), f"blank:/{name}": [blank]})
    assert isinstance(read.value, dict)
    assert (read.value.get(name, "absent"), read.errors) == (expected, ())


def test_a_row_can_be_taken_away() -> None:
    value: Json = {"lines": [{"sku": "S1"}, {"sku": "S2"}]}
    read = values(REFUND, submitted(form(REFUND, value)) | {"remove:/lines/0": ["on"]})
    assert isinstance(read.value, dict)
    assert read.value["lines"] == [{"sku": "S2"}]


def test_a_form_that_nobody_made_is_read_to_a_bound() -> None:
    sent = {
        "/tags": ["too long a tag"] * 1_000_000,
        "rows:/lines": [str(number) for number in range(1_000_000)],
        **{f"/lines/{number}/quantity": ["x"] for number in range(10_000)},
        **{"/" * number: ["x"] for number in range(1_000)},
    }
    read = values(REFUND, sent)
    assert len(read.errors) == 50
    assert isinstance(read.value, dict)
    assert len(written(read.value)) < 100_000


def test_a_value_that_the_schema_does_not_take_is_kept_and_said_to_be_wrong() -> None:
    value: Json = {"order_id": 5, "amount": "much", "lines": {}, "customer": None, "speed": 3}
    read = values(REFUND, sent_back(form(REFUND, value)))
    assert read.value == value
    assert read.errors == (
        FieldError("/order_id", "type", "Order id must be a text"),
        FieldError("/amount", "type", "Amount must be a whole number"),
        FieldError("/speed", "enum", "Speed must be one of those that are offered"),
        FieldError("/lines", "type", "Lines must be a JSON array"),
        FieldError("/customer", "type", "Customer must not be null"),
    )


def test_rows_may_be_null() -> None:
    line: Json = {"type": ["object", "null"], "properties": {"sku": {"type": "string"}}}
    schema: Schema = {"type": "object", "properties": {"lines": {"type": "array", "items": line}}}
    whole = form(schema, {"lines": [None, {"sku": "S1"}, {}]})
    assert [each.kind for each in whole.everything()][:4] == ["group", "rows", "group", "text"]
    assert values(schema, sent_back(whole)).value == {"lines": [None, {"sku": "S1"}, {}]}
    taken_away = {each.remove_name: ["on"] for each in whole.fields[0].fields[:2]}
    assert values(schema, {**sent_back(whole), **taken_away}).value == {"lines": [{}]}


def test_a_number_is_judged_however_it_is_spelled() -> None:
    schema: Schema = {"type": "object", "properties": {"n": {"type": "integer", "multipleOf": 0.5, "minimum": True}}}
    for text, expected in [
        ("1.0", []),
        ("2E+1", []),
        ("1.5", ["type"]),
        ("1.25", ["type", "multipleOf"]),
        ("1e999", []),
    ]:
        assert [rule for _, rule, _ in rules(schema, {"/n": [text]})] == expected
