"""Trends of many series, and how sure they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tillhand_analytics.domain.records import Floats
from tillhand_analytics.domain.seo.bends import bends
from tillhand_analytics.domain.seo.slopes import Observations, slopes


def observed(values: Floats) -> Observations:
    """Rows of an array of series by days; NaN is no row."""
    series, day = np.nonzero(np.isfinite(values))
    size, days = values.shape
    return Observations(series, series, day, values[series, day], np.ones(len(series)), size, days)


def wandering(memory: float, size: int, days: int, seed: int = 7) -> Floats:
    """Series of variance 1 without a trend."""
    random = np.random.default_rng(seed)
    values = np.empty((size, days))
    values[:, 0] = random.normal(size=size)
    for day in range(1, days):
        values[:, day] = memory * values[:, day - 1] + np.sqrt(1 - memory**2) * random.normal(size=size)
    return values


def test_a_line_is_found_as_it_is() -> None:
    found = slopes(observed(np.asarray(2.0 + 0.05 * np.arange(30)[None, :], dtype=np.float64)))
    assert found.slope[0] == pytest.approx(0.05)
    assert found.level[0] + found.slope[0] * (0 - found.mean_day[0]) == pytest.approx(2.0)


def test_some_wild_days_do_not_bend_a_line() -> None:
    values = 2.0 + 0.05 * np.arange(60)[None, :] + wandering(0.0, 1, 60) * 0.05
    values[0, [50, 55, 58]] = 40.0
    assert slopes(observed(values)).slope[0] == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("memory", [0.0, 0.4, 0.8])
def test_series_without_a_trend_are_called_rising_about_as_often_as_promised(memory: float) -> None:
    chances = slopes(observed(wandering(memory, 1500, 90))).rising()
    assert 0.02 < (chances < 0.05).mean() < 0.09
    assert (chances < 0.005).mean() < 0.03


def test_days_that_resemble_each_other_make_an_error_larger() -> None:
    alone, alike = (slopes(observed(wandering(memory, 200, 90))) for memory in (0.0, 0.8))
    assert np.median(alike.error) > 2 * np.median(alone.error)
    assert np.median(alike.memory) > 0.6
    assert np.median(alike.freedom) < np.median(alone.freedom)


def test_a_changing_mix_of_devices_is_no_trend() -> None:
    days = np.arange(60)
    mobile = Observations(np.zeros(60, int), np.zeros(60, int), days, np.full(60, 1.0), 1 - days / 60, 1, 60)
    desktop = replace(mobile, stratum=np.ones(60, int), value=np.full(60, 2.0), weight=days / 60)
    both = Observations(
        series=np.zeros(120, int),
        stratum=np.repeat([0, 1], 60),
        day=np.tile(days, 2),
        value=np.concatenate([mobile.value, desktop.value]),
        weight=np.concatenate([mobile.weight, desktop.weight]),
        size=1,
        days=60,
    )
    assert slopes(both).slope[0] == pytest.approx(0.0, abs=1e-9)
    assert slopes(replace(both, stratum=np.zeros(120, int))).slope[0] > 0.01


def test_less_than_three_days_are_no_trend() -> None:
    values = np.full((3, 20), np.nan)
    values[0, 4] = 1.0
    values[1, [4, 5]] = 1.0, 2.0
    found = slopes(observed(values))
    assert np.isnan(found.error).all()
    assert np.isnan(found.rising()).all()
    assert found.days.tolist() == [1, 2, 0]


def test_the_day_from_which_a_level_rises_is_found() -> None:
    days = np.arange(120)
    starts = np.array([20, 60, 100])
    noise = wandering(0.0, 3, 120) * 0.2
    found = bends(observed(3.0 + 0.15 * np.maximum(days[None, :] - starts[:, None], 0) + noise))
    assert np.abs(found.day - starts).max() <= 6
    assert ((found.low <= starts) & (starts <= found.high)).all()
    assert found.before == pytest.approx([3.0] * 3, abs=0.15)
    assert found.now == pytest.approx(3.0 + 0.15 * (119 - starts), rel=0.1)
