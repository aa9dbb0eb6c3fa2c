"""Models of the `statsforecast` library beside our own: exponential smoothing in all its forms, and optimised Theta.

They are fitted one series at a time, by compiled code on every core. The library is an extra: nothing of it is imported
before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from tillhand_analytics.domain.forecasting.models import Menu, Model
from tillhand_analytics.domain.forecasting.panel import filled, lengths, not_below_zero
from tillhand_analytics.domain.forecasting.seasonal import Forecast
from tillhand_analytics.domain.records import Floats
from tillhand_analytics.domain.sales_forecast.walking import own_sums_menu

EXTRA: Final = "tillhand-analytics[statsforecast]"
AUTO_ETS: Final = "auto_ets"
OPTIMISED_THETA: Final = "optimised_theta"
_LEAST_CYCLES: Final = 3


def statsforecast_menu(season: int) -> Menu:
    """Our own models, two of the library's, and the mean of these with our pooled one.

    Raises ModuleNotFoundError where the extra is not installed.
    """
    from statsforecast.models import AutoETS, DynamicOptimizedTheta  # noqa: PLC0415  # an extra

    theirs = Menu(
        (
            Model(AUTO_ETS, _one_by_one(lambda: AutoETS(season_length=season), season)),
            Model(OPTIMISED_THETA, _one_by_one(lambda: DynamicOptimizedTheta(season_length=season), season)),
        ),
        {f"{name}+pooled": (name, "pooled") for name in (AUTO_ETS, OPTIMISED_THETA)},
    )
    return theirs.beside(own_sums_menu(season))


def _one_by_one(model: Callable[[], Any], season: int) -> Forecast:
    def forecast(panel: Floats, horizon: int) -> Floats:
        whole = filled(panel)
        known = lengths(whole)
        found = np.full((len(panel), horizon), np.nan)
        for row in np.flatnonzero(known >= _LEAST_CYCLES * season).tolist():
            series = whole[row, whole.shape[1] - known[row] :]
            found[row] = model().forecast(y=series, h=horizon)["mean"]
        return not_below_zero(panel, found)

    return forecast
