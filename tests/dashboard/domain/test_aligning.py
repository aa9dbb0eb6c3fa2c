"""What two sequences have in common."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.aligning import Block, Budget, blocks

ITEMS = st.lists(st.sampled_from("abcdef"), max_size=20)


def common(before: list[str], after: list[str], cells: int = 400_000) -> int:
    """How many items are found to be common."""
    return sum(len(block.before) for block in blocks(before, after, Budget(cells)) if block.kind == "same")


def longest(before: list[str], after: list[str]) -> int:
    """The length of the longest common subsequence, by its definition."""
    row = [0] * (len(after) + 1)
    for item in before:
        upper = row
        row = [0]
        for at, other in enumerate(after):
            row.append(upper[at] + 1 if item == other else max(row[at], upper[at + 1]))
    return row[-1]


@given(before=ITEMS, after=ITEMS, cells=st.sampled_from([0, 5, 50, 1_000]))
def test_the_blocks_cover_both_in_order_and_what_is_the_same_is(
    before: list[str], after: list[str], cells: int
) -> None:
    found = blocks(before, after, Budget(cells))
    assert [at for block in found for at in block.before] == list(range(len(before)))
    assert [at for block in found for at in block.after] == list(range(len(after)))
    for block in found:
        assert block.before or block.after
        if block.kind == "same":
            assert [before[at] for at in block.before] == [after[at] for at in block.after]
    assert all(not first.before or not second.before or first.kind != second.kind for first, second in pairwise(found))


@given(before=ITEMS, after=ITEMS)
def test_within_the_budget_as_much_as_possible_is_the_same(before: list[str], after: list[str]) -> None:
    assert common(before, after) == longest(before, after)


@given(items=st.lists(st.integers(), max_size=50))
def test_equal_sequences_are_one_block_without_any_budget(items: list[int]) -> None:
    budget = Budget(0)
    everything = range(len(items))
    assert blocks(items, list(items), budget) == ([Block("same", everything, everything)] if items else [])


def test_beyond_the_budget_what_stands_once_holds_its_place() -> None:
    before = ["x", "one", "x", "x", "two", "y", "three"]
    after = ["y", "one", "y", "two", "x", "x", "three"]
    assert common(before, after, cells=3) == 3
    assert common(["a", "b", "c", "d"], ["d", "a", "b", "c"], cells=0) == 3


def test_a_budget_is_spent_once() -> None:
    budget = Budget(4)
    assert [block.kind for block in blocks("aabb", "bbcc", Budget(0))] == ["changed"]
    assert [block.kind for block in blocks("aabb", "bbcc", Budget(16))] == ["changed", "same", "changed"]
    blocks("ab", "ba", budget)
    assert budget.cells == 0
    assert [block.kind for block in blocks("aabb", "bbcc", budget)] == ["changed"]


@pytest.mark.parametrize("size", [300_000])
def test_long_sequences_that_have_nothing_in_common_are_told_apart_at_once(size: int) -> None:
    found = blocks(range(size), range(size, 2 * size))
    assert found == [Block("changed", range(size), range(size))]
    assert blocks([1] * size, [2] * size + [1])[-1].kind == "same"
