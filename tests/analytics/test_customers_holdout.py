"""The models against the naive rate, on days that they have not seen; and against what is true of the mock shop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from tillhand_analytics.domain.customers.bgnbd import BgNbd
from tillhand_analytics.domain.customers.bgnbd_fit import fit_purchases
from tillhand_analytics.domain.customers.holdout import Contest, Holdout, cumulative, errors, holdout
from tillhand_analytics.domain.customers.lifetime import YEAR_DAYS, Horizon, Population, fit, own_rate
from tillhand_analytics.domain.customers.maximum import TooFew
from tillhand_analytics.domain.customers.purchases import Histories, Purchases, histories, shop_purchases
from tillhand_analytics.domain.records import Bools, Floats, Shop
from tillhand_mockshop.truths import truths

DAY = np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def bought(shop: Shop) -> Purchases:
    return shop_purchases(shop)


@pytest.fixture(scope="module")
def held(shop: Shop, bought: Purchases) -> Holdout:
    return holdout(bought, shop.last_day - 120 * DAY, shop.last_day)


@pytest.fixture(scope="module")
def known(shop: Shop, bought: Purchases) -> Histories:
    return histories(bought, shop.last_day)


@pytest.fixture(scope="module")
def population(known: Histories) -> Population:
    return fit(known)


def test_the_model_foretells_the_mock_shop_far_better_than_the_naive_rate(held: Holdout) -> None:
    assert held.preferred == "model"
    model, naive = held.purchases.model_errors, held.purchases.naive_errors
    assert model.mean_absolute < 0.85 * naive.mean_absolute
    assert model.root_mean_square < 0.75 * naive.root_mean_square
    assert abs(model.bias) < 0.1 < naive.bias
    assert held.value_minor.won


def test_what_came_is_counted_among_the_customers_known_by_then(held: Holdout, bought: Purchases) -> None:
    later = bought.after(held.split_day).until(held.last_day)
    of_known = np.isin(later.customer, held.known.customer)
    assert held.purchases.came.sum() == of_known.sum()
    assert held.value_minor.came.sum() == later.value_minor[of_known].sum()
    place = int(np.argmax(held.purchases.came))
    assert held.purchases.came[place] == (later.customer == held.known.customer[place]).sum()


def test_all_purchases_together_are_tracked(held: Holdout, bought: Purchases) -> None:
    span = float(held.known.age.max())
    at = np.array([0.0, span / 2, span])
    expected = cumulative(held.population, held.known, at)
    assert expected[0] == 0
    assert expected[2] == pytest.approx(held.known.frequency.sum(), rel=0.05)
    assert expected[0] < expected[1] < expected[2]


def shop_clock(shop: Shop) -> Floats:
    """When each day of the mock shop is half over, and at last the end, on the clock by which its customers live."""
    kept = np.isnat(shop.orders.cancelled_at)
    days = int((shop.last_day - shop.first_day) / DAY) + 1
    number = np.bincount(((shop.orders.day[kept] - shop.first_day) / DAY).astype(int), minlength=days)
    pace = np.array([number[max(day - 14, 0) : day + 15].mean() for day in range(days)]) / number.mean()
    ends = np.cumsum(pace)
    return np.append(ends - pace / 2, ends[-1])


def test_the_population_of_the_mock_shop_lies_in_the_intervals_that_are_told(
    shop: Shop, bought: Purchases, known: Histories
) -> None:
    """By the shop's own clock, and of customers who are new for certain: those who first came after two months."""
    clock = shop_clock(shop)
    day = ((bought.day - shop.first_day) / DAY).astype(int)
    starts = np.flatnonzero(bought.begins)
    first, last = clock[day[starts]], clock[day[starts + known.frequency]]
    new = day[starts] >= 60
    rows = Histories(
        known.customer[new],
        known.frequency[new],
        (last - first)[new],
        (clock[-1] - first)[new],
        known.mean_value_minor[new],
    )
    true, found = truths().loyalty, fit_purchases(rows).maximum
    for each in found.estimates:
        assert each.low < getattr(true, each.name) < each.high, each.name
    assert found.boundary == ()


def area(score: Floats, positive: Bools) -> float:
    """The area under the receiver's curve: how often one of the positive has the higher score of two."""
    ranks, number = rankdata(score), int(positive.sum())
    return float((ranks[positive].sum() - number * (number + 1) / 2) / (number * (len(score) - number)))


def test_who_is_still_there_is_told_better_than_by_recency_alone(
    shop: Shop, known: Histories, population: Population
) -> None:
    people = truths().customers
    ids = [int(shop.orders.customers[place].rsplit("/", 1)[1]) for place in known.customer]
    active = np.array([people[each].active for each in ids])
    by_model = area(population.buying.model.probability_alive(known), active)
    by_recency = area(known.recency - known.age, active)
    assert by_model > 0.77
    assert by_model > by_recency + 0.03


def test_a_longer_horizon_is_worth_more_a_discount_less_and_a_margin_its_share(
    known: Histories, population: Population
) -> None:
    plain = population.worth(known, Horizon(365, 0.0)).value_minor
    assert (population.worth(known, Horizon(730, 0.0)).value_minor >= plain).all()
    dear = population.worth(known, Horizon(365, 0.2)).value_minor
    assert ((dear <= plain) & (dear >= plain / 1.2)).all()
    assert population.worth(known, Horizon(365, 0.0, margin=0.25)).value_minor == pytest.approx(plain / 4)


def test_without_a_discount_a_value_is_purchases_times_their_mean(known: Histories, population: Population) -> None:
    found = population.worth(known, Horizon(200, 0.0))
    expected = population.buying.model.expected_purchases(known, 200.0)[:, 0]
    assert found.purchases == pytest.approx(expected)
    assert found.value_minor == pytest.approx(expected * population.money.model.expected_value_minor(known))


def test_a_discount_agrees_with_a_sum_over_days(known: Histories, population: Population) -> None:
    rows = Histories(
        *(getattr(known, name)[:50] for name in ("customer", "frequency", "recency", "age", "mean_value_minor"))
    )
    days = np.arange(1.0, 366.0)
    daily = np.diff(population.buying.model.expected_purchases(rows, days), axis=1, prepend=0.0)
    exact = (daily * 1.1 ** (-(days - 0.5) / YEAR_DAYS)).sum(axis=1) * population.money.model.expected_value_minor(rows)
    assert population.worth(rows, Horizon(365, 0.1)).value_minor == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    ("field", "horizon"),
    [
        ("days", (0.0,)),
        ("days", (4_000.0,)),
        ("days", (float("nan"),)),
        ("yearly_discount", (9.0, -0.1)),
        ("margin", (9.0, 0.1, 1.5)),
    ],
)
def test_a_horizon_that_makes_no_sense_is_refused_by_name(field: str, horizon: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=f"^{field}:"):
        Horizon(*horizon)


def test_the_naive_rate_expects_nothing_of_who_has_not_come_back() -> None:
    rows = Histories(
        np.arange(3),
        np.array([0, 4, 0]),
        np.array([0.0, 80, 0]),
        np.array([90.0, 100, 0]),
        np.array([np.nan, 50, np.nan]),
    )
    found = own_rate(rows, Horizon(25, 0.0))
    assert found.purchases.tolist() == [0, 1, 0]
    assert found.value_minor.tolist() == [0, 50, 0]


def test_units_of_time_do_not_matter(bought: Purchases, held: Holdout) -> None:
    weekly = holdout(bought, held.split_day, held.last_day, unit_days=7.0)
    assert weekly.purchases.expected == pytest.approx(held.purchases.expected, rel=1e-3, abs=1e-6)
    assert weekly.purchases.naive == pytest.approx(held.purchases.naive)


def test_a_model_at_its_boundary_is_not_preferred_even_if_it_won(held: Holdout) -> None:
    buying = held.population.buying
    doubted = replace(buying, maximum=replace(buying.maximum, boundary=("a is about 0",)))
    assert held.purchases.won
    assert replace(held, population=replace(held.population, buying=doubted)).preferred == "naive"


def test_a_model_that_is_closer_by_one_measure_only_has_not_won() -> None:
    came = np.array([0.0, 0.0, 0.0, 10.0])
    far_once, near_often = np.array([0.0, 0.0, 0.0, 0.0]), np.array([3.0, 3.0, 3.0, 8.0])
    assert not Contest(came, far_once, near_often).won
    assert not Contest(came, near_often, far_once).won
    assert Contest(came, came, near_often).won
    assert not Contest(came, came, came).won


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 100)), min_size=1, max_size=30))
def test_errors_are_what_they_are_called(rows: list[tuple[float, int]]) -> None:
    expected, came = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])
    found = errors(expected, came)
    assert found.mean_absolute <= found.root_mean_square + 1e-9
    if came.sum():
        assert found.bias == pytest.approx(expected.sum() / came.sum() - 1)
    else:
        assert np.isnan(found.bias)


def test_nobody_is_no_error() -> None:
    assert np.isnan(errors(np.zeros(0), np.zeros(0)).mean_absolute)


def test_days_in_the_wrong_order_and_a_shop_that_is_too_young_are_refused(shop: Shop, bought: Purchases) -> None:
    with pytest.raises(ValueError, match="split_day"):
        holdout(bought, shop.last_day, shop.last_day)
    with pytest.raises(TooFew, match="came back"):
        holdout(bought, shop.first_day, shop.last_day)


def test_a_population_expects_no_purchase_at_the_very_first_moment() -> None:
    assert BgNbd(0.5, 10, 0.5, 2).expected_after(np.array([0.0])).tolist() == [0.0]
