"""Chooses whose models forecast."""

from __future__ import annotations

import importlib.util
from typing import Final

from tillhand_analytics.adapters.statsforecast_models import EXTRA, statsforecast_menu
from tillhand_analytics.service.forecasts import Forecasters
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.settings import SettingsError

_LIBRARY: Final = "statsforecast"


def forecasters(settings: AnalyticsSettings) -> Forecasters:
    """What the settings ask for. Raises `SettingsError` where it is not installed."""
    if settings.analytics_forecaster == "own":
        return Forecasters()
    if importlib.util.find_spec(_LIBRARY) is None:
        raise SettingsError(f"TILLHAND_ANALYTICS_FORECASTER: the library is not installed: pip install '{EXTRA}'.")
    return Forecasters(statsforecast_menu, _LIBRARY)
