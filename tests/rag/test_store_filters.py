"""Filters over columns say what the reference says, for any values and any history."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.filters import OPERATORS, Condition, matches
from tillhand_rag.store.attributes import AttributeColumns

NAMES = st.sampled_from(["brand", "price", "size", "stock"])
LARGE = 2**53
VALUES: st.SearchStrategy[AttributeValue] = st.one_of(
    st.sampled_from(["", "a", "aster", "b", "ä", "10"]),
    st.sampled_from([0, 1, -1, 2, 10, LARGE, LARGE + 1, -LARGE - 1, 10**400]),
    st.sampled_from([0.0, 1.0, -0.0, 0.5, 1e308, float("inf"), float(LARGE)]),
    st.booleans(),
)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=4)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from(OPERATORS))
    value: AttributeValue | tuple[AttributeValue, ...]
    if operator == "exists":
        value = draw(st.booleans())
    elif operator in {"in", "nin"}:
        value = tuple(draw(st.lists(VALUES, min_size=1, max_size=3)))
    else:
        value = draw(VALUES)
    return Condition(draw(NAMES), operator, value)


@given(
    history=st.lists(st.tuples(st.integers(0, 7), st.none() | FIELDS), max_size=30),
    where=st.lists(conditions(), max_size=3),
)
@example(history=[(0, {"price": 1})], where=[Condition("price", "eq", True)])
@example(history=[(0, {"price": LARGE + 1})], where=[Condition("price", "gt", LARGE)])
@settings(deadline=None, max_examples=300)
def test_a_mask_agrees_with_the_reference(
    history: list[tuple[int, dict[str, AttributeValue] | None]], where: list[Condition]
) -> None:
    columns, model = AttributeColumns(), dict[int, dict[str, AttributeValue]]()
    for slot, fields in history:
        if fields is None:
            columns.remove(slot)
            model.pop(slot, None)
        else:
            columns.put(slot, fields)
            model[slot] = fields
    mask = columns.mask(where, 8)
    assert mask.tolist() == [matches(where, model.get(slot, {})) for slot in range(8)]


def test_values_that_are_no_longer_held_are_forgotten() -> None:
    columns = AttributeColumns()
    for stamp in range(5_000):
        columns.put(0, {"updated": stamp, "kept": "yes"})
    assert columns.mask([Condition("updated", "eq", 4_999), Condition("kept", "eq", "yes")], 1).tolist() == [True]
    assert columns.distinct("updated") < 2_500


def test_more_slots_than_any_column_knows_are_without_attributes() -> None:
    columns = AttributeColumns()
    columns.put(1, {"brand": "aster"})
    assert columns.mask([Condition("brand", "eq", "aster")], 200).nonzero()[0].tolist() == [1]
    assert columns.mask([Condition("brand", "ne", "aster")], 200).sum() == 199
    assert columns.mask([Condition("unheard", "exists", False)], 3).all()
