"""The state of a whole: green is only what is measured green."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.standing import STATES, Criterion, State, standing

CRITERIA = st.lists(st.builds(Criterion, st.text(max_size=5), st.sampled_from(STATES)))


def of(*states: State) -> list[Criterion]:
    """Criteria in these states, named a, b, c in turn."""
    return [Criterion(name, state) for name, state in zip("abcdefghij", states, strict=False)]


@given(criteria=CRITERIA)
def test_the_whole_is_green_exactly_when_there_is_something_and_each_of_it_is_green(criteria: list[Criterion]) -> None:
    whole = standing(criteria)
    assert (whole.state == "green") is (bool(criteria) and all(each.state == "green" for each in criteria))


@given(criteria=CRITERIA)
def test_each_criterion_is_counted_once_and_none_is_lost(criteria: list[Criterion]) -> None:
    whole = standing(criteria)
    assert sum(whole.counts.values()) == len(criteria)
    assert sorted(map(repr, whole.criteria)) == sorted(map(repr, criteria))
    assert len(whole.troubled) == len(criteria) - whole.counts["green"]


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (("green", "unknown"), "unknown"),
        (("green", "muted"), "muted"),
        (("unknown", "warning", "green"), "warning"),
        (("warning", "red", "unknown"), "red"),
        (("muted", "unknown"), "unknown"),
        ((), "unknown"),
    ],
)
def test_the_worst_wins(states: tuple[State, ...], whole: State) -> None:
    assert standing(of(*states)).state == whole


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ((), "Nothing is measured yet."),
        (("green",), "It is measured green."),
        (("green", "green"), "All 2 are measured green."),
        (("red",), "1 of 1 is red: a."),
        (("green", "red", "warning", "unknown"), "1 of 4 is red: b. 1 warns, 1 is unknown, 1 is green."),
        (("warning", "warning", "green", "green"), "2 of 4 warn: a, b. 2 are green."),
        (("unknown",) * 5, "5 of 5 are unknown: a, b, c and 2 more."),
    ],
)
def test_a_sentence_says_what_is_worst_where_and_how_the_rest_stands(states: tuple[State, ...], sentence: str) -> None:
    assert standing(of(*states)).sentence == sentence


def test_the_worst_come_first_and_equals_keep_their_order() -> None:
    whole = standing(of("green", "warning", "red", "warning"))
    assert [each.name for each in whole.criteria] == ["c", "b", "d", "a"]
    assert [each.name for each in whole.troubled] == ["c", "b", "d"]
