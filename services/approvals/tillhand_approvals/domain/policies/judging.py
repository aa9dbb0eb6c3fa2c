"""Which rule decides about a call, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from tillhand_approvals.domain.conditions import ArgumentCondition, both
from tillhand_approvals.domain.policies.documents import DEFAULTS, LONGEST, Policies, Rule, Then, When, duration, zone
from tillhand_approvals.domain.proposals import RISKS, Risk

_STRICTER: Final = {"allow": 0, "require_approval": 1, "deny": 2}


@dataclass(frozen=True, slots=True)
class Facts:
    """What policies are asked about. `time` is when, in any zone; without it, hours are unknown."""

    tool: str
    writes: bool
    risk: Risk
    requester: str
    kind: str
    arguments: Mapping[str, Any]
    amount: tuple[int, str | None] | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """How one rule was read: whether each of its conditions holds (None: unknown), and whether the rule matched.

    A rule of which something is unknown has `matched` where it may decide: an `allow` never does.
    """

    rule: str
    conditions: Mapping[str, bool | None]
    matched: bool

    @property
    def unknown(self) -> bool:
        """Whether it can be said neither that it matches nor that it does not."""
        return both(self.conditions.values()) is None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The rule that decides, and how each was read up to the first that certainly matches. No value is told."""

    rule: Rule
    steps: tuple[Step, ...]


def judged(policies: Policies, facts: Facts) -> Rule:
    """The rule that decides."""
    return explain(policies, facts).rule


def explain(policies: Policies, facts: Facts) -> Explanation:
    """The rule that decides, and why. Never raises, whatever the arguments hold."""
    candidates: list[Rule] = []
    steps = []
    for rule in policies.rules:
        step = explained(rule, facts, policies.timezone)
        steps.append(step)
        if step.matched:
            candidates.append(rule)
        if step.matched and not step.unknown:
            break
    else:
        candidates.append(DEFAULTS[policies.default if facts.writes else "read"])
    return Explanation(_strictest(candidates), tuple(steps))


def explained(rule: Rule, facts: Facts, timezone: str = "UTC") -> Step:
    """Whether a rule matches, and why; no value of the call is told."""
    conditions = dict(_conditions(rule.when, facts, timezone))
    held = both(conditions.values())
    return Step(rule.id, conditions, held is True or (held is None and rule.then.action != "allow"))


def strictness(then: Then) -> tuple[int, int, bool, int, int]:
    """How strict it is, to be compared: denying, more approvals, only some roles, fewer roles, an earlier expiry."""
    expires = duration(then.expires_in) or LONGEST
    if then.action != "require_approval":
        return _STRICTER[then.action], 0, False, 0, 0
    return 1, then.approvals, bool(then.roles), -len(then.roles), -int(expires.total_seconds())


def _strictest(rules: Sequence[Rule]) -> Rule:
    """The strictest; the first of several such."""
    return max(rules, key=lambda rule: strictness(rule.then))


def _conditions(when: When, facts: Facts, timezone: str) -> Iterator[tuple[str, bool | None]]:
    yield from _about_the_tool(when, facts)
    if when.amount is not None:
        yield "amount", when.amount.holds(facts.amount)
    if when.requesters:
        yield "requesters", any(fnmatchcase(facts.requester, each) for each in when.requesters)
    if when.kinds:
        yield "kinds", facts.kind in when.kinds
    for number, each in enumerate(when.arguments):
        asked = f" {each.at} {', '.join(each.operators)}" if isinstance(each, ArgumentCondition) else ""
        yield f"arguments[{number}]{asked}", each.holds(facts.arguments)
    if when.time is not None:
        place = zone(timezone)
        moment = facts.time if facts.time is not None and facts.time.tzinfo is not None else None
        yield "time", when.time.holds(None if moment is None or place is None else moment.astimezone(place))


def _about_the_tool(when: When, facts: Facts) -> Iterator[tuple[str, bool | None]]:
    if when.tools:
        yield "tools", any(fnmatchcase(facts.tool, each) for each in when.tools)
    if when.writes is not None:
        yield "writes", facts.writes is when.writes
    if when.risks:
        yield "risks", facts.risk in when.risks
    if when.at_least is not None:
        yield "at_least", RISKS.index(facts.risk) >= RISKS.index(when.at_least)
