"""What an experiment shows: its verdicts, its bounds, and how wrong input is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tillhand_analytics.domain.experiments.arms import Arm
from tillhand_analytics.domain.experiments.plan import Baseline, plan
from tillhand_analytics.domain.experiments.readout import Primary, Readout, Terms, read_out
from tillhand_analytics.errors import BadFigure


def arm(name: str, visitors: int, conversions: int, **changes: Any) -> Arm:  # noqa: ANN401  # fields of the arm
    return Arm(name, np.array([visitors]), np.array([conversions]), **changes)


def paid(name: str, visitors: int, conversions: int, mean: float, deviation: float) -> Arm:
    """An arm whose buyers paid so much on average."""
    revenue = conversions * mean
    squares = conversions * (deviation**2 + mean**2)
    return arm(name, visitors, conversions, revenue=np.array([revenue]), revenue_squares=np.array([squares]))


def of_two(control: int, treatment: int, visitors: int = 10_000, **terms: Any) -> Readout:  # noqa: ANN401  # terms
    return read_out([arm("old", visitors, control), arm("new", visitors, treatment)], Terms(**terms))


def test_a_clear_gain_is_shipped() -> None:
    found = of_two(500, 700)
    assert (found.verdict, found.control) == ("ship", "old")
    (new,) = found.treatments
    assert new.conversion.lift[-1] == pytest.approx(0.4)
    assert 0 < new.conversion.lift_low[-1] < 0.4 < new.conversion.lift_high[-1]
    assert new.conversion.chance[-1] < 0.05
    assert "better by" in new.reason


def test_a_clear_loss_keeps_what_was_there() -> None:
    found = of_two(700, 500)
    assert found.verdict == "keep"
    assert "worse by" in found.treatments[0].reason


def test_what_may_still_be_either_goes_on_until_as_many_visitors_have_come_as_planned() -> None:
    assert of_two(500, 520, planned_visitors=50_000).verdict == "go_on"
    reached = of_two(500, 520, planned_visitors=10_000)
    assert (reached.verdict, reached.treatments[0].reason) == (
        "keep",
        "As many visitors as planned have shown no difference.",
    )


def test_a_gain_that_would_be_worth_it_and_is_excluded_ends_the_wait() -> None:
    found = of_two(50_000, 50_100, visitors=500_000, planned_visitors=1_000_000, minimal_lift=0.05)
    assert found.verdict == "keep"
    assert "is excluded" in found.reason


def test_a_broken_split_makes_everything_invalid() -> None:
    found = read_out([arm("old", 10_000, 500), arm("new", 9_000, 800)])
    assert (found.verdict, found.treatments[0].verdict) == ("invalid", "invalid")
    assert found.split_always < 0.01
    assert found.split_chance < 1e-6
    shared = read_out([arm("old", 10_000, 500, share=10.0), arm("new", 9_000, 800, share=9.0)])
    assert shared.verdict == "ship"


def test_a_few_conversions_tell_nothing() -> None:
    found = of_two(3, 24, visitors=200)
    assert found.verdict == "go_on"
    assert np.isinf(found.treatments[0].conversion.high[-1])
    assert found.treatments[0].conversion.chance[-1] == 1.0
    assert of_two(0, 0, visitors=0).verdict == "go_on"


def test_more_revenue_for_each_visitor_is_shipped_though_as_many_buy() -> None:
    arms = [paid("old", 20_000, 1_000, 5_000, 2_000), paid("new", 20_000, 1_000, 7_500, 2_000)]
    found = read_out(arms, Terms(primary="revenue_per_visitor"))
    assert found.verdict == "ship"
    (new,) = found.treatments
    assert new.revenue_per_visitor is not None
    assert new.revenue_per_visitor.difference[-1] == pytest.approx(125.0)
    assert new.conversion.low[-1] < 0 < new.conversion.high[-1]


def test_the_best_of_several_is_named_and_each_is_judged_more_strictly() -> None:
    arms = [arm("old", 10_000, 500), arm("a", 10_000, 700), arm("b", 10_000, 800), arm("c", 10_000, 400)]
    found = read_out(arms)
    assert found.verdict == "ship"
    assert found.reason.startswith("b: ")
    assert found.alpha == pytest.approx(0.05 / 3)
    assert [each.verdict for each in found.treatments] == ["ship", "ship", "keep"]


def test_what_one_look_has_excluded_stays_excluded() -> None:
    visitors, control = np.array([10_000, 20_000]), np.array([500, 1_000])
    arms = [Arm("old", visitors, control), Arm("new", visitors, np.array([700, 1_020]))]
    found = read_out(arms)
    assert found.treatments[0].conversion.lift_low[-1] < 0
    assert found.verdict == "ship"


@settings(max_examples=60)
@given(st.integers(200, 20_000), st.floats(0.02, 0.6), st.floats(0.02, 0.6), st.integers(100, 50_000))
def test_the_bounds_of_lift_and_difference_always_say_the_same(
    visitors: int, one: float, other: float, planned: int
) -> None:
    found = of_two(int(visitors * one), int(visitors * other), visitors=visitors, planned_visitors=planned)
    rates = found.treatments[0].conversion
    assert (rates.low[-1] > 0) == (rates.lift_low[-1] > 1e-12)
    assert (rates.high[-1] < 0) == (rates.lift_high[-1] < -1e-12)
    assert (rates.chance[-1] <= 0.05) == (rates.low[-1] >= 0 or rates.high[-1] <= 0)


def broken(**changes: Any) -> list[Arm]:  # noqa: ANN401  # fields of an arm
    return [arm("old", 100, 10), replace(arm("new", 100, 10), **changes)]


@pytest.mark.parametrize(
    ("arms", "terms", "field"),
    [
        ([arm("old", 100, 10)], {}, "arms"),
        ([arm("old", 100, 10)] * 2, {}, "arms"),
        (broken(conversions=np.array([101])), {}, "arms.1.looks.0.conversions"),
        (broken(visitors=np.array([-1])), {}, "arms.1.looks.0.visitors"),
        (broken(visitors=np.array([1, 2])), {}, "arms.1.looks"),
        (broken(share=0.0), {}, "arms.1.share"),
        (broken(share=float("nan")), {}, "arms.1.share"),
        (broken(revenue=np.array([5.0])), {}, "arms.1.looks"),
        (
            broken(revenue=np.array([1000.0]), revenue_squares=np.array([5.0])),
            {},
            "arms.1.looks.0.revenue_deviation_minor",
        ),
        (broken(revenue=np.array([np.inf]), revenue_squares=np.array([5.0])), {}, "arms.1.looks.0.revenue_minor"),
        ([arm("old", 100, 10), paid("new", 100, 10, 50, 5)], {}, "arms"),
        ([Arm("old", np.array([2, 1]), np.array([1, 1])), arm("new", 1, 1)], {}, "arms.0.looks.1.visitors"),
        (broken(), {"primary": "revenue_per_visitor"}, "primary"),
        (broken(), {"planned_visitors": 0}, "planned_visitors"),
        (broken(), {"minimal_lift": -0.1}, "minimal_lift"),
        (broken(), {"alpha": 0.0}, "alpha"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(arms: list[Arm], terms: dict[str, Any], field: str) -> None:
    with pytest.raises(BadFigure) as refused:
        read_out(arms, Terms(**terms))
    assert refused.value.field == f"body.{field}"


def test_a_plan_needs_more_for_less_and_says_how_long_it_takes() -> None:
    few, many = (plan(Baseline(0.05), lift, visitors_per_day=1_000) for lift in (0.2, 0.1))
    assert 3.5 < many.sequential / few.sequential < 4.5
    assert few.days == -(-few.sequential * 2 // 1_000)
    assert few.weeks == -(-few.days // 7)
    assert plan(Baseline(0.05), 0.1).days is None
    assert plan(Baseline(500.0, 3000.0), 0.1, arms=4).sequential > plan(Baseline(500.0, 3000.0), 0.1).sequential


def test_a_plan_for_one_look_is_the_textbook_s() -> None:
    found = plan(Baseline(0.1), 0.2)
    assert found.fixed == pytest.approx(16 * 0.11 * 0.89 / 0.02**2, rel=0.03)
    assert found.minimal_difference == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda: plan(Baseline(0.0), 0.1), "baseline"),
        (lambda: plan(Baseline(1.0), 0.1), "baseline"),
        (lambda: plan(Baseline(5.0, 0.0), 0.1), "deviation"),
        (lambda: plan(Baseline(0.6), 0.7), "minimal_lift"),
        (lambda: plan(Baseline(0.1), 0.0), "minimal_lift"),
        (lambda: plan(Baseline(4e11, 0.026), 2.7e-238), "minimal_lift"),
        (lambda: plan(Baseline(0.1), 0.1, arms=1), "arms"),
        (lambda: plan(Baseline(0.1), 0.1, alpha=0.6), "alpha"),
        (lambda: plan(Baseline(0.1), 0.1, power=1.0), "power"),
        (lambda: plan(Baseline(0.1), 0.1, visitors_per_day=0), "visitors_per_day"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_field(change: Callable[[], object], field: str) -> None:
    with pytest.raises(BadFigure) as refused:
        change()
    assert refused.value.field == f"body.{field}"


@pytest.mark.parametrize("primary", ["conversion", "revenue_per_visitor"])
def test_an_experiment_against_itself_ships_nothing(primary: Primary) -> None:
    arms = [paid("old", 30_000, 1_500, 5_000, 2_000), paid("same", 30_000, 1_500, 5_000, 2_000)]
    found = read_out(arms, Terms(primary=primary, planned_visitors=40_000))
    assert found.verdict == "go_on"
    assert found.treatments[0].conversion.chance[-1] == 1.0
