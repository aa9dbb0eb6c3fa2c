"""Why a day was not as expected: shocks that are planted, and what the mock shop has planted itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tillhand_analytics.domain.anomalies.effects import effects
from tillhand_analytics.domain.anomalies.episodes import Episode, Report
from tillhand_analytics.domain.anomalies.explain import Explainer
from tillhand_analytics.domain.anomalies.factors import CHAINS, taken_apart
from tillhand_analytics.domain.anomalies.facts import ALL, Facts, Metric, Split, facts_of
from tillhand_analytics.domain.anomalies.happenings import mistakes, season
from tillhand_analytics.domain.anomalies.lmdi import parts
from tillhand_analytics.domain.anomalies.mix import mix
from tillhand_analytics.domain.anomalies.scan import scan
from tillhand_analytics.domain.anomalies.search import happened, watch
from tillhand_analytics.domain.records import Floats, Ints, Shop
from tillhand_analytics.errors import BadFigure
from tillhand_mockshop.known import Truths
from tillhand_mockshop.truths import truths
from tillhand_mockshop.words_goods import KINDS


@pytest.fixture(scope="module")
def known() -> Truths:
    return truths()


@pytest.fixture(scope="module")
def year(shop: Shop) -> Report:
    return scan(shop, days=300)


def place(shop: Shop, day: date) -> int:
    return int((np.datetime64(day) - shop.first_day).astype(np.int64))


def with_visits(
    shop: Shop, factor: float, *, channel: str | None = None, device: str | None = None, days: int = 4
) -> Shop:
    """The shop whose sessions of the last days are multiplied, of one channel or device or of all."""
    visits = shop.visits
    hit = visits.day > shop.last_day - np.timedelta64(days, "D")
    if channel is not None:
        hit &= visits.channel == visits.channels.index(channel)
    if device is not None:
        hit &= visits.device == visits.devices.index(device)
    sessions = np.where(hit, np.round(visits.sessions * factor), visits.sessions).astype(np.int64)
    return replace(shop, visits=replace(visits, sessions=sessions))


def total(report: Report, metric: str) -> Episode:
    found = [each for each in report.episodes if (each.metric, each.dimension) == (metric, ALL)]
    assert found, f"nothing was found in all {metric}"
    return max(found, key=lambda each: each.last)


@pytest.mark.parametrize("channel", ["Organic Search", "Direct", "Paid Search", "Email"])
def test_a_drop_that_is_planted_in_one_channel_is_found_there_and_is_the_first_cause_of_the_whole(
    shop: Shop, channel: str
) -> None:
    fallen = with_visits(shop, 0.05, channel=channel)
    found = [each for each in scan(fallen).episodes if (each.metric, each.element) == ("sessions", channel)]
    assert found
    assert (found[0].direction, found[0].last) == ("below", place(shop, date(2026, 10, 31)))
    first = of_the_whole(fallen, "sessions", found[0].first, found[0].last).causes[0]
    assert (first.kind, first.dimension, first.name) == ("element", "channel", channel)
    assert first.share > 0.5


def test_a_drop_in_the_largest_channel_is_found_in_the_whole(shop: Shop) -> None:
    episode = total(scan(with_visits(shop, 0.05, channel="Organic Search")), "sessions")
    assert (episode.causes[0].dimension, episode.causes[0].name) == ("channel", "Organic Search")


def of_the_whole(shop: Shop, metric: Metric, first: int, last: int) -> Episode:
    """All of a metric over some days, explained, whether or not it was found."""
    known = happened(shop)
    watched = watch(facts_of(shop)[metric], ALL, known)
    actual, expected = watched.sums(0, first, last)
    plain = Episode(metric, ALL, ALL, first, last, "below", actual, expected, last, 0, 0, 0, 0, 0, 1, by_week=False)
    return Explainer(shop, known, {}).explained(plain, watched)


def test_a_rise_that_is_planted_on_one_device_is_laid_on_that_device(shop: Shop) -> None:
    episode = total(scan(with_visits(shop, 3.0, device="mobile")), "sessions")
    assert episode.direction == "above"
    assert (episode.causes[0].dimension, episode.causes[0].name) == ("device", "mobile")


def test_a_drop_of_everything_is_laid_on_no_part(shop: Shop) -> None:
    episode = total(scan(with_visits(shop, 0.4)), "sessions")
    assert episode.causes[0].kind == "whole_shop"
    assert episode.causes[0].share > 0.8


def test_a_channel_that_stops_to_buy_is_why_the_conversion_falls(shop: Shop) -> None:
    visits = shop.visits
    hit = (visits.day > shop.last_day - np.timedelta64(4, "D")) & (visits.channel == visits.channels.index("Email"))
    worse = replace(shop, visits=replace(visits, purchases=np.where(hit, 0, visits.purchases)))
    facts = facts_of(worse)["conversion"]
    days = np.arange(facts.days - 4, facts.days)
    reference = np.arange(facts.days - 60, facts.days - 4)
    usual = facts.by_day()[0, reference].sum() / facts.by_day(base=True)[0, reference].sum()
    found = mix(facts, "channel", days, np.full(4, usual), reference)
    now = facts.by_day()[0, days].sum() / facts.by_day(base=True)[0, days].sum()
    assert found.moved.sum() == pytest.approx(now - usual)
    assert found.names[int(np.argmin(found.moved))] == "Email"


def test_goods_that_are_out_of_stock_are_why_less_is_sold(shop: Shop) -> None:
    best = np.bincount(shop.lines.variant[shop.lines.variant >= 0], minlength=len(shop.variants.skus)).argsort()[-150:]
    day = shop.orders.day[shop.lines.order]
    last = np.datetime64("2026-10-29")
    kept = ~(np.isin(shop.lines.variant, best) & (day >= last))
    lines = shop.lines
    fewer = replace(
        lines,
        ids=tuple(name for name, there in zip(lines.ids, kept.tolist(), strict=True) if there),
        **{
            name: getattr(lines, name)[kept]
            for name in ("order", "variant", "quantity", "amount_minor", "discount_minor")
        },
    )
    out_days = np.arange(last, shop.last_day + np.timedelta64(1, "D"))
    outs = replace(
        shop.stock_outs,
        variant=np.concatenate([shop.stock_outs.variant, np.repeat(best, len(out_days))]),
        day=np.concatenate([shop.stock_outs.day, np.tile(out_days, len(best))]),
    )
    episode = total(scan(replace(shop, lines=fewer, stock_outs=outs)), "units")
    assert (episode.direction, episode.causes[0].kind) == ("below", "stock_out")
    assert episode.causes[0].share == pytest.approx(1.0, abs=0.35)


def test_the_planted_promotions_are_read_from_the_discounts(shop: Shop, known: Truths) -> None:
    departments = {kind.name: kind.department for kind in KINDS}
    found = {
        (each.first, each.last, each.percent, *{departments[name] for name in each.categories})
        for each in happened(shop).promotions
    }
    planted = {
        (place(shop, each.first_day), place(shop, each.last_day), float(each.percent), each.department)
        for each in known.promotions
    }
    assert len(found & planted) >= 0.9 * len(planted)
    assert len(found) <= len(planted) + 1


def test_the_planted_mistaken_orders_are_read_from_the_records(shop: Shop, known: Truths) -> None:
    found = {shop.orders.ids[each.order] for each in mistakes(shop)}
    assert found == {f"gid://shopify/Order/{each}" for each in known.mistaken_orders}


def test_most_planted_promotions_are_found_as_more_discounts_with_the_promotion_as_the_first_cause(
    shop: Shop, known: Truths, year: Report
) -> None:
    searched = [each for each in known.promotions if place(shop, each.first_day) >= year.first]
    given = [each for each in year.episodes if each.metric == "discounts_minor" and each.direction == "above"]
    found = [
        any(
            each.first <= place(shop, promotion.last_day) + 1
            and each.last >= place(shop, promotion.first_day) - 1
            and any(cause.kind == "promotion" for cause in each.causes[:1])
            for each in given
        )
        for promotion in searched
    ]
    assert np.mean(found) >= 0.7


def test_mistaken_orders_are_found_as_too_many_units_with_the_order_named(
    shop: Shop, known: Truths, year: Report
) -> None:
    names = dict(zip(shop.orders.ids, shop.orders.names, strict=True))
    days = dict(zip(shop.orders.ids, ((shop.orders.day - shop.first_day).astype(np.int64)).tolist(), strict=True))
    planted = [f"gid://shopify/Order/{each}" for each in known.mistaken_orders]
    searched = [each for each in planted if days[each] >= year.first]
    named = {
        cause.name
        for each in year.episodes
        if each.metric == "placed_units" and each.direction == "above"
        for cause in each.causes
        if cause.kind == "mistaken_order"
    }
    assert np.mean([names[each] in named for each in searched]) >= 0.6


def test_what_promotions_brought_is_near_what_was_planted(shop: Shop, known: Truths) -> None:
    planted = {place(shop, each.first_day): each.uplift for each in known.promotions}
    found = [
        each
        for each in effects(facts_of(shop), happened(shop))
        if each.promotion.first in planted
        and not np.isnan(each.uplift)
        and season_of(shop, each.promotion.first) is None
    ]
    assert len(found) >= 10
    held = [each.low <= planted[each.promotion.first] <= each.high for each in found]
    assert np.mean(held) >= 0.85
    assert np.mean([each.brought_more for each in found]) >= 0.5


def season_of(shop: Shop, first: int) -> str | None:
    day = (shop.first_day + np.timedelta64(first, "D")).astype("datetime64[D]").item()
    return season(day, day)


def test_the_factors_of_an_episode_add_up_to_its_deviation(shop: Shop) -> None:
    episode = total(scan(with_visits(shop, 0.3), days=14), "sessions")
    assert episode.factors == ()
    taken = taken_apart(
        CHAINS["sales_minor"],
        {"orders": 80.0, "units": 100.0, "sales_minor": 5000.0},
        {"orders": 100.0, "units": 150.0, "sales_minor": 7500.0},
    )
    assert [each.name for each in taken] == ["orders", "units_per_order", "price_per_unit"]
    assert sum(each.part for each in taken) == pytest.approx(-2500.0)
    assert sum(each.share for each in taken) == pytest.approx(1.0)
    assert taken[2].part == pytest.approx(0.0, abs=1e-6)
    assert taken_apart(CHAINS["orders"], {"orders": 5.0}, {"orders": 4.0}) == ()


@given(
    arrays(np.float64, (3,), elements=st.floats(0, 1e4)),
    arrays(np.float64, (3,), elements=st.floats(0, 1e4)),
)
def test_parts_of_a_product_always_add_up(actual: Floats, expected: Floats) -> None:
    found = parts(actual, expected)
    change = np.prod(actual) - np.prod(expected)
    assert found.sum() == pytest.approx(change, rel=1e-9, abs=1e-6)
    assert np.isfinite(found).all()


def test_a_factor_that_did_not_move_has_no_part_and_a_negative_one_is_refused() -> None:
    found = parts(np.array([2.0, 3.0]), np.array([4.0, 3.0]))
    np.testing.assert_allclose(found, [-6.0, 0.0], atol=1e-9)
    with pytest.raises(ValueError, match="factors: must not be negative"):
        parts(np.array([-1.0, 3.0]), np.array([4.0, 3.0]))


@given(st.integers(0, 2**32 - 1), st.integers(1, 10))
def test_the_parts_of_a_dimension_always_add_up_to_the_deviation(seed: int, length: int) -> None:
    random = np.random.default_rng(seed)
    facts = made(
        random.integers(0, 4, 600), random.integers(0, 80, 600), random.integers(0, 50, 600).astype(np.float64)
    )
    days, reference = np.arange(80 - length, 80), np.arange(20, 80 - length)
    expected = random.uniform(1, 500, length)
    found = mix(facts, "kind", days, expected, reference)
    assert found.moved.sum() == pytest.approx(facts.by_day()[0, days].sum() - expected.sum(), abs=1e-6)
    assert found.weight.sum() == pytest.approx(1.0)


def made(element: Ints, day: Ints, value: Floats) -> Facts:
    """Rows of a metric that has one dimension."""
    return Facts("sessions", 80, day, value, None, {"kind": Split(("a", "b", "c", "d"), element)}, ())


@pytest.mark.parametrize(
    ("changes", "field"), [({"days": 0}, "days"), ({"alpha": 0.0}, "alpha"), ({"rate": 1.0}, "rate")]
)
def test_what_cannot_be_asked_for_is_told_with_its_field(shop: Shop, changes: dict[str, float], field: str) -> None:
    with pytest.raises(BadFigure) as refused:
        scan(shop, **changes)  # type: ignore[arg-type]  # what a caller may get wrong
    assert refused.value.field == f"query.{field}"


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 27), "the week of Black Friday"),
        (date(2026, 12, 10), "the weeks before Christmas"),
        (date(2026, 1, 1), "Christmas and New Year"),
        (date(2026, 7, 1), None),
    ],
)
def test_the_times_of_the_year_are_known(day: date, name: str | None) -> None:
    assert season(day, day) == name


def test_episodes_are_chosen_by_what_they_are(year: Report) -> None:
    wanted = list(year.of({"metric": "placed_units", "direction": "above", "element": None}))
    assert wanted
    assert {(each.metric, each.direction) for each in wanted} == {("placed_units", "above")}
    assert all(each.low <= each.high for each in year.episodes)
    assert all(each.first <= each.worst <= each.last for each in year.episodes)
