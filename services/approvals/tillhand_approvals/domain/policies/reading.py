"""Policies from a JSON document, with every fault in it at its place."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final

from tillhand_approvals.domain.canonical import escaped, json_faults
from tillhand_approvals.domain.conditions import ArgumentCondition, Group
from tillhand_approvals.domain.policies.checking import policy_faults
from tillhand_approvals.domain.policies.documents import (
    DAYS,
    Amount,
    Escalation,
    Policies,
    Rule,
    Then,
    When,
    Window,
)
from tillhand_approvals.domain.proposals import RISKS
from tillhand_approvals.domain.tools.faults import Fault

_Reader = Callable[[object, str, list[Fault]], Any]
"""Makes something of JSON at a place, or adds to the faults; what it makes counts only where there are none."""
_MEANT: Final = {
    "in": "one_of",
    "not": "none_of",
    "and": "all_of",
    "or": "any_of",
    "equals": "eq",
    "min": "gte",
    "max": "lte",
    "regex": "matches",
    "pattern": "matches",
    "path": "at",
    "pointer": "at",
    "from": "begins",
    "to": "ends",
    "until": "ends",
    "quorum": "approvals",
    "actor": "requesters",
    "hours": "time",
    "expires": "expires_in",
    "name": "id",
}
"""Words that people write for ours, and that are spelled nothing like them."""


def read_document(body: object) -> tuple[Policies | None, list[Fault]]:
    """The policies of a JSON document, or what is wrong with it. Never raises, whatever the document is."""
    for pointer, message in json_faults(body):
        return None, [Fault(pointer, message)]
    faults: list[Fault] = []
    policies = _POLICIES(body, "", faults)
    faults = faults or policy_faults(policies)
    return (None, faults) if faults else (policies, [])


def _text(longest: int) -> _Reader:
    def read(value: object, place: str, faults: list[Fault]) -> object:
        if not isinstance(value, str):
            faults.append(Fault(place, "must be text (in quotes, where it looks like a number or true)"))
        elif len(value) > longest:
            faults.append(Fault(place, f"is longer than {longest} characters"))
        return value

    return read


def _whole(value: object, place: str, faults: list[Fault]) -> object:
    if not isinstance(value, int) or isinstance(value, bool):
        faults.append(Fault(place, "must be a whole number"))
    return value


def _number(value: object, place: str, faults: list[Fault]) -> object:
    if not isinstance(value, int | float) or isinstance(value, bool):
        faults.append(Fault(place, "must be a number"))
    return value


def _truth(value: object, place: str, faults: list[Fault]) -> object:
    if not isinstance(value, bool):
        faults.append(Fault(place, "must be true or false"))
    return value


def _scalar(value: object, place: str, faults: list[Fault]) -> object:
    if not isinstance(value, str | int | float | bool):
        faults.append(Fault(place, "must be a text, a number, true or false"))
    return value


def _one_of(*choices: str | int) -> _Reader:
    def read(value: object, place: str, faults: list[Fault]) -> object:
        if not isinstance(value, str | int) or isinstance(value, bool) or value not in choices:
            named = ", ".join(str(each) for each in choices)
            near = difflib.get_close_matches(str(value), [str(each) for each in choices], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            faults.append(Fault(place, f"must be {'one of ' if len(choices) > 1 else ''}{named}{hint}"))
        return value

    return read


def _several(each: _Reader, most: int, *, alone: bool = False) -> _Reader:
    """A list of these; or, where that is said, one of them by itself."""

    def read(value: object, place: str, faults: list[Fault]) -> object:
        if alone and isinstance(value, str):
            return (each(value, place, faults),)
        if not isinstance(value, list | tuple):
            faults.append(Fault(place, "must be a list"))
            return ()
        if len(value) > most:
            faults.append(Fault(place, f"holds more than {most} entries"))
            return ()
        return tuple(each(entry, f"{place}/{number}", faults) for number, entry in enumerate(value))

    return read


def _object(make: Callable[..., object], fields: Mapping[str, _Reader], *required: str) -> _Reader:
    def read(value: object, place: str, faults: list[Fault]) -> object:
        if not isinstance(value, dict):
            faults.append(Fault(place, f"must be an object with {', '.join(required or fields)}"))
            return None
        faults += [Fault(f"{place}/{escaped(key)}", _unknown(key, fields)) for key in value if key not in fields]
        missing = [name for name in required if name not in value]
        faults += [Fault(place, f"lacks {name}") for name in missing]
        made = {}
        for name, reader in fields.items():
            if name not in value:
                continue
            if value[name] is None:
                faults.append(Fault(f"{place}/{name}", "is empty: give it a value, or leave it out"))
            else:
                made[name] = reader(value[name], f"{place}/{name}", faults)
        return None if missing else make(**made)

    return read


def _unknown(key: str, fields: Mapping[str, _Reader]) -> str:
    meant = _MEANT.get(key.lower())
    near = [meant] if meant in fields else difflib.get_close_matches(key.lower(), list(fields), n=1, cutoff=0.5)
    return f"is not known here; did you mean {near[0]}?" if near else f"is not known here: there is {', '.join(fields)}"


def _condition(value: object, place: str, faults: list[Fault]) -> object:
    group = isinstance(value, dict) and "at" not in value and not {"all_of", "any_of", "none_of"}.isdisjoint(value)
    return (_GROUP if group else _ARGUMENT)(value, place, faults)


_NUMBERS: Final = dict.fromkeys(("lt", "lte", "gt", "gte"), _number)
_ARGUMENT: Final = _object(
    ArgumentCondition,
    {"at": _text(500), "exists": _truth, "eq": _scalar, "one_of": _several(_scalar, 1_000)}
    | _NUMBERS
    | {"matches": _text(1_000)},
    "at",
)
_GROUP: Final = _object(Group, dict.fromkeys(("all_of", "any_of", "none_of"), _several(_condition, 50)))
_AMOUNT: Final = _object(Amount, {"currency": _text(3)} | dict.fromkeys(("lt", "lte", "gt", "gte"), _whole))
_WINDOW: Final = _object(
    Window, {"days": _several(_one_of(*DAYS), 7, alone=True), "begins": _text(5), "ends": _text(5)}
)
_WHEN: Final = _object(
    When,
    {
        "tools": _several(_text(64), 100, alone=True),
        "writes": _truth,
        "risks": _several(_one_of(*RISKS), 4, alone=True),
        "at_least": _one_of(*RISKS),
        "amount": _AMOUNT,
        "requesters": _several(_text(200), 100, alone=True),
        "kinds": _several(_one_of("person", "agent", "service"), 3, alone=True),
        "arguments": _several(_condition, 50),
        "time": _WINDOW,
    },
)
_ESCALATION: Final = _object(Escalation, {"after": _text(10), "to": _text(63)}, "after", "to")
_THEN: Final = _object(
    Then,
    {
        "action": _one_of("allow", "deny", "require_approval"),
        "approvals": _whole,
        "roles": _several(_text(63), 20, alone=True),
        "expires_in": _text(10),
        "escalate": _ESCALATION,
        "reason": _text(500),
    },
    "action",
)
_RULE: Final = _object(Rule, {"id": _text(63), "description": _text(1_000), "when": _WHEN, "then": _THEN}, "id", "then")
_POLICIES: Final = _object(
    Policies,
    {
        "version": _one_of(1),
        "default": _one_of("deny", "require_approval"),
        "timezone": _text(64),
        "rules": _several(_RULE, 500),
    },
    "rules",
)
