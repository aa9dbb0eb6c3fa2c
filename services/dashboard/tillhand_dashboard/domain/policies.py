"""The policies in force as a page shows them: each rule in words, and how often it has decided lately."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tillhand_dashboard.domain.policy_text import written
from tillhand_dashboard.domain.proposal_values import plain

Row = Mapping[str, Any]
ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "allow": ("warn", "Done at once"),
    "deny": ("unknown", "Denied"),
    "require_approval": ("good", "People approve"),
}
"""The light and the words of what a rule does. What goes without people is what a reader should see first."""
WORDS: Final[Mapping[str, str]] = {
    "exists": "is there:",
    "eq": "is",
    "one_of": "is one of",
    "matches": "matches",
    "gt": "above",
    "gte": "from",
    "lt": "below",
    "lte": "up to",
    "currency": "in",
    "all_of": "all of",
    "any_of": "any of",
    "none_of": "none of",
    "days": "on",
    "begins": "from",
    "ends": "to",
}
"""What the words of a condition mean, in the order in which they are told."""
EFFECTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "newly_allowed": ("bad", "Newly done at once", "waited for people, or was denied"),
    "no_longer_denied": ("bad", "No longer denied", "was denied; would be put to people"),
    "loosened": ("warn", "Loosened", "fewer people, or other roles would do"),
    "tightened": ("good", "Tightened", "more people, or only certain roles would do"),
    "newly_denied": ("warn", "Newly denied", "was put to people, or done at once"),
    "changed": ("unknown", "Put to others", "as strictly as before"),
}
"""The light, the name and the meaning of what a trial finds, the dangerous ones first, as the approvals order them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in words. `decided`: how many of the proposals that were counted it has decided."""

    id: str
    description: str
    when: Sequence[tuple[str, str]]
    light: str
    action: str
    terms: Sequence[str]
    reason: str
    decided: int


@dataclass(frozen=True, slots=True)
class Version:
    """Policies with who wrote them, and when; version 0 comes with the service."""

    number: int
    author: str
    time: datetime | None
    text: str
    rules: Sequence[Rule]
    default: str
    timezone: str
    otherwise: int = 0
    """How many of the proposals that were counted no rule here has decided."""
    roles: Sequence[str] = ()
    """Those that a rule asks for, or asks when nobody has decided."""


def version(row: Row, decided: Mapping[str, int] | None = None) -> Version:
    """A version out of the answer of the approvals. Raises `KeyError`, `TypeError`, `ValueError` for anything else."""
    policies, time, counted = row["policies"], row["created_at"], decided or {}
    known = {str(each["id"]) for each in policies["rules"]}
    return Version(
        number=int(row["version"]),
        author=plain(str(row["author"])),
        time=None if time is None else datetime.fromisoformat(time),
        text=written(policies),
        rules=[_rule(each, counted) for each in policies["rules"]],
        default=str(policies.get("default", "deny")),
        timezone=plain(str(policies.get("timezone", "UTC"))),
        roles=sorted({plain(role) for each in policies["rules"] for role in _roles(each["then"])}),
        otherwise=sum(count for rule, count in counted.items() if rule not in known),
    )


def decided_by(proposals: Sequence[tuple[int, str]], number: int) -> Mapping[str, int]:
    """How often each rule of a version has decided, out of versions and rules of proposals."""
    return Counter(rule for version_of, rule in proposals if version_of == number)


def _rule(row: Row, decided: Mapping[str, int]) -> Rule:
    then = row["then"]
    light, action = ACTIONS.get(then["action"], ("unknown", str(then["action"])))
    return Rule(
        id=plain(str(row["id"])),
        description=plain(str(row.get("description", ""))),
        when=[(key.replace("_", " "), _value(each)) for key, each in row.get("when", {}).items()],
        light=light,
        action=action,
        terms=list(_terms(then)),
        reason=plain(str(then.get("reason", ""))),
        decided=decided.get(str(row["id"]), 0),
    )


def _roles(then: Row) -> Sequence[str]:
    escalated = then.get("escalate")
    return [*map(str, then.get("roles", ())), *([str(escalated["to"])] if escalated else [])]


def _terms(then: Row) -> Sequence[str]:
    if then["action"] != "require_approval":
        return []
    number = int(then.get("approvals", 1))
    terms = ["one person" if number == 1 else f"{number} people"]
    if roles := then.get("roles"):
        terms.append(f"{'in the role' if len(roles) == 1 else 'each in one of the roles'} {', '.join(roles)}")
    if expires := then.get("expires_in"):
        terms.append(f"within {expires}")
    if escalate := then.get("escalate"):
        terms.append(f"after {escalate['after']} asks {escalate['to']}")
    return [plain(each) for each in terms]


def _rank(key: str) -> tuple[int, str]:
    return (list(WORDS).index(key) if key in WORDS else len(WORDS)), key


def _value(value: Any) -> str:  # noqa: ANN401  # whatever a condition holds
    """A condition in words: `/count from 0, up to 5`, of several in brackets `any of (…)`."""
    if isinstance(value, Mapping):
        place = plain(str(value.get("at", "")))
        told = [
            f"{WORDS.get(key, plain(key))} {_value(value[key])}" for key in sorted(value.keys() - {"at"}, key=_rank)
        ]
        return f"{place} {', '.join(told)}".strip()
    if isinstance(value, list):
        nested = any(isinstance(each, Mapping) for each in value)
        joined = ("; " if nested else ", ").join(map(_value, value))
        return f"({joined})" if nested and len(value) > 1 else joined
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value if isinstance(value, str) else json.dumps(value))
