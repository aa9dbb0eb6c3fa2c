"""What is wrong with a document of policies that has the right form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tillhand_approvals.domain import patterns
from tillhand_approvals.domain.conditions import DEEPEST, ArgumentCondition, Condition, Group, half_bounded
from tillhand_approvals.domain.policies.documents import (
    DEFAULTS,
    Amount,
    Policies,
    Rule,
    Then,
    When,
    Window,
    duration,
    minutes,
    zone,
)
from tillhand_approvals.domain.tools.faults import Fault
from tillhand_approvals.domain.tools.tool import is_pointer

MOST_RULES: Final = 500
MOST_APPROVALS: Final = 10
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ROLE: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_TOOL: Final = re.compile(r"[a-z*][a-z0-9_*]{0,63}")
_REQUESTER: Final = re.compile(r"[A-Za-z0-9*][A-Za-z0-9._:@*-]{0,199}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TOO_WIDE: Final = (
    "is too wide to allow in advance: name the tools without *, and bound the amount from above, or an argument to "
    "named values, between two numbers, or by a pattern"
)


def policy_faults(policies: Policies) -> list[Fault]:
    """What is wrong with a document that has the right form; nothing where it can be put in force."""
    faults = [Fault("/rules", f"holds more than {MOST_RULES} rules")] if len(policies.rules) > MOST_RULES else []
    if zone(policies.timezone) is None:
        faults.append(Fault("/timezone", "is no time zone, such as Europe/Berlin"))
    seen = {each.id for each in DEFAULTS.values()}
    for number, rule in enumerate(policies.rules):
        place = f"/rules/{number}"
        if rule.id in seen:
            faults.append(Fault(f"{place}/id", "is taken by another rule"))
        seen.add(rule.id)
        faults += _rule_faults(rule, place)
    return faults


def _rule_faults(rule: Rule, place: str) -> Iterator[Fault]:
    if _ID.fullmatch(rule.id) is None:
        yield Fault(f"{place}/id", "must be lower-case letters, digits, hyphens and underscores")
    yield from _when_faults(rule.when, f"{place}/when")
    yield from _then_faults(rule.then, f"{place}/then")
    if rule.then.action != "allow":
        return
    if not rule.when.narrow:
        yield Fault(f"{place}/when", _TOO_WIDE)
    for number, each in enumerate(rule.when.arguments):
        if any(half_bounded(each)):
            message = "must be bounded from below as well, with gt or gte: a number below zero would be allowed"
            yield Fault(f"{place}/when/arguments/{number}", message)


def _when_faults(when: When, place: str) -> Iterator[Fault]:
    yield from _unlike(when.tools, _TOOL, f"{place}/tools", "must be the name of a tool; * stands for anything")
    yield from _unlike(
        when.requesters, _REQUESTER, f"{place}/requesters", "must be the id of an actor; * stands for anything"
    )
    if when.amount is not None:
        yield from _amount_faults(when.amount, f"{place}/amount")
    for number, each in enumerate(when.arguments):
        yield from _condition_faults(each, f"{place}/arguments/{number}", 0)
    if when.time is not None:
        yield from _window_faults(when.time, f"{place}/time")


def _amount_faults(amount: Amount, place: str) -> Iterator[Fault]:
    if amount.currency is not None and _CURRENCY.fullmatch(amount.currency) is None:
        yield Fault(f"{place}/currency", "must be three capital letters, such as EUR")
    bounds = {name: getattr(amount, name) for name in ("lt", "lte", "gt", "gte") if getattr(amount, name) is not None}
    if not bounds and amount.currency is None:
        yield Fault(place, "compares with nothing")
    for name, bound in bounds.items():
        if bound < 0:
            yield Fault(f"{place}/{name}", "must not be below zero: amounts are whole minor units, such as cents")


def _condition_faults(condition: Condition, place: str, depth: int) -> Iterator[Fault]:
    if isinstance(condition, ArgumentCondition):
        yield from _argument_faults(condition, place)
        return
    if depth == DEEPEST:
        yield Fault(place, f"is nested deeper than {DEEPEST} groups")
        return
    if condition == Group():
        yield Fault(place, "holds no condition")
    for name in ("all_of", "any_of", "none_of"):
        for number, each in enumerate(getattr(condition, name)):
            yield from _condition_faults(each, f"{place}/{name}/{number}", depth + 1)


def _argument_faults(condition: ArgumentCondition, place: str) -> Iterator[Fault]:
    if not is_pointer(condition.at):
        yield Fault(f"{place}/at", "is no JSON pointer, such as /customer/email")
    if not condition.operators:
        yield Fault(place, "compares with nothing: add exists, eq, one_of, lt, lte, gt, gte or matches")
    if condition.one_of == ():
        yield Fault(f"{place}/one_of", "must name at least one value")
    if condition.matches is not None and not patterns.is_pattern(condition.matches):
        yield Fault(f"{place}/matches", "is no pattern in RE2's syntax, which has no look-around and back references")


def _window_faults(window: Window, place: str) -> Iterator[Fault]:
    if not window.days:
        yield Fault(f"{place}/days", "must name at least one day")
    if minutes(window.begins) is None or window.begins == "24:00":
        yield Fault(f"{place}/begins", "must be an hour such as 08:30, in quotes")
    if minutes(window.ends) is None:
        yield Fault(f"{place}/ends", "must be an hour such as 18:00, in quotes; 24:00 is the end of the day")
    if window.begins == window.ends:
        yield Fault(f"{place}/ends", "must differ from begins")


def _then_faults(then: Then, place: str) -> Iterator[Fault]:
    if not 1 <= then.approvals <= MOST_APPROVALS:
        yield Fault(f"{place}/approvals", f"must be 1 to {MOST_APPROVALS}")
    yield from _unlike(then.roles, _ROLE, f"{place}/roles", "must be the name of a role: lower-case letters")
    expires = duration(then.expires_in)
    if expires is None:
        yield Fault(f"{place}/expires_in", "must be a duration up to 90d, such as 30m, 24h or 7d")
    if then.action != "require_approval" and (then.approvals != 1 or then.roles or then.escalate is not None):
        yield Fault(place, "names approvals, roles or an escalation, which only require_approval has")
    if then.escalate is None:
        return
    after = duration(then.escalate.after)
    if after is None or (expires is not None and after >= expires):
        yield Fault(f"{place}/escalate/after", "must be a duration, shorter than expires_in")
    yield from _unlike((then.escalate.to,), _ROLE, f"{place}/escalate/to", "must be the name of a role")


def _unlike(values: tuple[str, ...], wanted: re.Pattern[str], place: str, message: str) -> Iterator[Fault]:
    """A fault where not all values are of a kind."""
    if not all(wanted.fullmatch(each) for each in values):
        yield Fault(place, message)
