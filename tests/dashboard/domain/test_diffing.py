"""Two JSON values, before and after."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.diffing import Diff, Entry, diff
from tillhand_dashboard.domain.exact_json import Json, members, parsed, written

KEYS = st.sampled_from(["id", "sku", "a", "b/c", "d~e", ""])
LEAVES: st.SearchStrategy[Json] = st.sampled_from(
    [None, True, False, -1, 0, 1, 2, Decimal("1.0"), Decimal(1), 2**61, 2**61 - 1, "1", "x"]
)


def containers(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Arrays and objects of these."""
    return st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5)


VALUES = st.recursive(LEAVES, containers, max_leaves=20)


def read(text: str) -> Json:
    """A value as the console reads it."""
    value = parsed(text)
    assert isinstance(value, None | bool | int | Decimal | str | list | dict)
    return value


def told(found: Diff) -> list[str]:
    """The entries in short."""
    signs = {"added": "+", "removed": "-", "changed": "~", "same": "="}
    places = ("".join(f"/{part}" for part in each.path) for each in found.entries)
    return [
        f"{signs[each.kind]}{place} {written(each.before, indent=0)} {written(each.after, indent=0)}"
        for place, each in zip(places, found.entries, strict=True)
    ]


def scalars(value: Json) -> int:
    """How many values it holds that hold none themselves."""
    return sum(map(scalars, members(value))) if isinstance(value, list | dict) else 1


@given(before=VALUES, after=VALUES)
def test_each_entry_shows_what_stands_at_its_place(before: Json, after: Json) -> None:
    found = diff(before, after)
    for each in found.entries:
        if each.about == "value" and each.kind != "removed":
            spot = after
            for part in each.path:
                assert isinstance(spot, list | dict)
                spot = spot[part]  # type: ignore[index]  # a key or a position
            assert written(spot) == written(each.after)
    counted = {kind: [each for each in found.entries if each.kind == kind] for kind in ("added", "removed")}
    assert all(each.before is None for each in counted["added"])
    assert all(each.after is None for each in counted["removed"])


@given(before=VALUES, after=VALUES)
def test_nothing_differs_exactly_when_both_are_spelled_alike(before: Json, after: Json) -> None:
    def sorted_text(value: Json) -> str:
        return json.dumps(value, sort_keys=True, default=lambda number: ["decimal", str(number)])

    assert (diff(before, after).differing == ()) is (sorted_text(before) == sorted_text(after))


@given(before=VALUES, after=VALUES)
def test_no_place_is_told_twice_and_the_order_is_stable(before: Json, after: Json) -> None:
    found = diff(before, after)
    places = [(each.path, each.about, each.kind == "removed") for each in found.entries]
    assert len(set(places)) == len(places)
    assert told(diff(before, after)) == told(found)


@given(before=VALUES, after=VALUES)
def test_each_value_of_both_stands_in_one_entry(before: Json, after: Json) -> None:
    entries = [each for each in diff(before, after).entries if each.about == "value"]
    assert sum(scalars(each.before) for each in entries if each.kind != "added") == scalars(before)
    assert sum(scalars(each.after) for each in entries if each.kind != "removed") == scalars(after)


@pytest.mark.parametrize(
    ("before", "after", "entries"),
    [
        ('{"a": 1, "b": 2, "c": 3}', '{"c": 4, "a": 1, "d": 5}', ["=/a 1 1", "-/b 2 null", "~/c 3 4", "+/d null 5"]),
        ("1", "1.0", ["~ 1 1.0"]),
        ("[1.10]", "[1.1]", ["~/0 1.10 1.1"]),
        ("true", "1", ["~ true 1"]),
        ("null", '"null"', ['~ null "null"']),
        ('{"a": {"b": [1]}}', '{"a": {"b": [1, 2]}}', ["=/a/b/0 1 1", "+/a/b/1 null 2"]),
        ('["a", "b", "c"]', '["b", "c"]', ['-/0 "a" null', '=/0 "b" "b"', '=/1 "c" "c"']),
        ("[]", "{}", ["~ [] {}"]),
        ('{"a/b": {"c~d": 1}}', '{"a/b": {"c~d": 2}}', ["~/a/b/c~d 1 2"]),
    ],
)
def test_places_are_told_in_a_stable_order(before: str, after: str, entries: list[str]) -> None:
    assert told(diff(read(before), read(after))) == entries


def test_items_are_matched_by_what_names_them() -> None:
    before = read('[{"sku": "A", "n": 1}, {"sku": "B", "n": 2}, {"sku": "C", "n": 3}]')
    after = read('[{"sku": "X", "n": 1}, {"sku": "A", "n": 1}, {"sku": "C", "n": 4}]')
    assert told(diff(before, after)) == [
        '=/1 {"sku": "A", "n": 1} {"sku": "A", "n": 1}',
        '-/1 {"sku": "B", "n": 2} null',
        '=/2/sku "C" "C"',
        "~/2/n 3 4",
        '+/0 {"sku": "X", "n": 1} null'.replace('{"sku": "X", "n": 1} null', 'null {"sku": "X", "n": 1}'),
    ]


def test_items_that_changed_places_are_no_silent_change() -> None:
    before, after = read('[{"id": 1}, {"id": 2}]'), read('[{"id": 2}, {"id": 1}]')
    assert diff(before, after).differing == (Entry((), "changed", ["1", "2"], ["2", "1"], about="order"),)


@pytest.mark.parametrize(
    "after", ['[{"id": 1}, {"id": 1}]', '[{"id": true}, {"id": 2}]', '[{"id": 1}, 5]', '[{"id": {}}, {"id": 2}]']
)
def test_items_without_names_of_their_own_are_matched_by_their_order(after: str) -> None:
    found = diff(read('[{"id": 1}, {"id": 2}]'), read(after))
    assert found.differing
    assert all(each.about == "value" for each in found.entries)


def test_the_place_is_told_for_people_too() -> None:
    (entry,) = diff(read('{"lines": [{"price": 1}]}'), read('{"lines": [{"price": 2}]}')).entries
    assert (entry.path, entry.place) == (("lines", 0, "price"), "lines / 1 / price")


def test_a_value_nested_without_end_is_compared_without_recursion() -> None:
    before: Json = 1
    after: Json = 2
    for _ in range(20_000):
        before, after = [before], {"a": after}
    assert diff(before, before).differing == ()
    assert [each.kind for each in diff([before], [[before]]).entries] == ["changed"]


def test_a_value_of_many_parts_is_compared_member_by_member() -> None:
    before = read(json.dumps({"a": list(range(120_000)), "b": 1, "c": 2}))
    after = read(json.dumps({"a": list(range(120_000)), "b": 1.0, "d": 2}))
    found = diff(before, after)
    assert found.is_coarse
    assert [(each.path, each.kind) for each in found.entries] == [
        (("a",), "same"),
        (("b",), "changed"),
        (("c",), "removed"),
        (("d",), "added"),
    ]
    assert [each.kind for each in diff(list(range(200_000)), [1]).entries] == ["changed"]


def test_a_diff_of_many_entries_is_large() -> None:
    assert diff(list(range(101)), [-1 - each for each in range(101)]).is_large
    assert not diff([1, 2], [2, 3]).is_large


def test_a_large_value_that_is_too_deep_to_be_written_counts_as_changed() -> None:
    deep: Json = 1
    for _ in range(210_000):
        deep = [deep]
    assert [each.kind for each in diff({"a": deep, "b": 1}, {"a": deep, "b": 1}).entries] == ["changed", "same"]
