"""Customers are made up, and come back as the process says that they were drawn from."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tillhand_mockshop.known import Truths
from tillhand_mockshop.model import Shop

POSTCODES = {
    "DE": r"\d{5}",
    "AT": r"\d{4}",
    "FR": r"\d{5}",
    "NL": r"\d{4} [A-Z]{2}",
    "GB": r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}",
}
FICTION = re.compile(
    r"\+49 (30 23125|69 90009|40 66969|221 4710|89 99998) \d{3}"
    r"|\+33 (1 99 00|2 61 91|3 53 01|6 39 98) \d\d \d\d"
    r"|\+44 (20 7946 0|113 496 0|117 496 0|7700 900)\d{3}"
)


def test_addresses_lead_to_nobody(shop: Shop) -> None:
    assert 5500 <= len(shop.customers) <= 7500
    assert len({customer.email for customer in shop.customers}) == len(shop.customers)
    for customer in shop.customers:
        assert re.fullmatch(r"[a-z0-9.-]+@[a-z]+\.example", customer.email)
        assert customer.phone is None or FICTION.fullmatch(customer.phone)


def test_postcodes_are_formally_right(shop: Shop) -> None:
    assert {customer.address.country for customer in shop.customers} == set(POSTCODES)
    for customer in shop.customers:
        assert re.fullmatch(POSTCODES[customer.address.country], customer.address.postcode)


def test_nobody_orders_before_joining(shop: Shop) -> None:
    joined = {customer.id: customer.created_at for customer in shop.customers}
    assert len(joined) == len(shop.customers)
    assert all(joined[order.customer_id] <= order.created_at for order in shop.orders)


def test_truths_name_every_customer(shop: Shop, truths: Truths) -> None:
    assert list(truths.customers) == [customer.id for customer in shop.customers]
    assert all(one.purchases_per_day > 0 and 0 <= one.dropout <= 1 for one in truths.customers.values())


def test_rates_and_dropouts_have_the_population_means(truths: Truths) -> None:
    known, number = truths.loyalty, len(truths.customers)
    rate = sum(one.purchases_per_day for one in truths.customers.values()) / number
    dropout = sum(one.dropout for one in truths.customers.values()) / number
    assert rate == pytest.approx(known.r / known.alpha, rel=0.05)
    assert dropout == pytest.approx(known.a / (known.a + known.b), rel=0.05)


def test_frequent_buyers_are_those_of_high_rate_and_low_dropout(shop: Shop, truths: Truths) -> None:
    counted = Counter(order.customer_id for order in shop.orders if order.cancelled_at is None)
    often = [truths.customers[customer] for customer, number in counted.items() if number >= 10]
    once = [truths.customers[customer] for customer, number in counted.items() if number == 1]
    assert len(often) > 200
    assert sum(one.purchases_per_day for one in often) / len(often) > 2 * sum(
        one.purchases_per_day for one in once
    ) / len(once)
    assert sum(one.dropout for one in often) / len(often) < sum(one.dropout for one in once) / len(once)


def test_new_customers_come_in_every_month(shop: Shop) -> None:
    months = Counter(
        (customer.created_at.year, customer.created_at.month)
        for customer in shop.customers
        if customer.created_at.date() > shop.first_day
    )
    assert len(months) == 12
    assert min(months.values()) > 100
