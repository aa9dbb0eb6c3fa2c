"""Forecasts of many series at a time: against a library, by their definitions, and on odd series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsforecast.models import CrostonClassic, CrostonSBA, SimpleExponentialSmoothingOptimized

from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.baseline import moving_average, naive, seasonal_naive
from tillhand_analytics.domain.forecasting.intermittent import croston, sba, tsb
from tillhand_analytics.domain.forecasting.models import Model, demand_menu, m4_menu, season_menu
from tillhand_analytics.domain.forecasting.panel import panel_of
from tillhand_analytics.domain.forecasting.smoothing import ses
from tillhand_analytics.domain.forecasting.theta import theta
from tillhand_analytics.domain.records import Floats

EVERY: tuple[Model, ...] = (*demand_menu(7).models, *m4_menu(1).models, *season_menu(12).models)


def levels(seed: int, count: int = 12, steps: int = 120) -> Floats:
    """Series whose level wanders."""
    random = np.random.default_rng(seed)
    return 100 + np.cumsum(random.normal(0, 1, (count, steps)), axis=1) + random.normal(0, 2, (count, steps))


def lumpy(seed: int) -> Floats:
    """Demand that is nothing on most days."""
    random = np.random.default_rng(seed)
    demand = random.binomial(1, 0.25, (10, 200)) * random.integers(1, 9, (10, 200))
    return demand.astype(np.float64)


def test_exponential_smoothing_finds_what_a_library_finds() -> None:
    panel = levels(3)
    ours = ses(panel, 1)[:, 0]
    theirs = [SimpleExponentialSmoothingOptimized().forecast(row, h=1)["mean"][0] for row in panel]
    np.testing.assert_allclose(ours, theirs, rtol=0.004)


@pytest.mark.parametrize(("ours", "theirs"), [(croston, CrostonClassic), (sba, CrostonSBA)])
def test_intermittent_demand_is_expected_as_a_library_expects_it(ours: object, theirs: type) -> None:
    panel = lumpy(4)
    assert callable(ours)
    expected = [theirs().forecast(row, h=1)["mean"][0] for row in panel]
    np.testing.assert_allclose(ours(panel, 1)[:, 0], expected, rtol=1e-3 if theirs is CrostonClassic else 0.06)


def test_demand_that_has_ended_is_expected_less_and_less() -> None:
    panel = np.concatenate([lumpy(5), np.zeros((10, 100))], axis=1)
    assert (tsb(panel, 1) < 0.2 * croston(panel, 1)).all()


def test_theta_is_half_of_the_line_and_half_of_smoothing_twice_the_distance() -> None:
    panel = levels(6)
    time = np.arange(1, panel.shape[1] + 1)
    for row, found in zip(panel, theta(panel, 4), strict=True):
        slope, start = np.polyfit(time, row, 1)
        level = ses((2 * row - (start + slope * time))[None], 1)[0, 0]
        ahead = start + slope * (panel.shape[1] + np.arange(1, 5))
        np.testing.assert_allclose(found, (ahead + level) / 2, rtol=1e-6)


def test_naive_forecasts_repeat_the_last_value_or_the_last_season() -> None:
    panel = panel_of([np.array([1.0, 2, 3, 4, 5, 6, 7, 8])])
    assert naive(panel, 2).tolist() == [[8, 8]]
    assert seasonal_naive(panel, 5, 3).tolist() == [[6, 7, 8, 6, 7]]
    assert moving_average(panel, 1, 4).tolist() == [[6.5]]


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.name)
def test_a_series_is_forecast_alike_in_any_unit(model: Model) -> None:
    panel = np.abs(levels(7, count=6, steps=90))
    one, thousand = model.forecast(panel, 5), model.forecast(panel * 1_000, 5)
    np.testing.assert_allclose(thousand, one * 1_000, rtol=2e-3)


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "series", [[0.0] * 60, [5.0] * 60, [3.0], [], [0.0] * 59 + [9.0], [np.nan] * 5 + [2.0, np.nan, 4.0]]
)
def test_odd_series_are_forecast_without_a_warning(model: Model, series: list[float]) -> None:
    panel = panel_of([np.array(series), np.arange(1.0, 61.0)])
    found = model.forecast(panel, 3)
    assert found.shape == (2, 3)
    assert np.isfinite(found[1]).all()
    assert np.isfinite(found[0]).all() or not np.isfinite(np.array(series)).any()


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=50))
def test_what_was_never_below_zero_is_not_expected_below_it(values: list[float]) -> None:
    panel = panel_of([np.array(values)])
    for forecast in (theta, *(model.forecast for model in demand_menu(7).models)):
        found = forecast(panel, 12)
        assert np.isfinite(found).all()
        assert (found >= 0).all()


def test_scores_are_as_the_competition_defines_them() -> None:
    came, forecast = np.array([[100.0, 200.0]]), np.array([[110.0, 180.0]])
    assert measures.smape(came, forecast)[0] == pytest.approx(200 * (10 / 210 + 20 / 380) / 2)
    assert measures.mase(came, forecast, np.array([5.0]))[0] == pytest.approx(3.0)
    low, high = np.array([[90.0, 210.0]]), np.array([[120.0, 260.0]])
    assert measures.coverage(came, low, high)[0] == 0.5
    assert measures.msis(came, low, high, np.array([5.0]))[0] == pytest.approx(((30 + 50 + 40 * 10) / 2) / 5)
    assert measures.wape(came, forecast)[0] == pytest.approx(0.1)
    assert measures.bias(came, forecast)[0] == pytest.approx(-10 / 300)
