"""Forms from schemas: fields, and the way back to the value."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dashboard.domain.refund_form import GIVEN, REFUND, sent_back
from tillhand_dashboard.domain.characters import hidden
from tillhand_dashboard.domain.diffing import diff
from tillhand_dashboard.domain.exact_json import Json
from tillhand_dashboard.domain.filled_forms import retyped
from tillhand_dashboard.domain.form_fields import ABSENT, Field
from tillhand_dashboard.domain.form_values import values
from tillhand_dashboard.domain.schema_forms import form
from tillhand_dashboard.domain.schema_reading import Schema

HALF = settings(max_examples=50)
"""Schemas are costly to make up."""
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
TABLE: Schema = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}},
}


def of(schema: Schema, value: Json) -> dict[str, Field]:
    """The fields of a form by their pointers."""
    return {each.pointer: each for each in form(schema, value).everything() if not each.holds_more}


@HALF
@given(schema=SCHEMAS, value=FITTING | VALUES)
def test_an_untouched_form_gives_back_the_value_that_it_was_made_from(schema: Schema, value: Json) -> None:
    read = values(schema, sent_back(form(schema, value)))
    assert read.value == value
    assert diff(read.value, value).differing == ()


@HALF
@given(schema=VALUES, value=VALUES)
def test_a_schema_of_any_kind_makes_a_form(schema: Json, value: Json) -> None:
    whole: Schema = {"type": "object", "properties": {"a": schema}, "anything": schema}
    read = values(whole, sent_back(form(whole, {"a": value})))
    assert diff(read.value, {"a": value}).differing == ()


@HALF
@given(schema=SCHEMAS, value=FITTING)
def test_no_control_holds_what_a_person_could_not_see(schema: Schema, value: Json) -> None:
    for field in form(schema, value).everything():
        for text in (*field.values, field.name):
            assert [text[at] for at in range(len(text)) if hidden(text, at)] == []
        if field.kind not in ("raw", "long_text"):
            assert not any("\n" in text for text in field.values)


@HALF
@given(schema=SCHEMAS, value=FITTING)
def test_no_two_controls_have_one_name(schema: Schema, value: Json) -> None:
    fields = list(form(schema, value).everything())
    names = [each.name for each in fields if each.kind != "group"] + [each.blank_name for each in fields if each.blanks]
    assert len(set(names)) == len(names)


@HALF
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


@given(schema=SCHEMAS | st.just(TABLE), value=FITTING, data=st.data())
def test_what_was_typed_means_the_same_when_it_comes_back(schema: Schema, value: Json, data: st.DataObject) -> None:
    begun = form(schema, value)
    sent = sent_back(begun)
    typed = sorted(name for name in sent if not name.startswith(("blank:", "rows:")))
    for name in data.draw(st.lists(st.sampled_from(typed), max_size=4)) if typed else ():
        sent[name] = data.draw(st.lists(TEXTS, min_size=1, max_size=3))
    if "rows:/a" in sent:
        sent["rows:/a"] = [str(number) for number in data.draw(st.lists(st.integers(0, 5), max_size=4))]
        sent["/a/4/a"] = ["more"]
        sent[data.draw(st.sampled_from(["remove:/a/0", "remove:/a/4"]))] = ["yes"]
    first, again = values(schema, sent), values(schema, sent_back(retyped(begun, sent)))
    assert diff(again.value, first.value).differing == ()
    assert [(each.pointer, each.rule) for each in again.errors] == [(each.pointer, each.rule) for each in first.errors]


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
        ("maxLength", "4"),
    ]
    assert fields["/rate"].default == "0.50"
    assert [(each.value, each.label) for each in fields["/speed"].choices] == [("1", "Slow"), ("2", "Fast")]
    assert [each.label for each in fields["/reason"].choices] == ["late", "broken"]
    assert fields["/reason"].blanks == ("absent", "null")
    assert fields["/note"].blanks == ("absent", "null", "empty")
    assert fields["/amount"].blanks == ()
    assert fields["/lines/0"].label == "Line 1"


def test_members_that_no_field_shows_are_kept() -> None:
    value: Json = {**GIVEN, "surprise": {"\u202e": 1}} if isinstance(GIVEN, dict) else None
    (more,) = [each for each in form(REFUND, value).everything() if each.holds_more]
    assert more.values == ('{\n  "surprise": {\n    "\\u202e": 1\n  }\n}',)
    assert values(REFUND, sent_back(form(REFUND, value))).value == value


def test_text_that_hides_something_is_shown_as_json_that_spells_it() -> None:
    field = of(REFUND, {"order_id": "A\u202e1", "note": "plain"})["/order_id"]
    assert (field.kind, field.name, field.values) == ("raw", "json:/order_id", ('"A\\u202e1"',))


def test_a_schema_that_leads_to_itself_ends_in_raw_json() -> None:
    schema: Schema = {"type": "object", "properties": {f"p{number}": {"$ref": "#"} for number in range(100)}}
    whole = form(schema, ABSENT)
    assert sum(1 for _ in whole.everything()) <= 50_000
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
