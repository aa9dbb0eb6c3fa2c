"""Every chart is one well-formed picture that says in words what it shows, whatever it is made of."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tillhand_analytics.domain.charts import (
    Band,
    Chart,
    Expected,
    Line,
    Look,
    Measure,
    Within,
    cohort_heat_map,
    cover_chart,
    demand_chart,
    funnel_chart,
    pareto_chart,
    position_chart,
    series_chart,
    waterfall_chart,
)
from tillhand_analytics.domain.charts.style import STYLE

SVG = "{http://www.w3.org/2000/svg}"
EUR = Measure("Net sales", "money", "EUR")
UNITS = Measure("Units")
FIRST = np.datetime64("2026-01-01")
HOSTILE = st.text(max_size=25) | st.sampled_from(
    [
        "</title><script>alert(1)</script>",
        "\"' onload='x",
        "]]>",
        "&amp;&#0;",
        "<!--",
        "\x00\x08\ufffe",
        "\u202eevil",
        "W" * 400,
    ]
)
FIGURES = st.floats(-1e9, 1e9) | st.sampled_from([np.nan, 0.0, np.inf, 1e-9])


def many(draw: st.DrawFn, size: int) -> np.ndarray:
    return np.array(draw(st.lists(FIGURES, min_size=size, max_size=size)), np.float64)


def drawn_demand(draw: st.DrawFn, name: str, look: Look) -> Chart:
    size, ahead = draw(st.integers(0, 40)), draw(st.integers(0, 5))
    band = Band(0.95, many(draw, ahead), many(draw, ahead))
    expected = draw(st.none() | st.just(Expected(many(draw, ahead), (band,))))
    out = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_)
    return demand_chart(name, FIRST + np.arange(size), many(draw, size), expected=expected, stocked_out=out, look=look)


def drawn_lines(draw: st.DrawFn, name: str, look: Look) -> Chart:
    size = draw(st.integers(0, 40))
    lines = [Line(draw(HOSTILE), many(draw, size), draw(st.booleans())) for _ in range(draw(st.integers(0, 7)))]
    if draw(st.booleans()):
        return position_chart(name, FIRST + np.arange(size), lines, look)
    outside = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_)
    within = draw(st.none() | st.just(Within(draw(HOSTILE), many(draw, size), many(draw, size), outside)))
    measure = draw(st.sampled_from([EUR, UNITS]))
    return series_chart(name, FIRST + np.arange(size), lines, measure, look, within=within)


def drawn_cover(draw: st.DrawFn, name: str, look: Look) -> Chart:
    size = draw(st.integers(0, 40))
    now = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_)
    return cover_chart(name, many(draw, size), to_reorder=draw(st.sampled_from([None, now])), look=look)


def drawn_cohorts(draw: st.DrawFn, name: str, look: Look) -> Chart:
    rows, periods = draw(st.integers(0, 8)), draw(st.integers(0, 40))
    shares = np.array(draw(st.lists(FIGURES, min_size=rows * periods, max_size=rows * periods)), np.float64)
    sizes = np.array(draw(st.lists(st.integers(0, 10**7), min_size=rows, max_size=rows)), np.int64)
    return cohort_heat_map(name, [draw(HOSTILE) for _ in range(rows)], sizes, shares.reshape(rows, periods), look)


def drawn_bars(draw: st.DrawFn, name: str, look: Look) -> Chart:
    size = draw(st.integers(0, 40))
    names = [draw(HOSTILE) for _ in range(size)]
    amounts = np.array(draw(st.lists(st.integers(-(10**12), 10**12), min_size=size, max_size=size)), np.int64)
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return pareto_chart(name, names, amounts, EUR, look)
    if kind == 1:
        return funnel_chart(name, names, np.abs(amounts), look)
    return waterfall_chart(name, ("All", 5.0), list(zip(names, amounts.tolist(), strict=True)), "Rest", EUR, look)


MAKERS: list[Callable[[st.DrawFn, str, Look], Chart]] = [
    drawn_demand,
    drawn_lines,
    drawn_cover,
    drawn_cohorts,
    drawn_bars,
]


@st.composite
def charts(draw: st.DrawFn, make: Callable[[st.DrawFn, str, Look], Chart]) -> tuple[str, Look, Chart]:
    look = Look(
        draw(st.sampled_from(["live", "mock", "recorded"])), draw(st.integers(240, 1600)), draw(st.integers(160, 900))
    )
    title = draw(HOSTILE)
    return title, look, make(draw, title, look)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_figures_and_names_give_a_safe_picture(
    make: Callable[[st.DrawFn, str, Look], Chart], data: st.DataObject
) -> None:
    _, look, chart = data.draw(charts(make))
    root = ET.fromstring(chart.svg)  # noqa: S314  # our own
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "text", "path", "circle"}
    assert not any(name.startswith("on") or name in {"href", "style"} for each in root.iter() for name in each.attrib)
    assert root.attrib["role"] == "img"
    named = {each.attrib.get("id"): each for each in root}
    title, described = (named[each] for each in root.attrib["aria-labelledby"].split())
    assert title.tag == f"{SVG}title"
    assert described.text
    assert [each.text for each in root.iter(f"{SVG}style")] == [STYLE]
    assert root.attrib["viewBox"] == f"0 0 {look.width_px} {root.attrib['height']}"
    assert ("MOCK" in chart.svg, "made up" in chart.summary)[0] >= (look.mode == "mock")
    numbers = [value for each in root.iter() for name, value in each.attrib.items() if name in {"x", "y", "width", "d"}]
    assert not re.search(r"nan|inf", " ".join(numbers))


DAYS = FIRST + np.arange(6)
SOLD = np.array([1, 0, 4, 0, 2, 5])


def test_demand_is_told_with_its_forecast_and_its_empty_days() -> None:
    chart = demand_chart(
        "Oak table",
        DAYS,
        SOLD,
        expected=Expected(np.array([2.0, 3.0]), (Band(0.95, np.array([0.0, 1.0]), np.array([6.0, 7.0])),)),
        stocked_out=SOLD == 0,
    )
    assert chart.summary == (
        "Oak table, units a day from 1 Jan 2026 to 6 Jan 2026. 2 a day on average, at most 5 on 6 Jan 2026. "
        "No stock was left on 2 of 6 days. Forecast for the next 2 days: 2.5 a day on average; "
        "a day lies between 0 and 7 with 95 %."
    )
    assert chart.summary in chart.svg


def test_nothing_that_is_live_is_called_made_up() -> None:
    live = demand_chart("Oak table", DAYS, SOLD)
    assert "MOCK" not in live.svg
    assert "made up" not in live.svg
    mock = demand_chart("Oak table", DAYS, SOLD, look=Look("mock"))
    assert mock.svg.count(">MOCK<") == 2
    assert mock.summary.endswith("All of it is made up.")
    assert "RECORDED" in demand_chart("Oak table", DAYS, SOLD, look=Look("recorded")).svg


def test_a_comparison_shares_the_colour_and_is_dashed() -> None:
    lines = [Line("Now", SOLD), Line("Before", SOLD * 2, compared=True), Line("Other", SOLD)]
    root = ET.fromstring(series_chart("Sessions", DAYS, lines, UNITS).svg)  # noqa: S314  # our own
    drawn = [each for each in root.iter(f"{SVG}path") if each.attrib.get("stroke-width") == "2"][3:]
    assert [each.attrib["class"] for each in drawn] == ["l-s1", "l-s1", "l-s2"]
    assert ["stroke-dasharray" in each.attrib for each in drawn] == [False, True, True]


def test_days_outside_their_interval_are_ringed_and_told() -> None:
    high = np.array([2.0, 2, 2, np.nan, np.inf, 2])
    within = Within("99 % interval", np.zeros(6), high, high < SOLD)
    chart = series_chart("Units sold", DAYS, [Line("Actual", SOLD)], UNITS, within=within)
    assert "Outside of the 99 % interval: 2 of 6 days, on 3 Jan 2026, 6 Jan 2026." in chart.summary
    root = ET.fromstring(chart.svg)  # noqa: S314  # our own
    assert len(list(root.iter(f"{SVG}circle"))) == 3  # two days, and the legend
    band = next(each for each in root.iter(f"{SVG}path") if "fill-opacity" in each.attrib)
    assert band.attrib["d"].count("Z") == 2  # one before the days without an end, one after


def test_money_is_told_in_its_currency() -> None:
    chart = series_chart("Sales", DAYS, [Line("Net", SOLD * 100)], EUR)
    assert "EUR 2.00 on average, at most EUR 5.00 on 6 Jan 2026, EUR 5.00 at last" in chart.summary
    assert "Net sales (EUR)" in chart.svg


def test_the_best_position_is_on_top() -> None:
    root = ET.fromstring(position_chart("Oak table", DAYS, [Line("Google", np.array([9, 7, 5, 3, 2, 1.0]))]).svg)  # noqa: S314  # our own
    marks = [
        (float(each.attrib["y"]), int(each.text or ""))
        for each in root.iter(f"{SVG}text")
        if (each.text or "").isdigit()
    ]
    assert sorted(marks) == sorted(marks, key=lambda mark: mark[1])
    assert min(marks)[1] == 1


def test_every_sku_is_in_one_group_of_cover() -> None:
    days = np.array([0.0, 0.5, 1.0, 6.9, 7.0, 400.0, np.nan, np.inf, -1.0])
    chart = cover_chart("Cover", days, to_reorder=days < 5)
    root = ET.fromstring(chart.svg)  # noqa: S314  # our own
    counts = [
        int(each.text or "")
        for each in root.iter(f"{SVG}text")
        if "ink" in each.attrib["class"] and (each.text or "").isdigit()
    ]
    assert counts == [3, 2, 1, 1, 2]
    assert "2 have no sales. 4 are at or below their reorder point." in chart.summary


def test_cohorts_are_told_by_the_customers_in_them() -> None:
    chart = cohort_heat_map("Back", ["2026-01", "2026-02"], np.array([100, 300]), np.array([[1, 0.5], [1, 0.1]]))
    assert "400 customers. 20.0 % bought in period +1." in chart.summary
    assert {">50<", ">10<"} <= set(re.findall(r">\d+<", chart.svg))


def test_periods_that_do_not_fit_are_named() -> None:
    chart = cohort_heat_map("Back", ["2026-01"], np.array([100]), np.ones((1, 60)))
    assert re.search(r"Periods after \+\d+ are not drawn", chart.summary)


def test_a_ranking_adds_up() -> None:
    chart = pareto_chart("Goods", ["a", "b", "c"], np.array([10, 70, 20]) * 100, EUR)
    assert "b: EUR 70.00. c: EUR 20.00. a: EUR 10.00. The first 2 make 90 % of the total." in chart.summary
    long = pareto_chart("Goods", [f"n{at}" for at in range(100)], np.ones(100), UNITS)
    assert "71 others" in long.svg


def test_a_funnel_tells_what_is_left() -> None:
    summary = funnel_chart("Funnel", ["Sessions", "Carts", "Orders"], np.array([200, 50, 10])).summary
    assert "Carts: 50 (25.0 % of the step before)." in summary
    assert "Orders: 10 (20.0 % of the step before, 5.0 % of all)." in summary


def test_a_waterfall_ends_where_its_steps_lead() -> None:
    summary = waterfall_chart("Sum", ("Gross", 10_000), [("Returns", -2_500), ("Shipping", 500)], "Net", EUR).summary
    assert "Returns: EUR \u221225.00. Shipping: EUR +5.00. Net: EUR 80.00." in summary


def test_the_same_figures_give_the_same_picture() -> None:
    assert demand_chart("A", DAYS, SOLD) == demand_chart("A", DAYS, SOLD)
    ids = {re.search(r'id="(t\w+)"', demand_chart(name, DAYS, SOLD).svg).group(1) for name in "AB"}  # type: ignore[union-attr]  # there is one
    assert len(ids) == 2
