"""What to go by: the model only where it is there, can be trusted, and has beaten the naive rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tillhand_analytics.domain.customers.cohorts import known_from
from tillhand_analytics.domain.customers.lifetime import Horizon
from tillhand_analytics.domain.customers.outlook import Outlook, outlook, prospects
from tillhand_analytics.domain.customers.purchases import Purchases, purchases, shop_purchases
from tillhand_analytics.domain.customers.tables import clv_table, tracking_table
from tillhand_analytics.domain.records import Shop


@pytest.fixture(scope="module")
def bought(shop: Shop) -> Purchases:
    return shop_purchases(shop)


@pytest.fixture(scope="module")
def found(shop: Shop, bought: Purchases) -> Outlook:
    return outlook(bought, shop.first_day, shop.last_day, 90)


def some(bought: Purchases, below: int) -> Purchases:
    kept = bought.customer < below
    return Purchases(bought.customer[kept], bought.day[kept], bought.value_minor[kept])


def test_on_the_mock_shop_the_model_is_to_go_by(found: Outlook) -> None:
    assert found.preferred == "model"
    assert list(found.doubts()) == []
    assert prospects(found, Horizon()).preferred is not prospects(found, Horizon()).naive


def test_a_holdout_near_the_end_gives_what_a_cold_one_does(found: Outlook, shop: Shop, bought: Purchases) -> None:
    assert found.held is not None
    cold = outlook(bought.until(found.held.split_day), shop.first_day, found.held.split_day, 30)
    assert cold.population is not None
    assert found.held.population.buying.model.r == pytest.approx(cold.population.buying.model.r, rel=1e-5)
    assert found.held.population.buying.model.b == pytest.approx(cold.population.buying.model.b, rel=1e-4)


def test_with_few_customers_the_naive_rate_stands_alone(shop: Shop, bought: Purchases) -> None:
    few = outlook(some(bought, 9), shop.first_day, shop.last_day, 90)
    assert (few.preferred, few.population, few.held) == ("naive", None, None)
    assert any("came back" in doubt for doubt in few.doubts())
    assert list(few.notes()) == []
    value = prospects(few, Horizon())
    assert np.isnan(value.model.value_minor).all()
    assert value.preferred is value.naive
    assert len(clv_table(value, shop.orders.customers)) == len(few.known)
    assert len(tracking_table(few)) == 0


def test_without_a_holdout_the_model_is_there_and_not_to_go_by(shop: Shop, bought: Purchases) -> None:
    untried = outlook(bought, shop.first_day, shop.last_day, 364)
    assert untried.population is not None
    assert untried.preferred == "naive"
    assert [doubt.split(":")[0] for doubt in untried.doubts()] == ["no holdout of 364 days"]


def test_a_model_that_lost_says_by_what(found: Outlook) -> None:
    assert found.held is not None
    contest = found.held.purchases
    swapped = replace(contest, expected=contest.naive, naive=contest.expected)
    lost = replace(found, held=replace(found.held, purchases=swapped))
    assert lost.preferred == "naive"
    assert list(lost.doubts()) == ["in the holdout the naive rate was as close to the number of purchases"]


def test_a_day_with_nobody_has_an_outlook_all_the_same(shop: Shop) -> None:
    nobody = purchases(np.zeros(0, np.int64), np.zeros(0, "datetime64[D]"), np.zeros(0))
    empty = outlook(nobody, shop.first_day, shop.last_day, 90)
    assert empty.preferred == "naive"
    assert len(clv_table(prospects(empty, Horizon()), ())) == 0


def test_who_first_came_soon_after_the_data_begin_may_be_older(found: Outlook, shop: Shop) -> None:
    table = clv_table(prospects(found, Horizon()), shop.orders.customers)
    columns = {column.name: np.asarray(column.values) for column in table.columns}
    assert (columns["may_be_older"] == (columns["first_purchase_on"] < found.known_from)).all()
    assert shop.first_day < found.known_from < shop.last_day
    once = purchases(np.array([1]), np.array([shop.first_day]), np.array([5]))
    assert known_from(once, shop.first_day) == shop.first_day + 1


def test_what_was_foretold_is_marked_and_near_what_came(found: Outlook) -> None:
    table = tracking_table(found)
    columns = {column.name: np.asarray(column.values) for column in table.columns}
    assert found.held is not None
    assert columns["last_day"][-1] == found.last_day
    assert (columns["foretold"] == (columns["last_day"] > found.held.split_day)).all()
    assert (np.diff(columns["came"]) >= 0).all()
    all_came = found.held.known.frequency.sum() + found.held.purchases.came.sum()
    assert columns["came"][-1] == all_came
    assert columns["expected"][-1] == pytest.approx(all_came, rel=0.05)
