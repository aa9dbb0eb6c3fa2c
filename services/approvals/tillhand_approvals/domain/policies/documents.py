"""A document of policies, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tillhand_approvals.domain.conditions import Condition
from tillhand_approvals.domain.proposals import Risk

Action = Literal["allow", "deny", "require_approval"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Kind = Literal["person", "agent", "service"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST: Final = timedelta(days=90)
_DURATION: Final = re.compile(r"([1-9][0-9]{0,4})(s|m|h|d)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


@dataclass(frozen=True, slots=True)
class Amount:
    """Money that a call moves, in minor units; a currency alone does not match another."""

    currency: str | None = None
    lt: int | None = None
    lte: int | None = None
    gt: int | None = None
    gte: int | None = None

    def holds(self, amount: tuple[int, str | None] | None) -> bool | None:
        """Whether it is so; None where the call tells no amount, one below zero, or not of which currency."""
        if amount is None or amount[0] < 0:
            return None
        number, currency = amount
        if self.currency is not None and currency != self.currency:
            return None if currency is None else False
        return (
            (self.lt is None or number < self.lt)
            and (self.lte is None or number <= self.lte)
            and (self.gt is None or number > self.gt)
            and (self.gte is None or number >= self.gte)
        )

    @property
    def narrows(self) -> bool:
        """Whether there is a most that may be moved."""
        return self.lt is not None or self.lte is not None


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the week and hours in the shop's time zone; `ends` is past it. Over midnight counts to the day before."""

    days: tuple[Day, ...] = DAYS
    begins: str = "00:00"
    ends: str = "24:00"

    def holds(self, local: datetime | None) -> bool | None:
        """Whether it is so at this local time; None where no time is told."""
        first, last = minutes(self.begins), minutes(self.ends)
        if local is None or first is None or last is None:
            return None
        now, today = local.hour * 60 + local.minute, local.weekday()
        if first < last:
            return first <= now < last and DAYS[today] in self.days
        return (now >= first and DAYS[today] in self.days) or (now < last and DAYS[today - 1] in self.days)


@dataclass(frozen=True, slots=True)
class When:
    """What a rule is about; all that is given must hold. Names of tools and requesters may hold `*`."""

    tools: tuple[str, ...] = ()
    writes: bool | None = None
    risks: tuple[Risk, ...] = ()
    at_least: Risk | None = None
    amount: Amount | None = None
    requesters: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    arguments: tuple[Condition, ...] = ()
    time: Window | None = None

    @property
    def narrow(self) -> bool:
        """Whether it is only about reading, or bounds what a call of a named tool may hold, or move."""
        if self.writes is False:
            return True
        bounded = self.amount is not None and self.amount.narrows
        named = bool(self.tools) and "*" not in "".join(self.tools)
        return named and (bounded or any(each.narrows for each in self.arguments))


@dataclass(frozen=True, slots=True)
class Escalation:
    """When nobody has decided after this long, people of this role are asked too."""

    after: str
    to: str


@dataclass(frozen=True, slots=True)
class Then:
    """What follows. `approvals` different people of these roles (none: anybody) have to approve before it expires."""

    action: Action
    approvals: int = 1
    roles: tuple[str, ...] = ()
    expires_in: str = "24h"
    escalate: Escalation | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    then: Then
    when: When = field(default_factory=When)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Policies:
    """A document of rules. `version` is of its form, not of its content; `timezone` is the shop's, for hours."""

    rules: tuple[Rule, ...] = ()
    default: Literal["deny", "require_approval"] = "deny"
    version: Literal[1] = 1
    timezone: str = "UTC"


DEFAULTS: Final[Mapping[str, Rule]] = {
    "deny": Rule("default", Then("deny", reason="No rule provides for this, and what writes is denied by default.")),
    "require_approval": Rule("default", Then("require_approval", reason="No rule provides for this.")),
    "read": Rule("reading", Then("allow", reason="It only reads.")),
}
"""What decides where no rule matches; their ids are taken."""


def duration(text: str) -> timedelta | None:
    """A duration such as 30m, 24h or 7d; None where it is none, or longer than ninety days."""
    found = _DURATION.fullmatch(text)
    length = None if found is None else timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    return length if length is not None and length <= LONGEST else None


def minutes(text: str) -> int | None:
    """Minutes since midnight of an hour such as 08:30, up to 24:00; None where it is none."""
    if _HOUR.fullmatch(text) is None:
        return None
    return int(text[:2]) * 60 + int(text[3:])


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """A time zone such as Europe/Berlin; None where there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
