"""What an experiment shows now: its verdict, and what that rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.experiments.arms import Arm, checked
from tillhand_analytics.domain.experiments.imbalance import IMBALANCE, fixed, sequential
from tillhand_analytics.domain.experiments.lift import (
    LEAST_CONVERSIONS,
    Comparison,
    Measured,
    compare,
    conversion,
    revenue_per_visitor,
)
from tillhand_analytics.domain.records import Bools
from tillhand_analytics.errors import BadFigure

Verdict = Literal["ship", "keep", "go_on", "invalid"]
Primary = Literal["conversion", "revenue_per_visitor"]
ALPHA: Final = 0.05
PLANNED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed before: visitors planned for each arm, the least lift that is worth a change, and alpha of all
    arms.
    """

    primary: Primary = "conversion"
    planned_visitors: int = PLANNED
    minimal_lift: float = 0.0
    alpha: float = ALPHA


@dataclass(frozen=True, slots=True)
class Treatment:
    """One treatment beside the control, with its own verdict and the reason for it in words."""

    name: str
    conversion: Comparison
    revenue_per_visitor: Comparison | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Readout:
    """What all arms show. `split_chance` is that of the split at this look alone, `split_always` at every look at
    once.
    """

    verdict: Verdict
    reason: str
    control: str
    treatments: tuple[Treatment, ...]
    split_chance: float
    split_always: float
    visitors: int
    alpha: float


def read_out(arms: Sequence[Arm], terms: Terms | None = None) -> Readout:
    """The verdict on every arm beside the first one, the control. Raises BadFigure naming what is wrong."""
    terms = terms or Terms()
    _check(terms)
    control, *others = checked(arms)
    if terms.primary == "revenue_per_visitor" and control.revenue is None:
        raise BadFigure("Revenue is to be compared, and is not given.", field="body.primary")
    counts = np.stack([arm.visitors for arm in (control, *others)], axis=-1)
    shares = np.array([arm.share for arm in (control, *others)])
    always = float(sequential(counts, shares)[-1])
    alpha = terms.alpha / len(others)  # Bonferroni: the control is compared with each
    valid = always > IMBALANCE
    treatments = tuple(_treatment(control, arm, terms, alpha, valid=valid) for arm in others)
    verdict, reason = _overall(treatments, valid=valid)
    return Readout(
        verdict,
        reason,
        control.name,
        treatments,
        fixed(counts[-1], shares),
        always,
        int(counts[-1].sum()),
        alpha,
    )


def _check(terms: Terms) -> None:
    if terms.planned_visitors < 1:
        raise BadFigure("At least one visitor must be planned.", field="body.planned_visitors")
    if not 0 <= terms.minimal_lift < 10:  # noqa: PLR2004  # ten times as much is no change that is tested for
        raise BadFigure("The least lift must be from 0 up, and below 10.", field="body.minimal_lift")
    if not 0 < terms.alpha <= 0.5:  # noqa: PLR2004  # a coin
        raise BadFigure("alpha must be above 0 and at most 0.5.", field="body.alpha")


def _treatment(control: Arm, arm: Arm, terms: Terms, alpha: float, *, valid: bool) -> Treatment:
    enough: Bools = np.minimum(control.conversions, arm.conversions) >= LEAST_CONVERSIONS
    planned = float(terms.planned_visitors)

    def beside(of_control: Measured, of_arm: Measured) -> Comparison:
        return compare(of_control, of_arm, enough, planned, alpha)

    rates = beside(conversion(control), conversion(arm))
    takings = None
    if control.revenue is not None:
        takings = beside(revenue_per_visitor(control), revenue_per_visitor(arm))
    decisive = takings if terms.primary == "revenue_per_visitor" and takings is not None else rates
    reached = min(int(control.visitors[-1]), int(arm.visitors[-1])) >= terms.planned_visitors
    verdict, reason = _verdict(decisive, terms.minimal_lift, reached=reached)
    if not valid:
        verdict, reason = "invalid", _INVALID
    return Treatment(arm.name, rates, takings, verdict, reason)


_INVALID: Final = "Visitors are not split as intended: find the fault before anything is read."


def _verdict(found: Comparison, minimal_lift: float, *, reached: bool) -> tuple[Verdict, str]:
    """By the bounds of all looks together: what one look has excluded stays excluded."""
    low, high = float(found.lift_low.max()), float(found.lift_high.min())
    if not found.enough[-1]:
        return "go_on", f"An arm has fewer than {LEAST_CONVERSIONS} conversions."
    if low > 0:
        return "ship", f"It is better by {low:.2%} at least."
    if high < 0:
        return "keep", f"It is worse by {-high:.2%} at least."
    if high < minimal_lift:
        return "keep", f"A lift of {minimal_lift:.2%} is excluded: it is {high:.2%} at most."
    if reached:
        return "keep", "As many visitors as planned have shown no difference."
    return "go_on", f"The lift is between {low:.2%} and {high:.2%}."


def _overall(treatments: Sequence[Treatment], *, valid: bool) -> tuple[Verdict, str]:
    if not valid:
        return "invalid", _INVALID
    better = [each for each in treatments if each.verdict == "ship"]
    if better:
        best = max(better, key=lambda each: float(each.conversion.lift[-1]))
        return "ship", f"{best.name}: {best.reason}"
    if all(each.verdict == "keep" for each in treatments):
        return "keep", "; ".join(f"{each.name}: {each.reason}" for each in treatments)
    return "go_on", "; ".join(f"{each.name}: {each.reason}" for each in treatments if each.verdict == "go_on")
