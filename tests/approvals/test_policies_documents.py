"""Documents of policies: every fault at its place, with the word that was meant, and nothing too wide to allow."""

from __future__ import annotations

from typing import Any

import pytest

from tillhand_approvals.domain.policies import read_document, written

ALLOW = {"action": "allow"}
ASK: dict[str, Any] = {"action": "require_approval"}


def faults(body: object) -> list[tuple[str, str]]:
    """What is wrong, and where."""
    policies, found = read_document(body)
    assert (policies is None) == bool(found)
    return [(each.place, each.message) for each in found]


def one(**rule: Any) -> dict[str, Any]:  # noqa: ANN401  # any member
    """A document of one rule."""
    return {"version": 1, "rules": [{"id": "x", "then": ASK, **rule}]}


@pytest.mark.parametrize(
    ("when", "place", "meant"),
    [
        ({"tool": "x"}, "when.tool", "tools"),
        ({"risk": "low"}, "when.risk", "risks"),
        ({"requester": "x"}, "when.requester", "requesters"),
        ({"hours": {}}, "when.hours", "time"),
        ({"amount": {"curency": "EUR"}}, "when.amount.curency", "currency"),
        ({"amount": {"max": 3}}, "when.amount.max", "lte"),
        ({"arguments": [{"path": "/a", "at": "/a", "eq": 1}]}, "when.arguments[0].path", "at"),
        ({"arguments": [{"at": "/a", "in": [1]}]}, "when.arguments[0].in", "one_of"),
        ({"arguments": [{"at": "/a", "regex": "x"}]}, "when.arguments[0].regex", "matches"),
        ({"arguments": [{"any_of": [], "not": []}]}, "when.arguments[0].not", "none_of"),
        ({"time": {"from": "08:00"}}, "when.time.from", "begins"),
    ],
)
def test_a_word_that_is_not_known_brings_the_one_that_was_meant(when: dict[str, Any], place: str, meant: str) -> None:
    assert faults(one(when=when)) == [(f"rules[0].{place}", f"is not known here; did you mean {meant}?")]


def test_a_word_like_no_other_brings_all_that_are_known() -> None:
    assert faults({"rules": [], "zzz": 1}) == [("zzz", "is not known here: there is version, default, timezone, rules")]


def test_all_faults_are_told_at_once() -> None:
    body: dict[str, Any] = {
        "version": 2,
        "default": "alow",
        "rules": [
            {"then": {"action": "denny", "approvals": "2"}},
            {"id": "y", "when": {"tools": [1], "writes": "no", "kinds": "robot"}, "then": {}},
            7,
        ],
    }
    assert faults(body) == [
        ("version", "must be 1"),
        ("default", "must be one of deny, require_approval"),
        ("rules[0]", "lacks id"),
        ("rules[0].then.action", "must be one of allow, deny, require_approval; did you mean deny?"),
        ("rules[0].then.approvals", "must be a whole number"),
        ("rules[1].when.tools[0]", "must be text (in quotes, where it looks like a number or true)"),
        ("rules[1].when.writes", "must be true or false"),
        ("rules[1].when.kinds", "must be one of person, agent, service"),
        ("rules[1].then", "lacks action"),
        ("rules[2]", "must be an object with id, then"),
    ]


@pytest.mark.parametrize(
    ("rule", "place", "begins"),
    [
        ({"id": "default"}, "rules[0].id", "is taken"),
        ({"id": "Large Refunds"}, "rules[0].id", "must be lower-case"),
        ({"when": {"tools": "Refund"}}, "rules[0].when.tools", "must be the name of a tool"),
        ({"when": {"tools": "a?"}}, "rules[0].when.tools", "must be the name of a tool"),
        ({"when": {"requesters": "a b"}}, "rules[0].when.requesters", "must be the id of an actor"),
        ({"when": {"amount": {}}}, "rules[0].when.amount", "compares with nothing"),
        ({"when": {"amount": {"lte": None}}}, "rules[0].when.amount.lte", "is empty"),
        ({"when": {"amount": {"lte": -1}}}, "rules[0].when.amount.lte", "must not be below zero"),
        ({"when": {"amount": {"lte": 49.9}}}, "rules[0].when.amount.lte", "must be a whole number"),
        ({"when": {"amount": {"lte": True}}}, "rules[0].when.amount.lte", "must be a whole number"),
        ({"when": {"amount": {"currency": "eur"}}}, "rules[0].when.amount.currency", "must be three capital letters"),
        ({"when": {"arguments": [{"at": "email", "eq": 1}]}}, "rules[0].when.arguments[0].at", "is no JSON pointer"),
        ({"when": {"arguments": [{"at": "/a"}]}}, "rules[0].when.arguments[0]", "compares with nothing"),
        ({"when": {"arguments": [{}]}}, "rules[0].when.arguments[0]", "lacks at"),
        ({"when": {"arguments": [{"any_of": []}]}}, "rules[0].when.arguments[0]", "holds no condition"),
        ({"when": {"arguments": [{"at": "/a", "one_of": []}]}}, "rules[0].when.arguments[0].one_of", "must name"),
        (
            {"when": {"arguments": [{"at": "/a", "matches": "("}]}},
            "rules[0].when.arguments[0].matches",
            "is no pattern",
        ),
        ({"when": {"arguments": {"at": "/a"}}}, "rules[0].when.arguments", "must be a list"),
        ({"when": {"time": {"begins": "8:00"}}}, "rules[0].when.time.begins", "must be an hour"),
        ({"when": {"time": {"ends": "25:00"}}}, "rules[0].when.time.ends", "must be an hour"),
        ({"when": {"time": {"begins": "08:00", "ends": "08:00"}}}, "rules[0].when.time.ends", "must differ"),
        ({"when": {"time": {"days": ["mo"]}}}, "rules[0].when.time.days[0]", "must be one of mon, tue"),
        ({"when": {"time": {"days": []}}}, "rules[0].when.time.days", "must name at least one day"),
        ({"then": {**ASK, "approvals": 0}}, "rules[0].then.approvals", "must be 1 to 10"),
        ({"then": {**ASK, "roles": ["Owner"]}}, "rules[0].then.roles", "must be the name of a role"),
        ({"then": {**ASK, "expires_in": "1 day"}}, "rules[0].then.expires_in", "must be a duration"),
        ({"then": {**ASK, "expires_in": "91d"}}, "rules[0].then.expires_in", "must be a duration"),
        ({"then": {**ASK, "escalate": {"after": "24h", "to": "owner"}}}, "rules[0].then.escalate.after", "must be a"),
        ({"then": {**ASK, "escalate": {"after": "1h", "to": "O"}}}, "rules[0].then.escalate.to", "must be the name"),
        ({"then": {"action": "deny", "approvals": 2}}, "rules[0].then", "names approvals"),
        ({"then": {**ASK, "reason": "x" * 501}}, "rules[0].then.reason", "is longer than 500"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(rule: dict[str, Any], place: str, begins: str) -> None:
    found = faults(one(**rule))
    assert [each[0] for each in found] == [place]
    assert found[0][1].startswith(begins)


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"tools": "refund"},
        {"tools": "refund", "kinds": "agent", "requesters": "agent:a", "risks": "low"},
        {"tools": "refund_*", "amount": {"lte": 100}},
        {"tools": ["refund", "*"], "amount": {"lte": 100}},
        {"amount": {"lte": 100}},
        {"tools": "refund", "amount": {"gte": 1}},
        {"tools": "refund", "amount": {"currency": "EUR"}},
        {"tools": "refund", "time": {"days": "mon"}},
        {"tools": "refund", "arguments": [{"at": "/a", "exists": True}]},
        {"tools": "refund", "arguments": [{"at": "/a", "gte": 1}]},
        {"tools": "refund", "arguments": [{"at": "/a", "matches": ".*"}]},
        {"tools": "refund", "arguments": [{"at": "/a", "matches": "(?s).*"}]},
        {"tools": "refund", "arguments": [{"none_of": [{"at": "/a", "eq": 1}]}]},
        {"tools": "refund", "arguments": [{"any_of": [{"at": "/a", "eq": 1}, {"at": "/b", "exists": True}]}]},
        {"writes": True},
    ],
)
def test_what_is_too_wide_cannot_be_allowed_in_advance(when: dict[str, Any]) -> None:
    found = faults(one(when=when, then=ALLOW))
    assert found[0][0] == "rules[0].when"
    assert found[0][1].startswith("is too wide to allow in advance")
    assert faults(one(when=when)) == []


@pytest.mark.parametrize(
    "when",
    [
        {"writes": False},
        {"tools": "refund", "amount": {"lte": 100}},
        {"tools": ["refund", "credit"], "amount": {"lt": 100, "currency": "EUR"}},
        {"tools": "refund", "arguments": [{"at": "/a", "eq": 1}]},
        {"tools": "refund", "arguments": [{"at": "/a", "one_of": ["x"]}]},
        {"tools": "refund", "arguments": [{"at": "/a", "gte": 0, "lt": 5}]},
        {"tools": "refund", "arguments": [{"at": "/a", "matches": "[a-z]+@shop[.]example"}]},
        {"tools": "refund", "arguments": [{"any_of": [{"at": "/a", "eq": 1}, {"at": "/b", "gte": 1, "lte": 2}]}]},
    ],
)
def test_what_is_narrow_can_be_allowed_in_advance(when: dict[str, Any]) -> None:
    assert faults(one(when=when, then=ALLOW)) == []


def test_an_allowed_number_is_bounded_from_below_as_well() -> None:
    half = {"tools": "refund", "arguments": [{"at": "/b", "eq": 1}, {"any_of": [{"at": "/a", "lte": 5}]}]}
    message = "must be bounded from below as well, with gt or gte: a number below zero would be allowed"
    assert faults(one(when=half, then=ALLOW)) == [("rules[0].when.arguments[1]", message)]


def test_two_rules_of_one_name_are_refused() -> None:
    assert faults({"rules": [{"id": "x", "then": ASK}, {"id": "x", "then": ASK}]}) == [
        ("rules[1].id", "is taken by another rule")
    ]


def test_groups_are_bounded_in_depth_and_rules_in_number() -> None:
    deep: dict[str, Any] = {"at": "/a", "eq": 1}
    for _ in range(5):
        deep = {"all_of": [deep]}
    assert faults(one(when={"arguments": [deep]}))[0][1] == "is nested deeper than 4 groups"
    assert faults({"rules": [{"id": f"r{number}", "then": ASK} for number in range(501)]}) == [
        ("rules", "holds more than 500 entries")
    ]


def test_a_document_that_is_none_is_refused() -> None:
    nested: Any = []
    for _ in range(200):
        nested = [nested]
    bodies: tuple[object, ...] = (None, [], "rules", 3, {"rules": None}, {"rules": {}}, {}, {"rules": nested}, {1: 2})
    for body in bodies:
        assert faults(body)


def test_a_document_is_written_without_what_is_as_it_would_be_anyway() -> None:
    policies, _ = read_document(one(when={"tools": "refund", "writes": True}, then={**ASK, "expires_in": "24h"}))
    assert policies is not None
    assert written(policies) == {
        "version": 1,
        "default": "deny",
        "rules": [{"id": "x", "when": {"tools": ["refund"], "writes": True}, "then": {"action": "require_approval"}}],
    }
