"""The state of a list in its URL: canonical, forgiving, and with a link for each step from it."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.filters import Filter, LeftOut, ListShape, ListState, Sort, parse

SHAPE = ListShape(
    filters=(
        Filter("state", ("pending", "approved", "declined")),
        Filter("risk", ("low", "high"), many=False),
        Filter("tool"),
    ),
    columns=("created", "amount"),
    default_sort=Sort("created", descending=True),
)
NAMES = st.sampled_from(["state", "risk", "tool", "q", "sort", "cursor", "density", "other"])
VALUES = (
    st.sampled_from(["pending", "approved", "low", "high", "-created", "created", "amount", "-amount", "compact", ""])
    | st.text()
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=20)


def read(query: str) -> ListState:
    """The state of a query, all of which must be readable."""
    parsed = parse(SHAPE, parse_qsl(query))
    assert parsed.left_out == ()
    return parsed.state


@given(pairs=PAIRS)
def test_whatever_is_asked_the_canonical_query_leads_to_the_same_state(pairs: list[tuple[str, str]]) -> None:
    state = parse(SHAPE, pairs).state
    again = read(state.query)
    assert again == state
    assert again.query == state.query
    assert tuple(parse_qsl(state.query)) == state.pairs


@given(pairs=PAIRS, other=PAIRS)
def test_states_are_equal_exactly_when_their_queries_are(
    pairs: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    first, second = parse(SHAPE, pairs).state, parse(SHAPE, other).state
    assert (first == second) is (first.query == second.query)


@given(pairs=PAIRS, value=st.sampled_from(["pending", "approved", "declined"]))
def test_toggling_twice_leads_back_to_the_first_page(pairs: list[tuple[str, str]], value: str) -> None:
    state = parse(SHAPE, pairs).state
    once = state.toggled("state", value)
    assert (value in once.values("state")) is not (value in state.values("state"))
    assert once.toggled("state", value) == state.at("")
    assert read(once.query) == once


@given(pairs=PAIRS, column=st.sampled_from(SHAPE.columns))
def test_sorting_by_a_column_again_and_again_goes_round_and_never_stands_still(
    pairs: list[tuple[str, str]], column: str
) -> None:
    state = parse(SHAPE, pairs).state.sorted_by(column)
    seen = {state.query}
    for _ in range(3):
        state, before = state.sorted_by(column), state
        assert state != before
        assert read(state.query) == state
        seen.add(state.query)
    assert len(seen) == (2 if column == "created" else 3)


def test_the_query_is_in_one_order_without_what_is_by_default() -> None:
    query = "density=comfortable&sort=-created&tool=b&tool=a&q=+two++words+&state=declined&state=pending&state=pending"
    assert read(query).query == "state=pending&state=declined&tool=a&tool=b&q=two++words"
    assert read("").query == ""


def test_what_cannot_be_read_is_left_out_and_reported() -> None:
    pairs = [
        ("state", "gone"),
        ("state", "pending"),
        ("risk", "low"),
        ("risk", "high"),
        ("tool", "x" * 101),
        ("q", "y" * 201),
        ("sort", "colour"),
        ("density", "huge"),
        ("cursor", "z" * 501),
        ("utm_source", "mail"),
    ]
    parsed = parse(SHAPE, pairs)
    assert parsed.state.query == "state=pending&risk=low"
    assert parsed.left_out == (
        LeftOut("state", "has a value that is unknown here"),
        LeftOut("risk", "stands twice"),
        LeftOut("tool", "is longer than 100 characters"),
        LeftOut("q", "is longer than 200 characters"),
        LeftOut("sort", "names no column that sorts"),
        LeftOut("density", "is none of comfortable, compact"),
        LeftOut("cursor", "is longer than 500 characters"),
        LeftOut("utm_source", "is unknown here"),
    )


def test_a_query_without_end_is_read_to_a_bound() -> None:
    parsed = parse(SHAPE, ((f"{number}" * 1_000, "x" * 100_000) for number in range(10**9)))
    assert len(parsed.left_out) == 20
    assert all(len(each.name) <= 100 for each in parsed.left_out)
    many = parse(SHAPE, [("tool", str(number)) for number in range(100)])
    assert len(many.state.values("tool")) == 50
    assert many.left_out == (LeftOut("tool", "has more than 50 values"),)
    assert parse(SHAPE, [("q", "")] * 201).left_out == (LeftOut("", "is longer than 200 parts"),)


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x", "a\0b", "a\ud800b", "a\u202eb"])
def test_no_control_character_stands_in_a_link(text: str) -> None:
    for state in (parse(SHAPE, [("q", text)]).state, ListState(SHAPE).searching(text)):
        assert "%00" not in state.query
        assert "%0" not in state.query
        assert read(state.query) == state


def test_a_filter_of_one_value_makes_room_for_another() -> None:
    state = read("risk=low&cursor=abc")
    assert state.toggled("risk", "high").query == "risk=high"
    assert state.without("risk").query == ""
    assert state.toggled("tool", " refund ").query == "risk=low&tool=refund"


def test_whatever_narrows_the_list_can_be_cleared_at_once() -> None:
    state = read("state=pending&q=late&sort=amount&density=compact&cursor=abc")
    assert state.is_narrowed
    assert state.cleared().query == "sort=amount&density=compact"
    assert not state.cleared().is_narrowed


def test_a_column_tells_how_it_is_sorted() -> None:
    state = ListState(SHAPE)
    assert (state.direction("created"), state.direction("amount")) == ("descending", "none")
    assert state.sorted_by("amount").direction("amount") == "ascending"
    assert state.sorted_by("amount").sorted_by("amount").query == "sort=-amount"
    assert state.sorted_by("amount").sorted_by("amount").sorted_by("amount").query == ""
    assert state.sorted_by("created").query == "sort=created"


def test_a_page_keeps_all_else_and_what_is_listed_begins_at_the_first() -> None:
    state = read("state=pending").at("abc")
    assert state.query == "state=pending&cursor=abc"
    assert state.with_density("compact").query == "state=pending&cursor=abc&density=compact"
    assert state.searching("late").query == "state=pending&q=late"
    assert state.sorted_by("amount").cursor == ""
    assert state.at("").query == "state=pending"


def test_links_are_only_made_for_what_the_list_has() -> None:
    state = ListState(SHAPE)
    with pytest.raises(KeyError):
        state.toggled("colour", "red")
    with pytest.raises(ValueError, match="state has no such value"):
        state.toggled("state", "red")
    with pytest.raises(KeyError):
        state.sorted_by("colour")


def test_a_list_without_an_order_goes_back_to_none() -> None:
    state = ListState(ListShape(columns=("name",)))
    assert [state.direction("name"), state.sorted_by("name").sorted_by("name").sorted_by("name").sort] == ["none", None]
