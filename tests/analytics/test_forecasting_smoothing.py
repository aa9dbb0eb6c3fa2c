"""Exponential smoothing of many series at a time."""

from __future__ import annotations

import numpy as np

from tillhand_analytics.domain.forecasting.panel import panel_of
from tillhand_analytics.domain.forecasting.smoothing import damped, holt, ses


def test_what_never_changes_is_expected_to_go_on() -> None:
    panel = panel_of([np.full(40, 7.0), np.full(25, 3.0)])
    for model in (ses, holt, damped):
        np.testing.assert_allclose(model(panel, 4), [[7.0] * 4, [3.0] * 4], atol=1e-6)


def test_a_straight_line_is_followed_by_a_trend_alone() -> None:
    panel = panel_of([np.arange(60.0)])
    np.testing.assert_allclose(holt(panel, 3), [[60.0, 61.0, 62.0]], rtol=0.01)
    assert float(ses(panel, 3)[0, 2]) < 60.5


def test_a_series_is_forecast_alike_alone_and_among_others() -> None:
    random = np.random.default_rng(5)
    series = [random.gamma(2.0, 5.0, length) for length in (30, 80, 55)]
    together = ses(panel_of(series), 5)
    for row, each in enumerate(series):
        np.testing.assert_allclose(ses(panel_of([each]), 5)[0], together[row], rtol=1e-6)
