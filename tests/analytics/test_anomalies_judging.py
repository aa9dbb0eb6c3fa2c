"""Days judged by the days before them: how often an ordinary day is taken for an unusual one, and what is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tillhand_analytics.domain.anomalies.baseline import LEAST_DAYS, baseline
from tillhand_analytics.domain.anomalies.conformal import LEAST_SCORES, calibrate
from tillhand_analytics.domain.anomalies.discovery import runs
from tillhand_analytics.domain.anomalies.robust import deviation, median, midmean, repeated_median_slope
from tillhand_analytics.domain.chance import q_values
from tillhand_analytics.domain.records import Floats

SERIES, DAYS = 120, 365
LAST = np.arange(DAYS - 28, DAYS)
WEEK = np.tile([1.1, 1.0, 0.9, 0.9, 1.0, 1.2, 0.6], 53)[:DAYS]
SEASON = 1 + 0.3 * np.sin(np.arange(DAYS) / 58)


def noise(kind: str, seed: int = 7) -> Floats:
    """Series in which nothing happens, of every kind of noise that shops have."""
    random, shape = np.random.default_rng(seed), (SERIES, DAYS)
    match kind:
        case "normal":
            return np.exp(random.normal(5, 0.1, shape))
        case "laplace":
            return np.exp(5 + 0.1 * random.laplace(size=shape))
        case "student":
            return np.exp(5 + 0.1 * random.standard_t(5, size=shape))
        case "counts":
            return random.poisson(60 * WEEK * SEASON, shape).astype(np.float64)
        case "few":
            return random.negative_binomial(2, 2 / 8.5, shape).astype(np.float64)
        case "lumpy":
            return (random.poisson(0.3, shape) * random.integers(1, 6, shape)).astype(np.float64)
    raise ValueError(kind)


KINDS = ("normal", "laplace", "student", "counts", "few", "lumpy")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("alpha", "least", "most"), [(0.01, 0.002, 0.016), (0.05, 0.025, 0.07)])
def test_ordinary_days_leave_their_interval_about_as_often_as_is_said(
    kind: str, alpha: float, least: float, most: float
) -> None:
    score = baseline(noise(kind)).score
    found = calibrate(score, LAST, alpha)
    outside = (score[:, LAST] > found.high) | (score[:, LAST] < found.low)
    assert least <= outside.mean() <= most


@pytest.mark.parametrize("kind", KINDS)
def test_among_many_ordinary_series_hardly_anything_is_found(kind: str) -> None:
    chance = calibrate(baseline(noise(kind)).score, LAST, 0.01).chance
    reports = [(q_values(chance[begin : begin + 20]) <= 0.1).any() for begin in range(0, SERIES, 20)]
    assert np.mean(reports) <= 0.2


def test_chances_of_ordinary_days_are_even() -> None:
    chance = calibrate(baseline(noise("normal")).score, LAST, 0.01).chance
    for share in (0.02, 0.1, 0.5):
        assert (chance <= share).mean() == pytest.approx(share, rel=0.35)


def test_a_day_is_judged_without_looking_at_itself_or_later_days() -> None:
    values = noise("counts")[:5]
    changed = values.copy()
    changed[:, 300:] *= 7
    before, after = baseline(values), baseline(changed)
    assert before.logarithmic.all()
    assert after.logarithmic.all()
    np.testing.assert_allclose(before.expected[:, :301], after.expected[:, :301])
    days = np.arange(290, 300)
    np.testing.assert_array_equal(calibrate(before.score, days, 0.05).chance, calibrate(after.score, days, 0.05).chance)


def test_a_fall_by_more_than_half_is_found_and_so_is_a_rise() -> None:
    values = noise("normal")[:20]
    values[3, -2] *= 0.4
    values[4, -1] *= 3
    judged = baseline(values)
    found = q_values(calibrate(judged.score, LAST, 0.01).chance) <= 0.1
    assert found[3, -2]
    assert found[4, -1]
    assert found.sum() <= 3
    assert judged.score[3, -2] < 0 < judged.score[4, -1]


def test_neither_a_promotion_of_a_week_nor_a_weekday_moves_what_is_expected_afterwards() -> None:
    values = 100.0 * np.tile(WEEK, (1, 1))
    judged = baseline(values)
    np.testing.assert_allclose(judged.mean(0)[60:], values[0, 60:], rtol=1e-6)
    promoted = values.copy()
    promoted[0, 200:207] *= 2
    np.testing.assert_allclose(baseline(promoted).mean(0)[207:230], values[0, 207:230], rtol=0.1)


def test_a_trend_is_followed() -> None:
    rising = np.exp(0.01 * np.arange(DAYS, dtype=np.float64))[np.newaxis]
    judged = baseline(rising)
    assert np.abs(judged.residual[0, 60:]).max() < 0.05


def test_what_is_known_to_have_happened_hides_nothing() -> None:
    values = noise("normal")[:1]
    promoted = np.zeros(DAYS, dtype=np.bool_)
    for begin in range(60, 350, 30):
        promoted[begin : begin + 4] = True
    values[0, promoted] *= 1.6
    values[0, -1] *= 1.8
    score = baseline(values).score
    last = np.array([DAYS - 1])
    masked = calibrate(score, last, 0.01, ~promoted[np.newaxis]).chance[0, 0]
    plain = calibrate(score, last, 0.01).chance[0, 0]
    assert masked < 0.005
    assert plain > 5 * masked


def test_with_few_earlier_days_the_interval_is_endless_rather_than_wrong() -> None:
    score = np.random.default_rng(1).normal(size=(1, 200))
    found = calibrate(score, np.array([LEAST_SCORES - 1, 150, 199]), 0.01)
    assert np.isnan(found.chance[0, 0])
    assert np.isinf(found.high[0]).tolist() == [True, True, False]
    assert not np.isnan(found.chance[0, 1])


def test_days_without_anything_and_series_without_days_are_no_error() -> None:
    nothing = baseline(np.zeros((2, 100)))
    assert np.isfinite(nothing.expected[:, LEAST_DAYS:]).all()
    chance = calibrate(nothing.score, np.array([99]), 0.01).chance
    assert (chance == 1.0).all()
    assert baseline(np.zeros((0, 100))).score.shape == (0, 100)
    assert np.isnan(baseline(np.ones((1, 5))).expected).all()
    assert calibrate(np.zeros((3, 0)), np.array([], dtype=np.int64), 0.01).chance.shape == (3, 0)
    missing = np.full((1, 100), np.nan)
    assert np.isnan(baseline(missing).score).all()


def test_a_rate_is_judged_by_its_rate_and_a_day_without_base_by_nothing() -> None:
    random = np.random.default_rng(3)
    base = random.integers(900, 1100, (1, 200)).astype(np.float64)
    part = random.binomial(base.astype(np.int64), 0.03).astype(np.float64)
    part[0, -1], base[0, 150], part[0, 150] = base[0, -1] * 0.005, 0.0, 0.0
    judged = baseline(part, base)
    assert judged.mean(0)[199] == pytest.approx(0.03, rel=0.15)
    assert np.isnan(judged.score[0, 150])
    assert judged.score[0, 199] < -4


def test_a_run_holds_the_weakly_unusual_days_beside_what_was_found_and_begins_and_ends_clearly() -> None:
    found = np.array([[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]], dtype=np.bool_)
    chance = np.array([[0.5, 0.09, 0.05, 1e-6, 0.05, 0.5, 0.05, 0.5, 0.5, 0.5]])
    score = np.array([[1.0, 0.2, 2, 9, 2, -2, 3, 1, 1, 1]])
    nothing = np.zeros_like(found)
    (run,) = runs(found, nothing, chance, score, score, week=7)
    assert (run.first, run.last, run.direction, run.days_found) == (2, 4, "above", 1)


def test_a_found_week_is_a_run_though_none_of_its_days_was_found() -> None:
    weeks = np.zeros((1, 12), dtype=np.bool_)
    weeks[0, 9] = True
    score = np.full((1, 12), -1.2)
    score[0, 6] = 0.3
    (run,) = runs(np.zeros_like(weeks), weeks, np.full((1, 12), 0.3), score, score, week=7)
    assert (run.first, run.last, run.direction, run.days_found) == (3, 9, "below", 0)


@given(arrays(np.float64, (1, 9), elements=st.floats(-1e6, 1e6)))
def test_medians_are_numpy_s_and_leave_out_what_is_missing(values: Floats) -> None:
    assert median(values)[0] == pytest.approx(np.median(values))
    padded = np.concatenate([values, np.full((1, 4), np.nan)], axis=1)
    assert median(padded)[0] == median(values)[0]
    assert values.min() - 1e-9 <= midmean(padded)[0] <= values.max() + 1e-9


def test_a_slope_survives_wild_points() -> None:
    line = 3.0 + 2.0 * np.arange(5.0)
    line[1] = 500.0
    assert repeated_median_slope(line[np.newaxis])[0] == pytest.approx(2.0)
    assert np.isnan(repeated_median_slope(np.full((1, 5), np.nan))[0])
    assert deviation(np.array([[0.0, 0.0, 0.0, 4.0]]))[0] > 0
