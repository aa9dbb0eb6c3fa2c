"""Judges all series together, day by day and week by week, and finds the days that are worth telling of.

A day is a week's end too: a shift that no day shows by itself, such as a fifth less for a week, shows in the mean
score of seven days, judged by those of earlier weeks in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.anomalies.conformal import Calibration, calibrate
from tillhand_analytics.domain.anomalies.discovery import Run, runs
from tillhand_analytics.domain.anomalies.episodes import Episode
from tillhand_analytics.domain.anomalies.search import Watched
from tillhand_analytics.domain.chance import q_values
from tillhand_analytics.domain.records import Bools, Floats

WEEK: Final = 7
_MOST: Final = 3.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """Arrays of shape (all series, days looked at), the first day being the place `first`."""

    score: Floats
    daily: Calibration
    weekly: Calibration
    weekly_score: Floats
    first: int


def judge(watched: Sequence[Watched], first: int, alpha: float) -> Judgement:
    """Judge the days from the place `first` on, each by the days before it."""
    score = np.concatenate([each.judged.score for each in watched])
    ordinary = np.concatenate([each.ordinary for each in watched])
    looked_at = np.arange(first, score.shape[1])
    weekly_score = _weekly(score)
    weekly = calibrate(weekly_score, looked_at, alpha, _weekly_ordinary(ordinary), gap=WEEK)
    daily = calibrate(score, looked_at, alpha, ordinary)
    return Judgement(score[:, first:], daily, weekly, weekly_score[:, first:], first)


def episodes(watched: Sequence[Watched], judgement: Judgement, rate: float) -> list[tuple[Episode, Watched]]:
    """What was found among all series, days and weeks, with at most a share `rate` of false finds."""
    found = q_values(np.concatenate([judgement.daily.chance, judgement.weekly.chance])) <= rate
    days, weeks = np.split(found, 2)
    owners = [(each, row) for each in watched for row in range(len(each.elements))]
    merged = runs(days, weeks, judgement.daily.chance, judgement.score, judgement.weekly_score, week=WEEK)
    return [(_episode(*owners[run.series], run, judgement), owners[run.series][0]) for run in merged]


def _weekly(score: Floats) -> Floats:
    """The mean of seven scores, in units of its own deviation if they were independent; at the week's last day.

    One day is no week: whatever it was, it counts for three deviations at most.
    """
    weekly = np.full_like(score, np.nan)
    if score.shape[1] >= WEEK:
        windows = np.lib.stride_tricks.sliding_window_view(np.clip(score, -_MOST, _MOST), WEEK, axis=1)
        weekly[:, WEEK - 1 :] = windows.sum(axis=2) / np.sqrt(WEEK)
    return weekly


def _weekly_ordinary(ordinary: Bools) -> Bools:
    weekly = np.zeros_like(ordinary)
    if ordinary.shape[1] >= WEEK:
        weekly[:, WEEK - 1 :] = np.lib.stride_tricks.sliding_window_view(ordinary, WEEK, axis=1).all(axis=2)
    return weekly


def _episode(watched: Watched, row: int, run: Run, judgement: Judgement) -> Episode:
    first, last = run.first + judgement.first, run.last + judgement.first
    score = watched.judged.score[row]
    worst = first + int(np.nanargmax(np.abs(score[first : last + 1])))
    column = worst - judgement.first
    daily = judgement.daily.chance[run.series, run.first : run.last + 1]
    weekly = judgement.weekly.chance[run.series, run.first : run.last + WEEK]  # a week is told of at its end
    actual, expected = watched.sums(row, first, last)
    return Episode(
        metric=watched.facts.metric,
        dimension=watched.dimension,
        element=watched.elements[row],
        first=first,
        last=last,
        direction=run.direction,
        actual=actual,
        expected=expected,
        worst=worst,
        worst_actual=watched.value(row, worst),
        worst_expected=float(watched.expected(row)[worst]),
        low=watched.judged.value_at(row, worst, float(judgement.daily.low[run.series, column])),
        high=watched.judged.value_at(row, worst, float(judgement.daily.high[run.series, column])),
        score=float(score[worst]),
        chance=float(np.nanmin(daily if run.days_found else weekly)),
        by_week=not run.days_found,
    )
