"""Trying policies on what was proposed in the past: the dangerous differences first."""

from __future__ import annotations

from typing import Any

from tillhand_approvals.domain.policies import DEFAULTS, Facts, Past, Policies, Rule, judged, read_document, tried
from tillhand_approvals.models.policies import trial_out


def policies(*rules: dict[str, Any]) -> Policies:
    """Policies of these rules."""
    made, faults = read_document({"rules": list(rules)})
    assert made is not None, faults
    return made


def facts(tool: str, amount: int) -> Facts:
    """A call that moves money."""
    return Facts(tool, True, "medium", "agent:a", "agent", {}, (amount, "EUR"))


ASK = {"action": "require_approval"}
OLD = policies(
    {"id": "gifts", "when": {"tools": "gift"}, "then": {"action": "deny"}},
    {"id": "credits", "when": {"tools": "credit", "amount": {"lte": 100}}, "then": {"action": "allow"}},
    {"id": "large", "when": {"amount": {"gte": 1_000}}, "then": {**ASK, "approvals": 2}},
    {"id": "all", "then": ASK},
)
NEW = policies(
    {"id": "small-refunds", "when": {"tools": "refund", "amount": {"lte": 500}}, "then": {"action": "allow"}},
    {"id": "payouts", "when": {"tools": "payout"}, "then": {"action": "deny", "reason": "Not by agents."}},
    {"id": "prices", "when": {"tools": "price"}, "then": {**ASK, "approvals": 3}},
    {"id": "notes", "when": {"tools": "note"}, "then": {**ASK, "reason": "Worded otherwise."}},
    {"id": "everything", "then": ASK},
)
PAST = [
    Past(f"p{number}", each, judged(OLD, each))
    for number, each in enumerate(
        [
            facts("price", 10),
            facts("refund", 100),
            facts("refund", 400),
            facts("gift", 10),
            facts("payout", 10),
            facts("credit", 50),
            facts("transfer", 5_000),
            facts("note", 1),
        ]
    )
]


def test_what_would_be_newly_allowed_comes_first_and_the_largest_amount_of_it() -> None:
    found = tried(NEW, PAST)
    assert [(each.effect, each.past.facts.tool, each.past.id) for each in found.differences] == [
        ("newly_allowed", "refund", "p2"),
        ("newly_allowed", "refund", "p1"),
        ("no_longer_denied", "gift", "p3"),
        ("loosened", "transfer", "p6"),
        ("tightened", "credit", "p5"),
        ("tightened", "price", "p0"),
        ("newly_denied", "payout", "p4"),
    ]
    assert found.tried == 8
    assert found.counts == {
        "newly_allowed": 2,
        "no_longer_denied": 1,
        "loosened": 1,
        "tightened": 2,
        "newly_denied": 1,
        "changed": 0,
    }


def test_the_same_policies_change_nothing() -> None:
    found = tried(OLD, PAST)
    assert found.differences == ()
    assert set(found.counts.values()) == {0}


def test_what_is_neither_stricter_nor_looser_is_told_last() -> None:
    (ours,), (theirs,) = (
        policies({"id": "x", "then": {**ASK, "roles": [role]}}).rules for role in ("owner", "manager")
    )
    call = facts("refund", 1)
    assert [each.effect for each in tried(Policies((theirs,)), [Past("p", call, ours)]).differences] == ["changed"]


def test_what_was_allowed_and_would_be_denied_is_newly_denied() -> None:
    allowed: Rule = DEFAULTS["read"]
    found = tried(Policies(), [Past("p", facts("refund", 1), allowed)])
    assert [each.effect for each in found.differences] == ["newly_denied"]


def test_a_trial_goes_over_the_wire_without_a_value_of_the_call() -> None:
    out = trial_out(tried(NEW, PAST), skipped=3).model_dump()
    assert (out["tried"], out["skipped"], out["counts"]["newly_allowed"]) == (8, 3, 2)
    assert out["differences"][0] == {
        "proposal": "p2",
        "tool": "refund",
        "risk": "medium",
        "effect": "newly_allowed",
        "before": "require_approval",
        "after": "allow",
        "rule_before": "all",
        "rule_after": "small-refunds",
    }
