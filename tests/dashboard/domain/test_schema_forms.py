"""Forms from schemas: fields, and the way back to the value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.characters import hidden
from tillhand_dashboard.domain.diffing import diff
from tillhand_dashboard.domain.exact_json import Json, written
from tillhand_dashboard.domain.form_fields import ABSENT, Field, submitted
from tillhand_dashboard.domain.form_values import FieldError, values
from tillhand_dashboard.domain.schema_forms import form, start
from tillhand_dashboard.domain.schema_reading import Schema

NAMES = st.sampled_from(["a", "b_c", "d/e", "f~g", "json:h", "", "\u202e", "line\nbreak"])
TEXTS = (
    st.sampled_from(["", " ", "x", "two\nlines", "\nfirst", "a\r\nb", "\u200b", "\ud800", "\t", "null", "1"])
    | st.text()
)
NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.just(10**200)
SCALARS: st.SearchStrategy[Json] = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)


def containers(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Arrays and objects of these, as values."""
    return st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)


VALUES = st.recursive(SCALARS, containers, max_leaves=12)
SIMPLE: st.SearchStrategy[Json] = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "integer", "number", "boolean"])},
        optional={
            "default": SCALARS,
            "minLength": st.integers(0, 3),
            "minimum": NUMBERS,
            "title": TEXTS,
            "format": TEXTS,
        },
    ),
    st.builds(lambda kind: {"type": [kind, "null"]}, st.sampled_from(["string", "integer", "boolean", "object"])),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, max_size=4)),
    st.builds(lambda value: {"const": value}, SCALARS),
    st.builds(lambda values: {"oneOf": [{"const": each} for each in values]}, st.lists(SCALARS, max_size=3)),
    st.sampled_from([True, False, {}, {"$ref": "#/properties/a"}, {"$ref": "#"}, {"type": "null"}, {"not": {}}]),
    VALUES,
)


def schemas_of(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Objects and arrays of what these describe."""
    return st.one_of(
        st.builds(
            lambda members, needed, more: {
                "type": "object",
                "properties": members,
                "required": needed,
                "additionalProperties": more,
            },
            st.dictionaries(NAMES, inner, max_size=4),
            st.lists(NAMES, max_size=3),
            st.sampled_from([True, False, {}]),
        ),
        st.builds(lambda item: {"type": "array", "items": item, "uniqueItems": True}, inner),
        st.builds(lambda each: {"anyOf": [each, {"type": "null"}]}, inner),
    )


SCHEMAS = st.recursive(SIMPLE, schemas_of, max_leaves=8).map(
    lambda each: {"type": "object", "properties": {"a": each, "b_c": each}, "required": ["a"]}
)
FITTING = st.fixed_dictionaries({}, optional={"a": VALUES, "b_c": VALUES, "d/e": SCALARS})


def sent_back(field: Field) -> dict[str, list[str]]:
    """What a browser makes of an untouched form: line ends of two characters."""
    return {name: [text.replace("\n", "\r\n") for text in texts] for name, texts in submitted(field).items()}


def of(schema: Schema, value: Json) -> dict[str, Field]:
    """The fields of a form by their pointers."""
    return {each.pointer: each for each in form(schema, value).everything() if not each.holds_more}


def rules(schema: Schema, sent: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """The errors of what was sent."""
    return [(each.pointer, each.rule, each.message) for each in values(schema, sent).errors]


@given(schema=SCHEMAS, value=FITTING | VALUES)
def test_an_untouched_form_gives_back_the_value_that_it_was_made_from(schema: Schema, value: Json) -> None:
    read = values(schema, sent_back(form(schema, value)))
    assert read.value == value
    assert diff(read.value, value).differing == ()


@given(schema=VALUES, value=VALUES)
def test_a_schema_of_any_kind_makes_a_form(schema: Json, value: Json) -> None:
    whole: Schema = {"type": "object", "properties": {"a": schema}, "anything": schema}
    read = values(whole, sent_back(form(whole, {"a": value})))
    assert diff(read.value, {"a": value}).differing == ()


@given(schema=SCHEMAS, value=FITTING)
def test_no_control_holds_what_a_person_could_not_see(schema: Schema, value: Json) -> None:
    for field in form(schema, value).everything():
        for text in (*field.values, field.name):
            assert [text[at] for at in range(len(text)) if hidden(text, at)] == []
        if field.kind not in ("raw", "long_text"):
            assert not any("\n" in text for text in field.values)


@given(schema=SCHEMAS, value=FITTING)
def test_no_two_controls_have_one_name(schema: Schema, value: Json) -> None:
    fields = list(form(schema, value).everything())
    names = [each.name for each in fields if each.kind != "group"] + [each.blank_name for each in fields if each.blanks]
    assert len(set(names)) == len(names)


@given(
    schema=SCHEMAS,
    sent=st.dictionaries(
        st.sampled_from(["/a", "json:/a", "blank:/a", "rows:/a", "more:", "/a/0", "/a/0/a"]), st.lists(TEXTS)
    ),
)
def test_whatever_is_sent_is_read_or_said_to_be_wrong(schema: Schema, sent: dict[str, list[str]]) -> None:
    read = values(schema, sent)
    again = values(schema, sent_back(form(schema, read.value)))
    assert diff(again.value, read.value).differing == ()


REFUND: Schema = {
    "type": "object",
    "title": "Refund",
    "required": ["order_id", "amount", "lines", "customer"],
    "additionalProperties": False,
    "properties": {
        "order_id": {"type": "string", "pattern": "^(a+)+$", "minLength": 3, "maxLength": 9,
                     "description": "As on the bill."},
        "amount": {"type": "integer", "minimum": 1, "maximum": 1000, "multipleOf": 5},
        "rate": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": Decimal("0.50")},
        "reason": {"enum": ["late", "broken", None]},
        "speed": {"oneOf": [{"const": 1, "title": "Slow"}, {"const": 2, "title": "Fast"}]},
        "notify": {"type": "boolean"},
        "note": {"type": ["string", "null"]},
        "due": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 2, "uniqueItems": True},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
        "customer": {"type": "object", "required": ["email"], "properties": {"email": {"type": "string"}}},
        "gift": {"anyOf": [{"$ref": "#/$defs/line"}, {"type": "null"}]},
        "anything": {},
        "kind": {"const": "refund"},
    },
    "$defs": {
        "line": {
            "type": "object",
            "title": "Line",
            "required": ["sku"],
            "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer"}},
        }
    },
}  # fmt: skip
GIVEN: Json = {
    "order_id": "A-1001",
    "amount": 50,
    "lines": [{"sku": "S1", "quantity": 2}],
    "customer": {"email": "a@b.example"},
}


def test_each_member_has_a_field_that_suits_it() -> None:
    kinds = {pointer: field.kind for pointer, field in of(REFUND, GIVEN).items()}
    assert kinds == {
        "": "group", "/order_id": "text", "/amount": "integer", "/rate": "number", "/reason": "choice",
        "/speed": "choice",
        "/notify": "boolean", "/note": "text", "/due": "date", "/tags": "list", "/lines": "rows", "/lines/0": "group",
        "/lines/0/sku": "text", "/lines/0/quantity": "integer", "/lines/1": "group", "/lines/1/sku": "text",
        "/lines/1/quantity": "integer", "/customer": "group", "/customer/email": "text", "/gift": "group",
        "/gift/sku": "text", "/gift/quantity": "integer", "/anything": "raw", "/kind": "choice",
    }  # fmt: skip


def test_a_field_tells_what_may_be_entered() -> None:
    fields = of(REFUND, GIVEN)
    order = fields["/order_id"]
    assert (order.label, order.help, order.required, order.values) == ("Order id", "As on the bill.", True, ("A-1001",))
    assert [(each.rule, each.said) for each in order.constraints] == [
        ("minLength", "3"),
        ("maxLength", "9"),
        ("pattern", "^(a+)+$"),
    ]
    assert [(each.rule, each.said) for each in fields["/tags"].constraints] == [
        ("maxItems", "2"),
        ("uniqueItems", "true"),
        ("maxLength", "4"),
    ]
    assert fields["/rate"].default == "0.50"
    assert [(each.value, each.label) for each in fields["/speed"].choices] == [("1", "Slow"), ("2", "Fast")]
    assert [each.label for each in fields["/reason"].choices] == ["late", "broken"]
    assert fields["/reason"].blanks == ("absent", "null")
    assert fields["/note"].blanks == ("absent", "null", "empty")
    assert fields["/amount"].blanks == ()
    assert fields["/lines/0"].label == "Line 1"


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


def test_members_that_no_field_shows_are_kept() -> None:
    value: Json = {**GIVEN, "surprise": {"\u202e": 1}} if isinstance(GIVEN, dict) else None
    (more,) = [each for each in form(REFUND, value).everything() if each.holds_more]
    assert more.values == ('{\n  "surprise": {\n    "\\u202e": 1\n  }\n}',)
    assert values(REFUND, sent_back(form(REFUND, value))).value == value


def test_text_that_hides_something_is_shown_as_json_that_spells_it() -> None:
    field = of(REFUND, {"order_id": "A\u202e1", "note": "plain"})["/order_id"]
    assert (field.kind, field.name, field.values) == ("raw", "json:/order_id", ('"A\\u202e1"',))


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


def test_a_new_form_begins_with_what_the_schema_gives() -> None:
    assert start(REFUND) == {"rate": Decimal("0.50"), "customer": {}}
    schema: Schema = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "x"}, "a": {"type": "object", "properties": {"b": {"default": None}}}},
    }
    assert start(schema) == {"kind": "x", "a": {"b": None}}
    assert start({"type": "object", "properties": {"a": {"$ref": "#"}}}) == {}
    assert start({}) == {}


def test_a_schema_that_leads_to_itself_ends_in_raw_json() -> None:
    schema: Schema = {"type": "object", "properties": {f"p{number}": {"$ref": "#"} for number in range(100)}}
    whole = form(schema, ABSENT)
    assert sum(1 for _ in whole.everything()) <= 50_000
    assert start(schema) == {}
    value: Json = {"p0": {"p1": {"p2": {"p3": {"p4": {"p5": {"p6": 1}}}}}}}
    assert values(schema, sent_back(form(schema, value))).value == value
    endless: Schema = {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}
    assert of(endless, {"a": 1})["/a"].kind == "raw"


def test_what_is_too_much_for_fields_is_raw_json() -> None:
    schema: Schema = {
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": {"type": "integer"}},
            "rows": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
            "number": {"type": "integer"},
        },
    }
    value: Json = {"list": list(range(201)), "rows": [{"a": 1}] * 101, "number": 10**150}
    assert {each.kind for each in form(schema, value).fields} == {"raw"}
    assert values(schema, sent_back(form(schema, value))).value == value


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
