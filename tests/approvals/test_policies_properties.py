"""What holds of all policies: total, denying by default, never looser by what is unknown, the same when read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tillhand_approvals.adapters.policy_documents import read_policies
from tillhand_approvals.adapters.policy_files import read_file, write_file
from tillhand_approvals.domain.conditions import ArgumentCondition, Group
from tillhand_approvals.domain.policies import (
    Amount,
    Escalation,
    Facts,
    Policies,
    Rule,
    Then,
    When,
    Window,
    explain,
    explained,
    judged,
    policy_faults,
    read_document,
    strictness,
    written,
)
from tillhand_approvals.domain.policies.documents import DAYS
from tillhand_approvals.domain.proposals import RISKS

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    [
        "no",
        "on",
        "22:00",
        "1e3",
        "0x1F",
        "null",
        "~",
        "- a",
        "a: b",
        "#",
        "''",
        "\u2028",
        "\x85",
        " x ",
        "2026-01-01",
        "1_0",
    ]
)
NUMBERS = st.integers(-5, 5) | st.floats(-5, 5)
SCALARS = TEXTS | NUMBERS | st.booleans()
JSON = st.recursive(
    st.none() | SCALARS | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "0", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)
POINTERS = st.sampled_from(["/a", "/b", "/a/0", "/a/b", "/a/-", "/", "/b/a/b"])
PATTERNS = st.sampled_from(["", "a+", "[0-9]{2}", ".*", "^(a|a)*$", r"\p{L}"])


WORDS = "version default timezone rules id when then action tools amount arguments at eq time".split()
DOCUMENTS = st.recursive(
    st.none() | SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner),
    max_leaves=12,
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of these, or nothing."""
    return st.none() | strategy


CONDITIONS = st.recursive(
    st.builds(
        ArgumentCondition,
        at=POINTERS,
        exists=maybe(st.booleans()),
        eq=maybe(SCALARS),
        one_of=maybe(st.lists(SCALARS, min_size=1, max_size=2).map(tuple)),
        lt=maybe(NUMBERS),
        gte=maybe(NUMBERS),
        matches=maybe(PATTERNS),
    ).filter(lambda condition: bool(condition.operators)),
    lambda inner: st.builds(
        Group,
        all_of=st.lists(inner, max_size=2).map(tuple),
        any_of=st.lists(inner, max_size=2).map(tuple),
        none_of=st.lists(inner, max_size=2).map(tuple),
    ).filter(lambda group: group != Group()),
    max_leaves=3,
)
WHENS = st.builds(
    When,
    tools=st.lists(st.sampled_from(["refund", "stock_set", "*", "re*"]), max_size=2).map(tuple),
    writes=maybe(st.booleans()),
    risks=st.lists(st.sampled_from(RISKS), max_size=2).map(tuple),
    at_least=maybe(st.sampled_from(RISKS)),
    amount=maybe(st.builds(Amount, currency=maybe(st.sampled_from(["EUR", "USD"])), lte=st.integers(0, 10))),
    requesters=st.lists(st.sampled_from(["agent:a", "agent:*"]), max_size=1).map(tuple),
    kinds=st.lists(st.sampled_from(["agent", "person"]), max_size=1).map(tuple),
    arguments=st.lists(CONDITIONS, max_size=2).map(tuple),
    time=maybe(
        st.builds(
            Window, days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple), ends=st.just("12:00")
        )
    ),
)
ASKING = st.builds(
    Then,
    action=st.just("require_approval"),
    approvals=st.integers(1, 3),
    roles=st.lists(st.sampled_from(["owner", "manager"]), unique=True).map(tuple),
    expires_in=st.sampled_from(["2h", "24h"]),
    escalate=maybe(st.just(Escalation("1h", "owner"))),
    reason=TEXTS,
)
THENS = ASKING | st.builds(Then, action=st.sampled_from(["allow", "deny"]))
RULES = st.builds(Rule, id=st.just("x"), when=WHENS, then=THENS, description=TEXTS)
POLICIES = st.builds(
    lambda rules, default: Policies(tuple(replace(rule, id=f"r{at}") for at, rule in enumerate(rules)), default),
    rules=st.lists(RULES, max_size=4),
    default=st.sampled_from(["deny", "require_approval"]),
)
FACTS = st.builds(
    Facts,
    tool=st.sampled_from(["refund", "stock_set", "other"]),
    writes=st.booleans(),
    risk=st.sampled_from(RISKS),
    requester=st.sampled_from(["agent:a", "agent:b", "person:c"]),
    kind=st.sampled_from(["agent", "person", "service"]),
    arguments=st.dictionaries(st.sampled_from(["a", "b", ""]), JSON, max_size=3),
    amount=maybe(st.tuples(st.integers(-1, 12), maybe(st.sampled_from(["EUR", "USD"])))),
    time=maybe(st.datetimes(timezones=st.just(UTC)) | st.just(datetime.max.replace(tzinfo=UTC))),
)


@given(policies=POLICIES, facts=FACTS)
def test_judging_is_total_and_gives_the_same_each_time(policies: Policies, facts: Facts) -> None:
    first, second = explain(policies, facts), explain(policies, facts)
    assert first == second
    assert first.rule.then.action in {"allow", "deny", "require_approval"}


@given(policies=POLICIES, facts=FACTS)
def test_nothing_that_writes_is_allowed_but_by_a_rule_that_certainly_allows_it(
    policies: Policies, facts: Facts
) -> None:
    rule = judged(policies, facts)
    if rule.then.action == "allow" and facts.writes:
        assert rule in policies.rules
        step = explained(rule, facts)
        assert step.matched
        assert not step.unknown


@given(facts=FACTS)
def test_without_rules_what_writes_is_denied(facts: Facts) -> None:
    assert judged(Policies(), facts).then.action == ("deny" if facts.writes else "allow")


@given(policies=POLICIES, facts=FACTS, when=WHENS)
def test_a_rule_that_denies_put_in_front_never_loosens(policies: Policies, facts: Facts, when: When) -> None:
    stricter = replace(policies, rules=(Rule("front", Then("deny"), when), *policies.rules))
    assert strictness(judged(stricter, facts).then) >= strictness(judged(policies, facts).then)


@given(policies=POLICIES, facts=FACTS, rule=RULES)
def test_a_rule_put_in_front_decides_or_leaves_it_at_what_it_was(policies: Policies, facts: Facts, rule: Rule) -> None:
    front = replace(rule, id="front")
    before = judged(policies, facts)
    after = judged(replace(policies, rules=(front, *policies.rules)), facts)
    assert after in (front, before)
    if strictness(front.then) >= strictness(before.then):
        assert strictness(after.then) >= strictness(before.then)


@given(policies=POLICIES, facts=FACTS, key=st.sampled_from(["a", "b"]))
def test_leaving_an_argument_out_never_gets_an_allowance_that_hangs_on_it(
    policies: Policies, facts: Facts, key: str
) -> None:
    """Unless a rule asks whether it is there: what is left out is unknown, which is never looser than what it was."""
    asks = any(_asks_for_existence(each) for rule in policies.rules for each in rule.when.arguments)
    left_out = replace(facts, arguments={name: each for name, each in facts.arguments.items() if name != key})
    if not asks:
        assert strictness(judged(policies, left_out).then) >= strictness(judged(policies, facts).then)


@given(policies=POLICIES, facts=FACTS)
def test_telling_no_amount_and_no_time_never_loosens(policies: Policies, facts: Facts) -> None:
    silent = replace(facts, amount=None, time=None)
    assert strictness(judged(policies, silent).then) >= strictness(judged(policies, facts).then)


@given(policies=POLICIES)
@example(Policies((Rule("r0", Then("deny", reason="1e3")), Rule("r1", Then("deny", reason="\u2028 x: - ")))))
def test_policies_read_back_the_same_from_json_and_from_yaml(policies: Policies) -> None:
    if policy_faults(policies):
        return
    assert read_document(written(policies)) == (policies, [])
    assert read_policies(written(policies)) == (policies, [])
    text = write_file(policies)
    assert read_file(text) == (policies, [])
    assert write_file(policies) == text


@given(body=DOCUMENTS)
def test_reading_is_total_and_a_document_without_faults_can_be_asked(body: object) -> None:
    policies, faults = read_document(body)
    assert (policies is None) == bool(faults)
    if policies is not None:
        judged(policies, Facts("refund", True, "low", "agent:a", "agent", {}))


def _asks_for_existence(condition: ArgumentCondition | Group) -> bool:
    if isinstance(condition, ArgumentCondition):
        return condition.exists is not None
    return any(map(_asks_for_existence, (*condition.all_of, *condition.any_of, *condition.none_of)))
