"""What a forecast stands on: what was bought, what was known when, and how surely what came was held."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.analytics.sales_shops import FIRST_DAY, ints, weekday_shop
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.inventory.panel import panel_of
from tillhand_analytics.domain.records import Shop, StockOuts
from tillhand_analytics.domain.sales_forecast.expected import ends_of, expected
from tillhand_analytics.domain.sales_forecast.history import History, Measure, history_of
from tillhand_analytics.domain.sales_forecast.tables import row_of
from tillhand_analytics.domain.sales_forecast.walking import RECONCILED, walked
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.settings import SettingsError

DAYS = 200


@pytest.fixture(scope="module")
def small() -> Shop:
    return weekday_shop(DAYS)


def of(shop: Shop, measure: Measure = "units") -> History:
    return history_of(shop, panel_of(shop), measure)


@pytest.mark.parametrize("measure", ["sales", "units"])
def test_history_holds_all_that_was_ordered_and_not_cancelled(small: Shop, measure: Measure) -> None:
    history = of(small, measure)
    amounts = small.lines.amount_minor if measure == "sales" else small.lines.quantity
    assert history.sums[0].sum() == amounts.sum()
    assert history.categories == ("Mugs", "Rugs", "Tents", ""), "goods that are gone have no name"
    assert history.sums[1:].sum() == amounts.sum()
    assert history.piece[1] == (1 if measure == "units" else 600)


def test_what_is_gone_or_not_for_sale_is_expected_no_more(small: Shop) -> None:
    variants = replace(small.variants, for_sale=np.array([True, False, True, True]))
    forecast = expected(walked(of(replace(small, variants=variants)), 14))
    history = forecast.history
    assert forecast.total[history.heads + 1] == 0
    assert forecast.total[row_of(history, "category", "")] == 0
    assert forecast.total[0] == pytest.approx(
        forecast.total[[history.heads, history.heads + 2, history.heads + 3]].sum()
    )


def test_nothing_that_came_later_is_in_the_record(small: Shop) -> None:
    history = of(small)
    later = history.values.copy()
    later[:, -14:] *= 50
    one, other = walked(history, 14), walked(replace(history, values=later), 14)
    np.testing.assert_array_equal(one.past.forecasts[RECONCILED], other.past.forecasts[RECONCILED])
    assert not np.allclose(one.ahead, other.ahead)


def test_days_without_stock_are_no_days_without_demand(small: Shop) -> None:
    empty = np.arange(DAYS - 40, DAYS)
    kept = (small.lines.variant != 2) | (small.orders.day[small.lines.order] < FIRST_DAY + DAYS - 40)
    lines = replace(
        small.lines,
        ids=tuple(np.array(small.lines.ids)[kept]),
        **{
            name: getattr(small.lines, name)[kept]
            for name in ("order", "variant", "quantity", "amount_minor", "discount_minor")
        },
    )
    out = StockOuts(ints([2] * len(empty)), FIRST_DAY + empty, FIRST_DAY)
    known, unknown = (
        expected(walked(of(replace(small, lines=lines, stock_outs=each)), 7)) for each in (out, small.stock_outs)
    )
    row = known.history.heads + 2
    usual = small.lines.quantity[small.lines.variant == 2].sum() / DAYS * 7
    assert known.total[row] > 0.5 * usual, "its category, which sold less, draws it down"
    assert unknown.total[row] < 0.2 * usual


def test_intervals_hold_what_came_about_as_often_as_they_say(shop: Shop) -> None:
    forecast = expected(walked(of(shop), 28))
    for level in (0.8, 0.95):
        ends = ends_of(forecast, level)
        heads = forecast.history.heads
        assert ends.coverage[heads:].mean() > level - 0.03
        assert ends.day_coverage[:heads].mean() > level - 0.05
        assert ends.coverage[0] > level - 0.15


def test_a_library_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"TILLHAND_ANALYTICS_FORECASTER.*statsforecast"):
        create_app(AnalyticsSettings(data_dir=tmp_path, analytics_forecaster="statsforecast"))
