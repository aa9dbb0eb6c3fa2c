"""What other policies would have said of what was proposed in the past: nothing changes by asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from tillhand_approvals.domain.policies.documents import Policies, Rule
from tillhand_approvals.domain.policies.judging import Facts, judged, strictness

Effect = Literal["newly_allowed", "no_longer_denied", "loosened", "tightened", "newly_denied", "changed"]
EFFECTS: Final[tuple[Effect, ...]] = (
    "newly_allowed",
    "no_longer_denied",
    "loosened",
    "tightened",
    "newly_denied",
    "changed",
)
"""The dangerous ones first."""


@dataclass(frozen=True, slots=True)
class Past:
    """A proposal of the past: what was known of it, and the rule that decided then."""

    id: str
    facts: Facts
    rule: Rule


@dataclass(frozen=True, slots=True)
class Difference:
    """A proposal that the policies would have judged otherwise."""

    past: Past
    after: Rule
    effect: Effect


@dataclass(frozen=True, slots=True)
class Trial:
    """What would have been otherwise: how often each effect, and the proposals, the dangerous ones first."""

    tried: int
    counts: Mapping[Effect, int]
    differences: tuple[Difference, ...]


def tried(policies: Policies, proposals: Iterable[Past]) -> Trial:
    """Try policies on what was proposed."""
    differences, total = [], 0
    for past in proposals:
        total += 1
        after = judged(policies, past.facts)
        effect = _effect(past.rule, after)
        if effect is not None:
            differences.append(Difference(past, after, effect))
    counts = Counter(each.effect for each in differences)
    ordered = sorted(differences, key=lambda each: (EFFECTS.index(each.effect), _weight(each.past.facts)))
    return Trial(total, {each: counts[each] for each in EFFECTS}, tuple(ordered))


def _effect(before: Rule, after: Rule) -> Effect | None:
    if replace(before.then, reason="") == replace(after.then, reason=""):
        return None
    actions = before.then.action, after.then.action
    if actions[0] != actions[1] and "allow" in actions:
        return "newly_allowed" if actions[1] == "allow" else "newly_denied" if actions[1] == "deny" else "tightened"
    if actions[0] != actions[1]:
        return "no_longer_denied" if actions[0] == "deny" else "newly_denied"
    old, new = strictness(before.then), strictness(after.then)
    return "loosened" if new < old else "tightened" if new > old else "changed"


def _weight(facts: Facts) -> int:
    """The more money a call moves, the further to the front."""
    return -facts.amount[0] if facts.amount is not None else 0
