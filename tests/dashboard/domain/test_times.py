"""Moments in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.times import duration, relative, told

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-4.9, "just now"),
        (-5, "5 seconds ago"),
        (-59.9, "59 seconds ago"),
        (-60, "1 minute ago"),
        (7_199, "in 1 hour"),
        (7_200, "in 2 hours"),
        (-86_400 * 40, "1 month ago"),
        (-86_400 * 800, "2 years ago"),
    ],
)
def test_a_distance_is_told_in_its_largest_unit_and_cut(seconds: float, words: str) -> None:
    assert relative(seconds) == words


def test_the_exact_moment_names_its_zone() -> None:
    found = told(NOW - timedelta(hours=3), NOW, ZoneInfo("Europe/Berlin"))
    assert found.exact == "Tue 03 Nov 2026, 10:00:00 CET (UTC+01:00)"
    assert found.relative == "3 hours ago"
    assert datetime.fromisoformat(found.machine) == NOW - timedelta(hours=3)


@given(st.floats(min_value=0, max_value=1e10))
def test_a_length_is_never_told_longer_than_it_is(seconds: float) -> None:
    count, unit = duration(seconds).split(" ")
    sizes = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "month": 86_400 * 30.44, "year": 86_400 * 365.28}
    assert int(count) * sizes[unit.removesuffix("s")] <= seconds + 1e-6 * seconds + 1e-9
