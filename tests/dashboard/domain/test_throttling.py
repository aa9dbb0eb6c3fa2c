"""Guessing costs time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.throttling import FORGOTTEN_S, FREE, LONGEST_WAIT_S, MOST, Throttle


def test_some_mistakes_are_free_and_then_each_doubles_the_wait() -> None:
    throttle = Throttle()
    waits = []
    for _ in range(FREE + 3):
        throttle.wrong("ada", 0)
        waits.append(throttle.wait_s("ada", 0))
    assert waits == [0] * (FREE - 1) + [2, 4, 8, 16]


def test_a_right_password_and_an_hour_make_up_for_all() -> None:
    throttle = Throttle()
    for _ in range(FREE + 5):
        throttle.wrong("ada", 0)
        throttle.wrong("otto", 0)
    throttle.right("ada")
    assert throttle.wait_s("ada", 0) == 0
    assert throttle.wait_s("otto", FORGOTTEN_S + 1) == 0


@given(st.lists(st.integers(min_value=0, max_value=1_000), max_size=80))
def test_the_wait_has_an_end(moments: list[int]) -> None:
    throttle = Throttle()
    for moment in sorted(moments):
        throttle.wrong("ada", moment)
        assert 0 <= throttle.wait_s("ada", moment) <= LONGEST_WAIT_S


def test_however_many_names_are_guessed_at_memory_does_not_grow() -> None:
    throttle = Throttle()
    for _ in range(FREE):
        throttle.wrong("first", 0)
    for number in range(MOST):
        throttle.wrong(str(number), 0)
    assert throttle.wait_s("first", 0) == 0
