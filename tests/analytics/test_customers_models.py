"""BG/NBD and Gamma-Gamma: what they say of a customer, and whether they find a population again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.fakes.buyers import Buyers, buyers, spending
from tillhand_analytics.domain.customers.bgnbd import BgNbd
from tillhand_analytics.domain.customers.bgnbd_fit import PurchaseFit, fit_purchases, log_likelihood
from tillhand_analytics.domain.customers.gamma_gamma import GammaGamma, MoneyFit, fit_money
from tillhand_analytics.domain.customers.maximum import TooFew, maximum
from tillhand_analytics.domain.customers.purchases import Histories
from tillhand_analytics.domain.records import Floats

TRUE = BgNbd(r=0.9, alpha=40.0, a=0.9, b=3.2)
PARAMETER = st.floats(0.01, 200)


def known(*rows: tuple[int, float, float], mean: Sequence[float] = ()) -> Histories:
    frequency, recency, age = (np.array(column) for column in zip(*rows, strict=True))
    value = np.array(mean) if mean else np.full(len(rows), np.nan)
    return Histories(np.arange(len(rows)), frequency.astype(np.int64), recency * 1.0, age * 1.0, value)


@pytest.fixture(scope="module")
def seen() -> Buyers:
    return buyers(TRUE, 8_000, age=360, ahead=180, seed=11)


@pytest.fixture(scope="module")
def fitted(seen: Buyers) -> PurchaseFit:
    return fit_purchases(seen.known)


def test_the_population_lies_in_the_intervals_that_are_told(fitted: PurchaseFit) -> None:
    found = {each.name: each for each in fitted.maximum.estimates}
    for name, true in (("r", 0.9), ("alpha", 40.0), ("a", 0.9), ("b", 3.2)):
        assert found[name].low < true < found[name].high, name
        assert found[name].high / found[name].low < 2
    assert fitted.maximum.boundary == ()


def test_no_population_near_by_is_more_likely(fitted: PurchaseFit, seen: Buyers) -> None:
    best = log_likelihood(fitted.model, seen.known)
    assert best == pytest.approx(fitted.maximum.log_likelihood)
    for name in ("r", "alpha", "a", "b"):
        for factor in (0.98, 1.02):
            other = replace(fitted.model, **{name: getattr(fitted.model, name) * factor})
            assert log_likelihood(other, seen.known) < best


def test_the_likelihood_is_that_of_the_paper() -> None:
    model, one = BgNbd(0.7, 5.0, 0.8, 2.5), known((2, 30.43, 38.86))
    places = (np.arange(1_000) + 0.5) / 1_000
    rate = stats.gamma.ppf(places, model.r, scale=1 / model.alpha)[:, None]
    chance = stats.beta.ppf(places, model.a, model.b)[None, :]
    stayed = (1 - chance) ** 2 * rate**2 * np.exp(-rate * 38.86)
    left = chance * (1 - chance) * rate**2 * np.exp(-rate * 30.43)
    assert log_likelihood(model, one) == pytest.approx(np.log((stayed + left).mean()), abs=1e-3)


@pytest.mark.parametrize("model", [TRUE, BgNbd(0.24, 4.4, 0.79, 2.4), BgNbd(2.0, 9.0, 1.0, 0.5), BgNbd(1, 9, 0.4, 0.6)])
def test_expected_purchases_are_the_mean_over_rates_and_chances(model: BgNbd) -> None:
    places = (np.arange(40_000) + 0.5) / 40_000
    for frequency, recency, age in ((0, 0, 50), (1, 3, 50), (9, 45, 50)):
        alive = model.probability_alive(known((frequency, recency, age)))[0]
        chance = np.maximum(stats.beta.ppf(places, model.a, model.b + frequency), 1e-9)
        until_gone = (1 - (1 + chance * 30 / (model.alpha + age)) ** -(model.r + frequency)) / chance
        found = model.expected_purchases(known((frequency, recency, age)), 30.0)[0, 0]
        assert found == pytest.approx(alive * until_gone.mean(), rel=1e-3)


def test_a_population_buys_on_average_what_is_expected_of_it(seen: Buyers) -> None:
    expected = TRUE.expected_purchases(seen.known, 180.0)[:, 0]
    assert expected.sum() == pytest.approx(seen.later.sum(), rel=0.03)
    for chosen in (seen.known.frequency == 0, seen.known.frequency > 3):
        assert expected[chosen].mean() == pytest.approx(seen.later[chosen].mean(), rel=0.08)
    since_first = TRUE.expected_after(seen.known.age)
    assert since_first.sum() == pytest.approx(seen.known.frequency.sum(), rel=0.05)


def test_as_many_are_there_as_are_thought_to_be(seen: Buyers) -> None:
    alive = TRUE.probability_alive(seen.known)
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 0.999)):
        chosen = (alive >= low) & (alive < high)
        assert alive[chosen].mean() == pytest.approx(seen.alive[chosen].mean(), abs=0.04)


def test_nobody_has_left_before_coming_back_once() -> None:
    assert TRUE.probability_alive(known((0, 0, 1_000))).tolist() == [1.0]


@given(PARAMETER, PARAMETER, PARAMETER, PARAMETER, st.integers(0, 400), st.floats(0, 1), st.floats(0, 2_000))
def test_whatever_the_population_expectations_are_numbers_that_grow_with_time(
    r: float, alpha: float, a: float, b: float, frequency: int, place: float, age: float
) -> None:
    model, one = BgNbd(r, alpha, a, b), known((frequency, age * place if frequency else 0.0, age))
    alive = model.probability_alive(one)[0]
    assert 0 <= alive <= 1
    expected = model.expected_purchases(one, np.array([1.0, 30.0, 365.0, 3_650.0]))[0]
    assert np.isfinite(expected).all()
    assert (expected >= 0).all()
    assert (np.diff(expected) >= -5e-5 * expected[1:]).all()
    without_leaving = alive * (r + frequency) / (alpha + age) * np.array([1.0, 30.0, 365.0, 3_650.0])
    assert (expected <= without_leaving * (1 + 1e-4)).all()


def test_where_the_series_gives_up_the_mean_over_chances_is_taken() -> None:
    model = BgNbd(r=1.0, alpha=40.0, a=2.0, b=1e-4)
    found = model.expected_purchases(known((498, 364, 365), (500, 364, 365), (502, 364, 365)), 3_650.0)[:, 0]
    assert found[1] == pytest.approx((found[0] + found[2]) / 2, rel=1e-3)


@pytest.mark.parametrize("a", [1 - 1e-6, 1.0, 1 + 1e-6])
def test_nothing_happens_where_the_formula_divides_by_nothing(a: float) -> None:
    rows = known((0, 0, 90), (3, 60, 90))
    beside = (
        BgNbd(0.5, 20, 0.999, 2).expected_purchases(rows, 90.0),
        BgNbd(0.5, 20, 1.001, 2).expected_purchases(rows, 90.0),
    )
    found = BgNbd(0.5, 20, a, 2).expected_purchases(rows, 90.0)
    assert found == pytest.approx((beside[0] + beside[1]) / 2, rel=1e-5)


def test_silence_makes_a_departure_more_likely_and_more_so_for_who_bought_often() -> None:
    seldom = TRUE.probability_alive(known((2, 60, 60), (2, 60, 120), (2, 60, 240)))
    often = TRUE.probability_alive(known((20, 60, 60), (20, 60, 120), (20, 60, 240)))
    assert (np.diff(seldom) < 0).all()
    assert (np.diff(often) < 0).all()
    assert often[0] > seldom[0]
    assert (often[1:] < seldom[1:]).all()


def test_where_nobody_leaves_the_boundary_says_so() -> None:
    random = np.random.default_rng(3)
    rate, age = random.gamma(2.0, 1 / 60, 3_000), np.full(3_000, 200.0)
    times = [np.sort(random.uniform(0, 200, random.poisson(each * 200))) for each in rate]
    rows = [(len(each), each[-1] if len(each) else 0.0, 200.0) for each in times]
    found = fit_purchases(known(*rows))
    assert any(reason.startswith("a is about 0") for reason in found.maximum.boundary)
    assert found.model.r / found.model.alpha == pytest.approx(2 / 60, rel=0.1)
    assert len(age) == found.customers


def test_with_few_customers_nothing_is_fitted() -> None:
    with pytest.raises(TooFew, match=r"frequency: 2 customers came back; 20 are needed"):
        fit_purchases(known((1, 3, 9), (2, 4, 9), (0, 0, 9)))
    with pytest.raises(TooFew, match="mean_value_minor"):
        fit_money(known((1, 3, 9), (2, 4, 9), (0, 0, 9), mean=(5.0, 0.0, np.nan)))


@pytest.fixture(scope="module")
def money(seen: Buyers) -> tuple[Histories, MoneyFit]:
    rows = replace(seen.known, mean_value_minor=spending(seen.known, 6.25, 3.74, 1_544.0, seed=4))
    return rows, fit_money(rows)


def test_what_customers_spend_is_found_again(money: tuple[Histories, MoneyFit]) -> None:
    rows, found = money
    for each, true in zip(found.maximum.estimates, (6.25, 3.74, 1_544.0), strict=True):
        assert each.low < true < each.high, each.name
    assert found.model.mean_value_minor == pytest.approx(1_544 * 6.25 / 2.74, rel=0.05)
    assert found.independent
    assert found.customers == int((rows.frequency > 0).sum())


def test_an_expected_value_lies_between_ones_own_mean_and_that_of_all(money: tuple[Histories, MoneyFit]) -> None:
    model = money[1].model
    rich = model.mean_value_minor * 4
    found = model.expected_value_minor(known((0, 0, 9), (1, 5, 9), (50, 9, 9), mean=(np.nan, rich, rich)))
    assert found[0] == pytest.approx(model.mean_value_minor)
    assert found[0] < found[1] < found[2] < rich


def test_who_was_only_given_things_counts_as_unknown_and_is_told(money: tuple[Histories, MoneyFit]) -> None:
    rows, found = money
    place = int(np.flatnonzero(rows.frequency > 0)[0])
    mean = rows.mean_value_minor.copy()
    mean[place] = 0.0
    other = fit_money(replace(rows, mean_value_minor=mean))
    assert (other.left_out, other.customers) == (1, found.customers - 1)
    value = other.model.expected_value_minor(replace(rows, mean_value_minor=mean))
    assert value[place] == pytest.approx(other.model.mean_value_minor)


def test_money_that_grows_with_frequency_is_told_as_dependent(money: tuple[Histories, MoneyFit]) -> None:
    rows, _ = money
    found = fit_money(replace(rows, mean_value_minor=rows.mean_value_minor * np.maximum(rows.frequency, 1)))
    assert found.rank_correlation > 0.5
    assert not found.independent


def test_where_everybody_spends_alike_the_boundary_says_so(seen: Buyers) -> None:
    random = np.random.default_rng(8)
    x = seen.known.frequency
    mean = np.where(x > 0, random.gamma(np.maximum(2 * x, 1)) / np.maximum(x, 1), np.nan)
    found = fit_money(replace(seen.known, mean_value_minor=mean * 1_000))
    assert found.maximum.boundary[0].startswith("q is very large")
    assert found.model.mean_value_minor == pytest.approx(2_000, rel=0.05)


def test_a_population_without_a_mean_has_none() -> None:
    assert np.isnan(GammaGamma(2.0, 0.9, 10.0).mean_value_minor)
    assert np.isnan(GammaGamma(2.0, 0.9, 10.0).expected_value_minor(known((0, 0, 5)))[0])


def test_a_maximum_at_the_edge_is_told_and_its_error_is_not() -> None:
    def falls(place: Floats) -> tuple[float, Floats]:
        return float(place[0] + (place[1] - 1) ** 2), np.array([1.0, 2 * (place[1] - 1)])

    found = maximum(falls, [(1.0, 1.0)], ("one", "two"), (1.0, 1.0))
    assert found.boundary == ("one runs to its edge", "the likelihood is flat there: its curvature is singular")
    assert np.isnan(found.estimates[0].standard_error)
    assert found.values == pytest.approx((1e-4, np.e), rel=1e-3)
