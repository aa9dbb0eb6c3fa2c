"""Bounds under continuous peeking, shown by simulation: 2,000 experiments, looked at after every few visitors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chisquare

from tillhand_analytics.domain.experiments.bounds import chance, evidence, radius, tuning
from tillhand_analytics.domain.experiments.imbalance import fixed, sequential
from tillhand_analytics.domain.experiments.lift import LEAST_CONVERSIONS
from tillhand_analytics.domain.experiments.plan import Baseline, plan
from tillhand_analytics.domain.records import Bools, Floats

RUNS, EACH = 2_000, 10
ALPHA = 0.05


def rates(probability: float, looks: int, seed: int) -> tuple[Floats, Floats, Bools]:
    """Rate, variance and whether there is enough, at each look of each run."""
    random = np.random.default_rng(seed)
    conversions = np.cumsum(random.binomial(EACH, probability, (RUNS, looks)), axis=1)
    visitors = EACH * np.arange(1, looks + 1)
    smoothed = (conversions + 0.5) / (visitors + 1)
    return conversions / visitors, smoothed * (1 - smoothed), conversions >= LEAST_CONVERSIONS


def takings(probability: float, times: float, looks: int, seed: int) -> tuple[Floats, Floats, Bools]:
    """The same of revenue per visitor, where one purchase in six is more than three times the usual."""
    random = np.random.default_rng(seed)
    shape = (RUNS, looks, EACH)
    bought = random.random(shape, dtype=np.float32) < probability
    spent = np.where(bought, np.exp(random.standard_normal(shape, dtype=np.float32)) * 3000 * times, 0.0)
    visitors = EACH * np.arange(1, looks + 1)
    mean = np.cumsum(spent.sum(axis=2), axis=1) / visitors
    variance = (np.cumsum((spent**2).sum(axis=2), axis=1) - visitors * mean**2) / (visitors - 1)
    return mean, variance, np.cumsum(bought.sum(axis=2), axis=1) >= LEAST_CONVERSIONS


def ever_significant(one: tuple[Floats, Floats, Bools], other: tuple[Floats, Floats, Bools], planned: int) -> float:
    """In which share of the runs some look says that the arms differ."""
    visitors = EACH * np.arange(1, one[0].shape[1] + 1)
    difference, variance = other[0] - one[0], (one[1] + other[1]) / visitors
    found = evidence(difference, variance, (one[1] + other[1]) / planned, ALPHA)
    enough = one[2] & other[2]
    return float((chance(np.where(enough, found, 0.0))[:, -1] <= ALPHA).mean())


@pytest.mark.parametrize("probability", [0.02, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("planned", [500, 5_000])
def test_two_equal_arms_are_told_apart_in_one_of_twenty_experiments_at_most_however_often_one_looks(
    probability: float, planned: int
) -> None:
    shown = ever_significant(rates(probability, 500, 1), rates(probability, 500, 2), planned)
    assert shown <= ALPHA


def test_looking_at_a_test_for_one_look_again_and_again_is_what_this_is_for() -> None:
    one, other = rates(0.2, 500, 1), rates(0.2, 500, 2)
    visitors = EACH * np.arange(1, 501)
    score = (other[0] - one[0]) / np.sqrt((one[1] + other[1]) / visitors)
    assert ((np.abs(score) > 1.96) & one[2] & other[2]).any(axis=1).mean() > 4 * ALPHA


def test_equal_revenues_with_a_long_tail_are_told_apart_as_rarely() -> None:
    assert ever_significant(takings(0.05, 1, 300, 3), takings(0.05, 1, 300, 4), 3_000) <= ALPHA
    assert ever_significant(takings(0.05, 1, 300, 3), takings(0.05, 2, 300, 4), 3_000) > 0.5


def test_a_planned_experiment_shows_the_least_lift_as_often_as_was_planned() -> None:
    planned = plan(Baseline(0.1), 0.3, power=0.8)
    looks = planned.sequential // EACH + 1
    shown = ever_significant(rates(0.1, looks, 5), rates(0.13, looks, 6), planned.sequential)
    assert 0.8 <= shown <= 0.99
    assert planned.fixed < planned.sequential < 2.5 * planned.fixed


def test_the_true_difference_is_within_the_bounds_at_every_look() -> None:
    one, other = rates(0.1, 500, 7), rates(0.13, 500, 8)
    variance = (one[1] + other[1]) / (EACH * np.arange(1, 501))
    reach = radius(variance, (one[1] + other[1]) / 3_000, ALPHA)
    left = (np.abs(other[0] - one[0] - 0.03) > reach) & one[2] & other[2]
    assert left.any(axis=1).mean() <= ALPHA


def test_bounds_and_evidence_say_the_same() -> None:
    variance, planned = np.array([0.5, 1.0, 4.0]), np.array([1.0, 1.0, 1.0])
    edge = radius(variance, planned, ALPHA)
    np.testing.assert_allclose(evidence(edge, variance, planned, ALPHA), np.log(1 / ALPHA))
    assert np.isinf(radius(np.array([0.0, np.nan]), planned[:2], ALPHA)).all()
    assert (evidence(np.array([1.0]), np.array([0.0]), planned[:1], ALPHA) == 0).all()


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.3])
def test_bounds_are_tightest_where_it_was_planned(alpha: float) -> None:
    found = tuning(alpha)
    assert found == pytest.approx(brentq(lambda r: r - 2 * np.log(1 / alpha) - np.log1p(r), 1e-3, 1e3))
    at_end = [float(radius(np.array(1.0), np.array(times), alpha)) for times in (0.5, 1.0, 2.0)]
    assert at_end[1] == min(at_end)


def test_the_test_of_the_split_is_pearson_s() -> None:
    counts, shares = np.array([480, 520, 1000]), np.array([0.25, 0.25, 0.5])
    assert fixed(counts, shares) == pytest.approx(chisquare(counts, counts.sum() * shares).pvalue)
    assert fixed(np.array([0, 0]), np.array([0.5, 0.5])) == 1.0


def test_a_fair_split_is_called_broken_in_one_of_a_hundred_experiments_at_most_and_a_broken_one_is_found() -> None:
    random = np.random.default_rng(9)
    shares = np.array([0.5, 0.5])

    def called_broken(share: float) -> float:
        first = np.cumsum(random.binomial(EACH, share, (RUNS, 1_000)), axis=1)
        counts = np.stack([first, EACH * np.arange(1, 1_001) - first], axis=-1)
        return float((sequential(counts, shares)[:, -1] <= 0.01).mean())

    assert called_broken(0.5) <= 0.01
    assert called_broken(0.46) > 0.95


def test_evidence_is_never_lost() -> None:
    found = chance(np.array([0.0, 4.0, 1.0, -3.0]))
    np.testing.assert_allclose(found, [1.0, np.exp(-4), np.exp(-4), np.exp(-4)])
