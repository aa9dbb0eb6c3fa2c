"""Policies: the first rule that matches decides, and what is unknown never loosens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tillhand_approvals.domain.policies import (
    Facts,
    Policies,
    Verdict,
    explain,
    judged,
    outgrown,
    read_document,
    verdict,
)
from tillhand_approvals.domain.proposals import Requirement
from tillhand_approvals.models.policies import explanation_out

REFUND = Facts(
    tool="shopify_refund",
    writes=True,
    risk="medium",
    requester="agent:returns-1",
    kind="agent",
    arguments={"order": "1001", "delta": 3, "express": True, "reason": "damaged", "to": "ann@shop.example"},
    amount=(4_900, "EUR"),
    time=datetime(2026, 3, 2, 10, 30, tzinfo=UTC),  # a Monday
)
ASK = {"action": "require_approval"}
DENY = {"action": "deny"}
ALLOW = {"action": "allow"}
NARROW = {"tools": "shopify_refund", "amount": {"lte": 5_000, "currency": "EUR"}}


def policies(*rules: tuple[dict[str, Any], dict[str, Any]], **more: Any) -> Policies:  # noqa: ANN401  # any member
    """Policies of these conditions and what follows; the rules are called r0, r1 and so on."""
    body = {"rules": [{"id": f"r{at}", "when": when, "then": then} for at, (when, then) in enumerate(rules)], **more}
    made, faults = read_document(body)
    assert made is not None, faults
    return made


def decides(facts: Facts, *rules: tuple[dict[str, Any], dict[str, Any]], **more: Any) -> str:  # noqa: ANN401
    """The id of the rule that decides."""
    return judged(policies(*rules, **more), facts).id


def test_what_writes_is_denied_where_no_rule_provides_for_it() -> None:
    assert judged(policies(), REFUND).then.action == "deny"
    assert judged(policies(default="require_approval"), REFUND).then.action == "require_approval"
    assert judged(policies(), replace(REFUND, writes=False)).then.action == "allow"


def test_the_first_rule_that_matches_decides() -> None:
    assert decides(REFUND, ({"tools": "stock_*"}, DENY), ({}, ASK), ({}, DENY)) == "r1"


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({"tools": "shopify_refund"}, True),
        ({"tools": ["stock_set", "shopify_*"]}, True),
        ({"tools": "*stock*"}, False),
        ({"writes": True}, True),
        ({"writes": False}, False),
        ({"risks": ["low", "medium"]}, True),
        ({"risks": "low"}, False),
        ({"at_least": "medium"}, True),
        ({"at_least": "high"}, False),
        ({"amount": {"gte": 4_900, "lt": 4_901}}, True),
        ({"amount": {"gt": 4_900}}, False),
        ({"amount": {"lt": 4_900}}, False),
        ({"amount": {"currency": "EUR"}}, True),
        ({"amount": {"currency": "USD", "lte": 10_000}}, False),
        ({"requesters": "agent:returns-*"}, True),
        ({"requesters": ["person:*"]}, False),
        ({"kinds": "agent"}, True),
        ({"kinds": ["person", "service"]}, False),
        ({"tools": "shopify_refund", "kinds": "person"}, False),
        ({"arguments": [{"at": "/order", "eq": "1001"}]}, True),
        ({"arguments": [{"at": "/order", "eq": 1001}]}, False),
        ({"arguments": [{"at": "/delta", "one_of": [1, 2, 3]}]}, True),
        ({"arguments": [{"at": "/express", "one_of": [True]}]}, True),
        ({"arguments": [{"at": "/express", "one_of": [1, 1.0, "true"]}]}, False),
        ({"arguments": [{"at": "/delta", "gt": 2, "lt": 3.5}]}, True),
        ({"arguments": [{"at": "/delta", "gte": 4}]}, False),
        ({"arguments": [{"at": "/to", "matches": "[a-z]+@shop\\.example"}]}, True),
        ({"arguments": [{"at": "/to", "matches": "shop"}]}, False),
        ({"arguments": [{"at": "/note", "exists": False}, {"at": "/to", "exists": True}]}, True),
        ({"arguments": [{"at": "/to", "exists": False}]}, False),
        ({"arguments": [{"any_of": [{"at": "/delta", "eq": 9}, {"at": "/reason", "eq": "damaged"}]}]}, True),
        ({"arguments": [{"none_of": [{"at": "/delta", "eq": 9}, {"at": "/reason", "eq": "damaged"}]}]}, False),
        ({"arguments": [{"all_of": [{"at": "/delta", "eq": 3}], "none_of": [{"at": "/reason", "eq": "lost"}]}]}, True),
    ],
)
def test_a_condition_holds_or_does_not(when: dict[str, Any], matches: bool) -> None:
    assert (decides(REFUND, (when, DENY), default="require_approval") == "r0") is matches


@pytest.mark.parametrize(
    "when",
    [
        {"amount": {"lte": 100}},
        {"arguments": [{"at": "/missing", "eq": 1}]},
        {"arguments": [{"at": "/order", "gte": 5, "lte": 6}]},
        {"arguments": [{"at": "/delta", "matches": "3"}]},
        {"arguments": [{"at": "/long", "matches": "x+"}]},
        {"arguments": [{"at": "/list", "one_of": ["x"]}]},
        {"arguments": [{"none_of": [{"at": "/missing", "eq": 1}]}]},
        {"arguments": [{"any_of": [{"at": "/missing", "eq": 1}, {"at": "/delta", "eq": 9}]}]},
        {"time": {"begins": "08:00", "ends": "18:00"}},
    ],
)
def test_what_is_unknown_never_allows_and_always_restrains(when: dict[str, Any]) -> None:
    arguments = {**REFUND.arguments, "long": "x" * 5_000, "list": ["x"]}
    unclear = replace(REFUND, amount=None, time=None, arguments=arguments)
    assert decides(unclear, (when, DENY), ({}, ASK)) == "r0"
    assert decides(unclear, (when, ASK), default="require_approval") == "r0"
    narrow = {"tools": "shopify_refund", "arguments": [{"at": "/order", "eq": "1001"}, *when.get("arguments", [])]}
    assert decides(unclear, ({**when, **narrow}, ALLOW), ({}, ASK)) == "r1"


def test_a_rule_that_allows_is_not_named_where_something_in_it_is_unknown() -> None:
    reading = replace(REFUND, writes=False, amount=None)
    found = explain(policies((NARROW, ALLOW)), reading)
    assert found.rule.id == "reading"
    assert [(each.matched, each.unknown) for each in found.steps] == [(False, True)]


def test_what_is_unknown_in_a_mild_rule_does_not_shield_from_a_strict_one() -> None:
    unclear = replace(REFUND, amount=None)
    mild = ({"amount": {"lte": 100}}, ASK)
    assert decides(unclear, mild, ({}, DENY)) == "r1"
    assert decides(unclear, mild, ({}, {**ASK, "approvals": 2})) == "r1"
    assert decides(unclear, mild, ({}, ASK), ({}, DENY)) == "r0"
    assert decides(unclear, mild) == "default"


def test_an_amount_below_zero_is_unknown() -> None:
    assert decides(replace(REFUND, amount=(-1, "EUR")), (NARROW, ALLOW), ({}, ASK)) == "r1"
    assert decides(replace(REFUND, amount=(-1, "EUR")), ({"amount": {"gt": 10}}, DENY), ({}, ASK)) == "r0"


def test_an_amount_of_no_currency_is_unknown_where_one_is_asked_for() -> None:
    assert decides(REFUND, (NARROW, ALLOW)) == "r0"
    assert decides(replace(REFUND, amount=(4_900, None)), (NARROW, ALLOW), ({}, ASK)) == "r1"


@pytest.mark.parametrize(
    ("moment", "window", "inside"),
    [
        ("2026-03-02T07:00Z", {"begins": "08:00", "ends": "18:00"}, True),  # 08:00 in Berlin
        ("2026-03-02T06:59Z", {"begins": "08:00", "ends": "18:00"}, False),
        ("2026-03-02T17:00Z", {"begins": "08:00", "ends": "18:00"}, False),
        ("2026-07-02T06:00Z", {"begins": "08:00", "ends": "18:00"}, True),  # summer time
        ("2026-03-01T23:30Z", {"days": ["mon"]}, True),  # Monday in Berlin
        ("2026-03-01T22:30Z", {"days": ["mon"]}, False),
        ("2026-03-06T22:00Z", {"days": "fri", "begins": "22:00", "ends": "06:00"}, True),
        ("2026-03-07T04:59Z", {"days": "fri", "begins": "22:00", "ends": "06:00"}, True),
        ("2026-03-07T05:00Z", {"days": "fri", "begins": "22:00", "ends": "06:00"}, False),
        ("2026-03-06T04:00Z", {"days": "fri", "begins": "22:00", "ends": "06:00"}, False),
    ],
)
def test_hours_are_those_of_the_shop(moment: str, window: dict[str, Any], inside: bool) -> None:
    facts = replace(REFUND, time=datetime.fromisoformat(moment))
    assert (decides(facts, ({"time": window}, ASK), timezone="Europe/Berlin") == "r0") is inside


def test_a_verdict_names_its_rule_its_version_and_its_author() -> None:
    then = {**ASK, "approvals": 2, "roles": ["owner", "manager"], "expires_in": "2h", "reason": "Large."}
    found = policies(({"amount": {"gte": 4_900}}, {**then, "escalate": {"after": "30m", "to": "owner"}}))
    assert verdict(found, REFUND, 7, "person:ann") == Verdict(
        "require_approval",
        Requirement(
            approvals=2,
            roles=frozenset({"owner", "manager"}),
            rule="r0",
            policy_version=7,
            author="person:ann",
            reason="Large.",
            escalate_after=timedelta(minutes=30),
            escalate_to="owner",
        ),
        timedelta(hours=2),
    )
    assert verdict(policies((NARROW, ALLOW)), REFUND, 1, "person:ann").requirement.approvals == 0


def test_an_explanation_says_how_each_rule_was_read_and_tells_no_value() -> None:
    found = explain(
        policies(
            ({"tools": "stock_*"}, DENY),
            ({"arguments": [{"at": "/missing", "eq": "x"}, {"any_of": [{"at": "/to", "eq": "secret"}]}]}, ASK),
            ({"arguments": [{"at": "/missing", "gte": 1}]}, ASK),
            ({"at_least": "medium", "arguments": [{"at": "/to", "matches": ".*@shop.*"}]}, DENY),
            ({}, ASK),
        ),
        REFUND,
    )
    assert explanation_out(found).model_dump() == {
        "rule": "r3",
        "action": "deny",
        "steps": [
            {"rule": "r0", "matched": False, "conditions": {"tools": False}},
            {
                "rule": "r1",
                "matched": False,
                "conditions": {"arguments[0] /missing eq": None, "arguments[1]": False},
            },
            {"rule": "r2", "matched": True, "conditions": {"arguments[0] /missing gte": None}},
            {"rule": "r3", "matched": True, "conditions": {"at_least": True, "arguments[0] /to matches": True}},
        ],
    }
    assert [each.unknown for each in found.steps] == [False, False, True, False]


@pytest.mark.parametrize(
    ("risks", "approvals", "roles", "lost"),
    [
        (("low", "low"), (1, 1), ("", ""), False),
        (("low", "medium"), (1, 1), ("", ""), True),
        (("high", "low"), (2, 1), ("owner", "owner"), False),
        (("low", "low"), (1, 2), ("", ""), True),
        (("low", "low"), (0, 1), ("", ""), True),
        (("low", "low"), (1, 1), ("", "owner"), True),
        (("low", "low"), (1, 1), ("owner", ""), False),
        (("low", "low"), (1, 1), ("owner", "owner manager"), False),
        (("low", "low"), (1, 1), ("owner manager", "owner"), True),
    ],
)
def test_approvals_are_outgrown_where_more_is_at_stake_or_wanted(
    risks: tuple[Any, Any],
    approvals: tuple[int, int],
    roles: tuple[str, str],
    lost: bool,
) -> None:
    before, after = (
        (risks[at], Requirement(approvals[at], frozenset(roles[at].split()), "r", 1, "person:ann")) for at in (0, 1)
    )
    assert outgrown(before, after) is lost
