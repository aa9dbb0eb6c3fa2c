"""Findings: what they cost, how they are told, and what they make of a page."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.fakes.searches import LAST, SITE, SearchLog
from tillhand_analytics.domain.records import ENGINES, Shop, Visits
from tillhand_analytics.domain.seo.findings import KINDS, Finding
from tillhand_analytics.domain.seo.health import health
from tillhand_analytics.domain.seo.judging import findings
from tillhand_analytics.domain.seo.study import Study, shop_pairs, study
from tillhand_analytics.domain.seo.windows import MONTH_DAYS, Window, ending, whole_through
from tillhand_analytics.domain.seo.worth import landings, path_of


@pytest.fixture(scope="module")
def found(shop: Shop) -> Study:
    """All that is found out about the default shop."""
    return study(shop, shop_pairs(shop))


@pytest.fixture(scope="module")
def told(found: Study) -> tuple[Finding, ...]:
    """What is told of it."""
    return findings(found)


def visits(*rows: tuple[str, str, int, int, int]) -> Visits:
    """Visits of `LAST` by path, channel, sessions, purchases and money."""
    paths, channels = (tuple(dict.fromkeys(row[column] for row in rows)) for column in (0, 1))
    columns = {each.name: np.zeros(len(rows), dtype=np.int64) for each in fields(Visits)}
    columns |= {
        "page": np.array([paths.index(row[0]) for row in rows], dtype=np.int64),
        "channel": np.array([channels.index(row[1]) for row in rows], dtype=np.int64),
    }
    for column, name in enumerate(("sessions", "purchases", "revenue_minor"), start=2):
        columns[name] = np.array([row[column] for row in rows], dtype=np.int64)
    days = np.full(len(rows), LAST, dtype="datetime64[D]")
    texts = {"pages": paths, "channels": channels, "devices": ("mobile",), "countries": ("DE",)}
    return Visits(**{**columns, **texts, "day": days})  # type: ignore[arg-type]  # columns by their names


def test_every_finding_has_figures_that_fit_together(found: Study, told: tuple[Finding, ...]) -> None:
    assert {each.kind for each in told} >= {"decay", "ctr_gap", "cannibalisation", "striking_distance"}
    for each in told:
        assert each.kind in KINDS
        assert each.page in found.pairs.searches.pages
        assert each.impact.clicks > 0
        assert each.impact.low <= each.impact.clicks <= each.impact.high
        assert each.confidence is None or 0.95 <= each.confidence <= 1
        assert all(np.isfinite(value) for value in each.evidence.values())
        assert path_of(each.page) in each.action
        assert each.query is None or each.query in each.action


def test_findings_begin_with_the_most_clicks(told: tuple[Finding, ...]) -> None:
    clicks = [each.impact.clicks for each in told]
    assert clicks == sorted(clicks, reverse=True)


def test_a_pair_that_sinks_is_not_told_again_as_nearly_seen(told: tuple[Finding, ...]) -> None:
    sunk, near = (
        {(each.engine, each.page, each.query) for each in told if each.kind == kind}
        for kind in ("decay", "striking_distance")
    )
    assert sunk
    assert sunk.isdisjoint(near)


def test_money_is_clicks_times_what_a_visit_brings(found: Study, told: tuple[Finding, ...]) -> None:
    worth = dict(zip(found.pairs.searches.pages, found.money_per_click, strict=True))
    for each in told:
        assert each.impact.money_minor == pytest.approx(each.impact.clicks * worth[each.page])


def test_without_visits_nothing_is_said_about_money(shop: Shop) -> None:
    without = replace(shop, visits=visits())
    assert {each.impact.money_minor for each in findings(study(without, shop_pairs(without)))} == {None}


def test_a_score_is_the_share_of_clicks_within_reach(found: Study, told: tuple[Finding, ...]) -> None:
    told_of = health(found, told)
    pages = found.pairs.searches.pages
    assert ((told_of.score > 0) & (told_of.score <= 100)).all()
    assert told_of.findings.sum() == len(told)
    for place, series in enumerate(told_of.series):
        mine = [
            each
            for each in told
            if (ENGINES.index(each.engine), each.page) == (series // len(pages), pages[series % len(pages)])
        ]
        if not mine:
            assert told_of.score[place] == 100
    clicks = told_of.now.clicks * MONTH_DAYS / 28
    assert told_of.score == pytest.approx(100 * (clicks + 1) / (clicks + 1 + told_of.missing))
    assert told_of.now.clicks.sum() == found.gaps.seen.clicks.sum()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://shop.example/pans/", "/pans"),
        ("https://shop.example", "/"),
        ("https://shop.example/pans?utm_source=x#top", "/pans"),
        ("/caf%C3%A9", "/café"),
        ("/pans", "/pans"),
        ("https://[broken/pans", "/pans"),
        ("", "/"),
    ],
)
def test_addresses_and_paths_meet(address: str, path: str) -> None:
    assert path_of(address) == path


def test_money_for_a_click_is_that_of_visits_from_search_drawn_towards_all() -> None:
    some = visits(
        *(("/rich", "Organic Search", 1000, 50, 900_000), ("/new/", "Organic Search", 2, 0, 0)),
        *(("/poor", "Organic Search", 1000, 0, 0), ("/rich", "Email", 10, 10, 10**9)),
    )
    found = landings(some, tuple(SITE + page for page in ("/rich", "/poor", "/new", "/unknown")), ending(LAST, 28))
    mean = 900_000 / 2002
    assert found.sessions.tolist() == [1000, 1000, 2, -1]
    assert found.revenue_minor.tolist() == [900_000, 0, 0, -1]
    rich, poor, new, unknown = found.money_per_click
    assert mean < rich < 900
    assert 0 < poor < mean
    assert new == pytest.approx(mean, rel=0.02)
    assert unknown == pytest.approx(mean)


def test_a_window_holds_its_days_and_ends_where_the_data_is_whole() -> None:
    window = ending(LAST, 28)
    assert (window.days, window.before.days) == (28, 28)
    assert window.before.last_day == window.first_day - np.timedelta64(1, "D")
    assert whole_through(LAST, LAST - np.timedelta64(2, "D")) == LAST - np.timedelta64(2, "D")
    assert whole_through(LAST, LAST + np.timedelta64(2, "D")) == whole_through(LAST, None) == LAST
    with pytest.raises(ValueError, match="days"):
        Window(LAST, LAST - np.timedelta64(1, "D"))
    with pytest.raises(ValueError, match="days"):
        ending(LAST, 0)


@pytest.mark.parametrize("days_ago", [[], [0], [400]])
def test_a_shop_with_hardly_any_searches_has_no_findings(shop: Shop, days_ago: list[int]) -> None:
    log = SearchLog().add("/one", "jars", days_ago, impressions=3, position=2.0, clicks=1)
    bare = replace(shop, searches=log.searches(), last_day=LAST, visits=visits())
    found = study(bare, shop_pairs(bare))
    assert findings(found) == ()
    assert len(health(found, ()).series) == (1 if days_ago == [0] else 0)


def test_rows_without_an_impression_or_a_position_break_nothing(shop: Shop) -> None:
    log = SearchLog().add("/one", "jars", range(90), impressions=0, position=0.0)
    log.add("/two", "pans", range(90), impressions=50, position=0.2, clicks=50)
    log.add("/three", "bowls", range(90), impressions=50, position=np.nan, clicks=5)
    bare = replace(shop, searches=log.searches(), last_day=LAST, visits=visits())
    found = study(bare, shop_pairs(bare))
    assert findings(found) == ()
    assert health(found, ()).score.tolist() == [100.0]
