"""What other policies would have said, and why one rule decides, as it goes over the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tillhand_approvals.domain.policies import Difference, Explanation, Trial
from tillhand_approvals.domain.policies.trials import Effect
from tillhand_approvals.domain.proposals import Risk
from tillhand_approvals.models.base import Out

Action = Literal["allow", "deny", "require_approval"]


class StepOut(Out):
    """How one rule was read; no value of the call is told."""

    rule: str
    matched: bool
    conditions: dict[str, bool | None] = Field(description="Whether each condition holds; null: it cannot be said.")


class ExplanationOut(Out):
    """The rule that decides, and how each was read up to the first that certainly matches."""

    rule: str
    action: Action
    steps: list[StepOut]


class TrialDifferenceOut(Out):
    """A past proposal that the policies would have judged otherwise."""

    proposal: str
    tool: str
    risk: Risk
    effect: Effect
    before: Action
    after: Action
    rule_before: str
    rule_after: str


class PolicyTrialOut(Out):
    """What the policies would have changed about the newest proposals; the dangerous ones first."""

    tried: int
    skipped: int = Field(description="Proposals that could not be tried, such as erased ones.")
    counts: dict[Effect, int]
    differences: list[TrialDifferenceOut]


def explanation_out(found: Explanation) -> ExplanationOut:
    """An explanation as it goes over the wire."""
    steps = [StepOut(rule=each.rule, matched=each.matched, conditions=dict(each.conditions)) for each in found.steps]
    return ExplanationOut(rule=found.rule.id, action=found.rule.then.action, steps=steps)


def trial_out(found: Trial, skipped: int = 0) -> PolicyTrialOut:
    """A trial as it goes over the wire."""
    differences = [_difference_out(each) for each in found.differences]
    return PolicyTrialOut(tried=found.tried, skipped=skipped, counts=dict(found.counts), differences=differences)


def _difference_out(found: Difference) -> TrialDifferenceOut:
    return TrialDifferenceOut(
        proposal=found.past.id,
        tool=found.past.facts.tool,
        risk=found.past.facts.risk,
        effect=found.effect,
        before=found.past.rule.then.action,
        after=found.after.then.action,
        rule_before=found.past.rule.id,
        rule_after=found.after.id,
    )
