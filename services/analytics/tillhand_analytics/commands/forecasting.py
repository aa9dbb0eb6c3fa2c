"""Measures forecasts on the weekly series of the M4 competition, beside its published scores."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tillhand_analytics.commands.m4 import HORIZON, M4, Published, Scores, read_m4, read_published
from tillhand_analytics.domain.forecasting import measures
from tillhand_analytics.domain.forecasting.backtest import Backtest, backtest, rolling
from tillhand_analytics.domain.forecasting.choosing import Choice, chosen
from tillhand_analytics.domain.forecasting.conformal import ORIGINS, interval
from tillhand_analytics.domain.forecasting.models import NAIVE, m4_menu, season_menu
from tillhand_analytics.domain.records import Floats

DEFAULT: Final = "default"
LEVEL: Final = 0.95
_M4_PERIOD: Final = 1
"""The competition took weeks to have no season."""
_SEASON: Final = 52
_NAIVE2: Final = "naive2"


@dataclass(frozen=True, slots=True)
class _Judge:
    """What came, and what everything is measured against."""

    m4: M4
    scale: Floats
    naive: tuple[Floats, Floats]

    def scores(self, ahead: Floats, tried: Backtest | None, model: str) -> dict[str, float | None]:
        """The scores of forecasts, and of their intervals where the model was tried on the past."""
        smape, mase = self.errors(ahead)
        found: dict[str, float | None] = {
            "smape": _mean(smape),
            "mase": _mean(mase),
            "owa": measures.owa(smape, mase, *self.naive),
            "msis": None,
            "coverage": None,
        }
        if tried is not None:
            ends = interval(tried, model, ahead, LEVEL)
            found["msis"] = _mean(measures.msis(self.m4.test, ends.low, ends.high, self.scale, LEVEL))
            found["coverage"] = _mean(measures.coverage(self.m4.test, ends.low, ends.high))
        return found

    def errors(self, ahead: Floats) -> tuple[Floats, Floats]:
        """sMAPE and MASE of each series."""
        return measures.smape(self.m4.test, ahead), measures.mase(self.m4.test, ahead, self.scale)


def evaluate_forecasts(data: Path, *, origins: int = ORIGINS, benchmark_intervals: bool = True) -> dict[str, Any]:
    """Scores of each model on what came after the series, the published ones beside them.

    The default is the model of the least OWA at `origins` within the training part, and all intervals come from there:
    what came after is read for scores alone. Intervals of the benchmarks take longest and can be left out. Raises
    `BadFigure` naming the file, and the column or line, that cannot be used.
    """
    began = time.perf_counter()
    m4, published = read_m4(data), read_published(data)
    menu, benchmarks = season_menu(_SEASON), m4_menu(_M4_PERIOD)
    back = rolling(HORIZON, origins)
    tried = backtest(m4.train, menu.beside(benchmarks.only([NAIVE])), HORIZON, back, period=_M4_PERIOD)
    choice = chosen(tried)
    ahead, ours = benchmarks.forecasts(m4.train, HORIZON), menu.forecasts(m4.train, HORIZON)
    scale = measures.change(m4.train, _M4_PERIOD)
    naive2 = ahead[_NAIVE2]
    judge = _Judge(m4, scale, (measures.smape(m4.test, naive2), measures.mase(m4.test, naive2, scale)))
    known = backtest(m4.train, benchmarks, HORIZON, back, period=_M4_PERIOD) if benchmark_intervals else None
    ours[NAIVE] = ahead[NAIVE]
    default = judge.scores(ours[choice.model], tried, choice.model)
    models = {DEFAULT: default}
    models |= {name: judge.scores(each, known, name) for name, each in ahead.items()}
    models |= {model.name: judge.scores(ours[model.name], tried, model.name) for model in menu.models}
    return {
        "data": "M4 Weekly",
        "series": len(m4.train),
        "horizon": HORIZON,
        "level": LEVEL,
        "default": choice.model,
        **{f"{DEFAULT}_{name}": default[name] for name in ("owa", "msis", "coverage")},
        "models": {name: _beside(scores, published.points.get(name)) for name, scores in models.items()},
        "published_intervals": _intervals(published),
        "choice": _told(choice, back),
        "seconds": time.perf_counter() - began,
    }


def _beside(scores: dict[str, float | None], published: Scores | None) -> dict[str, Any]:
    """Ours, the published ones, and how far apart they are in sMAPE."""
    smape = scores["smape"]
    apart = None if published is None or smape is None else smape - published["smape"]
    return {**scores, "published": None if published is None else dict(published), "smape_difference": apart}


def _intervals(published: Published) -> dict[str, dict[str, float]]:
    """The published interval scores, the best first."""
    ordered = sorted(published.intervals.items(), key=lambda each: each[1]["msis"])
    return {name: dict(scores) for name, scores in ordered}


def _told(choice: Choice, back: tuple[int, ...]) -> dict[str, Any]:
    return {
        "from": "the training part alone",
        "origins_weeks_ago": list(back),
        "beats_naive": choice.beats_naive,
        "standings": [asdict(each) for each in choice.standings],
    }


def _mean(values: Floats) -> float | None:
    """JSON knows no NaN."""
    mean = float(measures.mean_over(values))
    return mean if np.isfinite(mean) else None
