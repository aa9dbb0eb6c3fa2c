"""RFM: scores, segments and what they come to."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_analytics.domain.customers.purchases import purchases, shop_purchases
from tillhand_analytics.domain.customers.rfm import SEGMENTS, rfm, scores, segments, totals
from tillhand_analytics.domain.records import Shop

NAMES = [each.name for each in SEGMENTS]


def test_fifths_of_different_values_have_scores_from_one_to_five() -> None:
    assert scores(np.arange(10)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_equal_values_have_the_score_of_the_lowest_of_them() -> None:
    assert scores(np.array([1] * 6 + [2, 2, 3, 4])).tolist() == [1] * 6 + [4, 4, 5, 5]
    assert scores(np.full(7, 3)).tolist() == [1] * 7


@given(st.lists(st.integers(-1_000, 1_000), max_size=80))
def test_a_score_says_which_share_of_the_others_one_is_ahead_of(values: list[int]) -> None:
    column = np.array(values, np.int64)
    found = scores(column)
    for value, score in zip(values, found, strict=True):
        share = sum(other < value for other in values) / len(values)
        assert (score - 1) / 5 <= share < score / 5 + 1e-12
    order = np.argsort(column, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


def test_every_pair_of_scores_belongs_to_a_segment_that_says_so() -> None:
    pairs = [(r, f, n) for r, f, n in product(range(1, 6), range(1, 6), (1, 2, 30))]
    columns = [np.array(column) for column in zip(*pairs, strict=True)]
    for (r, f, n), place in zip(pairs, segments(*columns), strict=True):
        each = SEGMENTS[place]
        assert each.recency[0] <= r <= each.recency[1]
        assert each.frequency[0] <= f <= each.frequency[1]
        assert each.purchases[0] <= n <= each.purchases[1]
        assert (each.name == "new") == (r >= 4 and f == 1 and n == 1)


@pytest.mark.parametrize(
    ("name", "recency", "frequency", "purchases"),
    [("champions", 5, 5, 9), ("new", 5, 1, 1), ("promising", 5, 1, 2), ("at_risk", 1, 4, 6), ("cannot_lose", 2, 5, 12)],
)
def test_segments_are_what_their_names_say(name: str, recency: int, frequency: int, purchases: int) -> None:
    place = segments(np.array([recency]), np.array([frequency]), np.array([purchases]))[0]
    assert NAMES[place] == name


def test_a_customer_is_scored_by_days_with_a_purchase_and_money() -> None:
    day = np.array(["2026-03-01", "2026-03-01", "2026-03-20", "2026-01-05"], "datetime64[D]")
    found = rfm(purchases(np.array([4, 4, 4, 9]), day, np.array([100, 50, 25, 900])), np.datetime64("2026-03-31"))
    assert found.customer.tolist() == [4, 9]
    assert found.purchases.tolist() == [2, 1]
    assert found.days_since.tolist() == [11, 85]
    assert found.value_minor.tolist() == [175, 900]
    assert found.recency_score.tolist() == [3, 1]
    assert found.money_score.tolist() == [1, 3]


def test_segments_come_to_all_customers_and_all_money(shop: Shop) -> None:
    bought = shop_purchases(shop)
    scored = rfm(bought, shop.last_day)
    found = totals(scored)
    assert found.customers.sum() == len(np.unique(bought.customer))
    assert found.purchases.sum() == len(bought)
    assert found.value_minor.sum() == bought.value_minor.sum()
    champions = NAMES.index("champions")
    inside = scored.segment == champions
    assert found.mean_days_since[champions] == pytest.approx(scored.days_since[inside].mean())
    assert (scored.recency_score[inside] >= 4).all()


def test_nobody_is_in_no_segment() -> None:
    nobody = purchases(np.zeros(0, np.int64), np.zeros(0, "datetime64[D]"), np.zeros(0))
    found = totals(rfm(nobody, np.datetime64("2026-01-01")))
    assert found.customers.tolist() == [0] * len(SEGMENTS)
    assert np.isnan(found.mean_days_since).all()
