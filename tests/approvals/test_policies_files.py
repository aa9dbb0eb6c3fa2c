"""Policies as YAML: read line by line, nothing clever taken, and written so that it reads back the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_approvals.adapters.policy_files import LARGEST, read_file, write_file
from tillhand_approvals.domain.policies import Facts, judged

SAMPLE = Path(__file__).parents[2] / "samples" / "policies.yaml"


def told(text: bytes | str) -> list[str]:
    """What is wrong with a file."""
    policies, faults = read_file(text)
    assert (policies is None) == bool(faults)
    return [str(each) for each in faults]


def test_each_fault_is_told_with_its_line() -> None:
    assert told(
        """# ours
version: 1
timezone: Europe/Berlin
rules:
  - id: small-refunds
    whn: {tools: refund}
    then:
      action: alow
  - id: others
    when:
      amount:
        lte:
    then: {action: deny}
  - then: {action: deny}
"""
    ) == [
        "line 6: rules[0].whn: is not known here; did you mean when?",
        "line 8: rules[0].then.action: must be one of allow, deny, require_approval; did you mean allow?",
        "line 12: rules[1].when.amount.lte: is empty: give it a value, or leave it out",
        "line 14: rules[2]: lacks id",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: must be an object with rules"),
        ("rules: []\nrules: []\n", "line 2: rules: is given twice"),
        (
            "rules:\n  - id: x\n    then: {action: deny, action: allow}\n",
            "line 3: rules[0].then.action: is given twice",
        ),
        ("a: &a [x]\nb: *a\n", "line 1: a: is an anchor or an alias, which are not taken"),
        ("rules: []\nb: *a\n", "line 2: b: is an anchor or an alias, which are not taken"),
        ("rules: !!python/object:os.system []\n", "line 1: rules: has a tag, and none are taken"),
        ("rules: ! []\n", "line 1: rules: has a tag, and none are taken"),
        ("rules: []\n---\nrules: []\n", "line 2: is a second document: one file holds one"),
        ("? [a]\n: b\n", "line 1: has a key that is no text"),
        ("rules: " + "[" * 100_000, "line 1: rules" + "[0]" * 31 + ": is nested deeper than 32 levels"),
        ("<<: {rules: []}\n", "line 1: <<: is not known here: there is version, default, timezone, rules"),
        ("rules: [\n\n", "line 3: is no YAML"),
        ("rules: []\n\x00", "line 1: is no YAML"),
        (b"rules: \xff", "line 1: is not UTF-8 text"),
        ("rules: \ud800", "line 1: is not UTF-8 text"),
        ("#" * (LARGEST + 1), "line 1: is larger than 256 KiB"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(text: bytes | str, expected: str) -> None:
    assert told(text)[0] == expected


def test_words_that_older_yaml_takes_for_something_else_are_text() -> None:
    policies, faults = read_file(
        "rules: [{id: on, when: {requesters: no, time: {begins: 22:00, ends: 06:00}, "
        "arguments: [{at: /a, one_of: [yes, 1:30, 2026-01-01, 0x10, 007, .inf, 1_000, true, 7, 1.5]}]}, "
        "then: {action: deny}}]"
    )
    assert faults == []
    assert policies is not None
    rule = policies.rules[0]
    assert (rule.id, rule.when.requesters) == ("on", ("no",))
    assert rule.when.time is not None
    assert rule.when.time.begins == "22:00"
    condition = rule.when.arguments[0]
    expected = ("yes", "1:30", "2026-01-01", "0x10", "007", ".inf", "1_000", True, 7, 1.5)
    assert getattr(condition, "one_of", None) == expected


@given(text=st.text(st.sampled_from("rules: []{}-&*!|>?#'\"\n\tid12,~"), max_size=40) | st.binary(max_size=40))
def test_reading_never_raises(text: str | bytes) -> None:
    told(text)


def test_the_sample_is_what_the_guide_says() -> None:
    policies, faults = read_file(SAMPLE.read_bytes())
    assert faults == []
    assert policies is not None
    assert read_file(write_file(policies)) == (policies, [])
    small = {"delta": -5, "reason": "count-0042"}
    monday = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    asked = {
        "small-corrections": Facts(
            "shopify_inventory_adjust", True, "medium", "key:stock-1", "agent", small, time=monday
        ),
        "writing": Facts("shopify_inventory_adjust", True, "medium", "key:stock-1", "agent", small),
        "large-refunds": Facts("shopify_refund", True, "medium", "key:a", "agent", {}, (50_000, "EUR")),
        "never-delete": Facts("product_delete", True, "low", "key:a", "agent", {}),
        "critical": Facts("price_change", True, "critical", "key:a", "agent", {}),
        "high": Facts("price_change", True, "high", "key:a", "agent", {}),
        "internal-mail": Facts("send_message", True, "low", "key:a", "agent", {"to": "ann@shop.example"}),
        "reading": Facts("stock_list", False, "low", "key:a", "agent", {}),
    }
    assert {name: judged(policies, facts).id for name, facts in asked.items()} == {name: name for name in asked}
