"""The models by name, and means of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Final

import numpy as np

from tillhand_analytics.domain.forecasting.baseline import moving_average, naive, seasonal_average, seasonal_naive
from tillhand_analytics.domain.forecasting.intermittent import croston, sba, tsb
from tillhand_analytics.domain.forecasting.pooled import WINDOWS, pooled
from tillhand_analytics.domain.forecasting.seasonal import Forecast, adjusted, m4_adjusted
from tillhand_analytics.domain.forecasting.smoothing import damped, holt, ses
from tillhand_analytics.domain.forecasting.theta import theta
from tillhand_analytics.domain.records import Floats

RECENT: Final = 104
"""Steps that a trend of ours looks back, after the season is taken out."""
NAIVE: Final = "naive"
SEASONAL_NAIVE: Final = "seasonal_naive"


@dataclass(frozen=True, slots=True)
class Model:
    """A forecast by name; `across` says that it learns from the other series too, and so from all of their past."""

    name: str
    forecast: Forecast
    across: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """Models, and means of some of them: name to the names of its parts."""

    models: tuple[Model, ...]
    means: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """All that can be asked for."""
        return (*(model.name for model in self.models), *self.means)

    def only(self, names: Sequence[str]) -> Menu:
        """A menu of some names, and of what they are means of."""
        means = {name: parts for name, parts in self.means.items() if name in names}
        needed = {*names, *(part for parts in means.values() for part in parts)}
        return Menu(tuple(model for model in self.models if model.name in needed), means)

    def beside(self, other: Menu) -> Menu:
        """This menu, and another's models and means."""
        return Menu((*other.models, *self.models), {**other.means, **self.means})

    def joined(self, found: Mapping[str, Floats]) -> dict[str, Floats]:
        """What the models found, and their means."""
        means = {name: np.mean([found[part] for part in parts], axis=0) for name, parts in self.means.items()}
        return {**found, **means}

    def forecasts(self, panel: Floats, horizon: int) -> dict[str, Floats]:
        """Forecasts of all (n x horizon)."""
        return self.joined({model.name: model.forecast(panel, horizon) for model in self.models})


def m4_menu(period: int) -> Menu:
    """The benchmarks of the M4 competition for a frequency of `period`, 1 for weeks as there."""
    plain = {"naive2": naive, "ses": ses, "holt": holt, "damped": damped, "theta": theta}
    models = [
        Model(NAIVE, naive),
        Model(SEASONAL_NAIVE, partial(seasonal_naive, period=period)),
        *(Model(name, m4_adjusted(forecast, period)) for name, forecast in plain.items()),
    ]
    return Menu(tuple(models), {"comb": ("ses", "holt", "damped")})


def season_menu(season: int, most_windows: int = WINDOWS) -> Menu:
    """What the default is chosen from: models that know a season, and the means of any two of them or of all.

    The one that learns across series learns from `most_windows` stretches of them.
    """
    parts = (
        Model("adjusted_ses", adjusted(_recent(ses), season)),
        Model("adjusted_damped", adjusted(_recent(damped), season)),
        Model("adjusted_theta", adjusted(_recent(theta), season)),
        Model("pooled", pooled(season, most_windows=most_windows), across=True),
    )
    names = tuple(part.name for part in parts)
    means = {"+".join(pair): pair for pair in combinations(names, 2)}
    return Menu(parts, {**means, "+".join(names): names})


def demand_menu(season: int) -> Menu:
    """For the daily demand of goods, much of which is lumpy."""
    models = (
        Model(NAIVE, naive),
        Model(SEASONAL_NAIVE, partial(seasonal_naive, period=season)),
        Model("moving_average", moving_average),
        Model("seasonal_average", partial(seasonal_average, period=season)),
        Model("ses", ses),
        Model("croston", croston),
        Model("sba", sba),
        Model("tsb", tsb),
    )
    return Menu(models, {"seasonal_average+ses+tsb": ("seasonal_average", "ses", "tsb")})


def _recent(forecast: Forecast) -> Forecast:
    def of_recent(panel: Floats, horizon: int) -> Floats:
        return forecast(panel[:, -RECENT:], horizon)

    return of_recent
