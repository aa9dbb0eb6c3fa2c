"""Rules in words, and texts of policies with the lines of their places."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tillhand_dashboard.domain.policies import version
from tillhand_dashboard.domain.policy_text import compared, located, read, written
from tillhand_dashboard.domain.results import Fault

KEYS = st.text(max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
RULE = {
    "id": "small",
    "when": {
        "tools": ["stock_set", "*refund*"],
        "writes": True,
        "amount": {"lt": 5000, "currency": "EUR"},
        "arguments": [
            {"lte": 5, "gte": -5, "at": "/delta"},
            {"any_of": [{"at": "/reason", "eq": "count"}, {"at": "/reason", "exists": False}]},
        ],
        "time": {"ends": "18:00", "begins": "08:00", "days": ["mon", "tue"]},
    },
    "then": {
        "action": "require_approval",
        "approvals": 2,
        "roles": ["manager", "owner"],
        "escalate": {"after": "4h", "to": "owner"},
    },
}


def test_a_rule_is_told_in_words() -> None:
    policies = {"rules": [RULE, {"id": "all", "then": {"action": "allow"}}]}
    shown = version({"version": 2, "author": "ada", "created_at": None, "policies": policies}, {"all": 3, "default": 1})
    first, second = shown.rules
    assert dict(first.when) == {
        "tools": "stock_set, *refund*",
        "writes": "yes",
        "amount": "below 5000, in EUR",
        "arguments": "(/delta from -5, up to 5; any of (/reason is count; /reason is there: no))",
        "time": "on mon, tue, from 08:00, to 18:00",
    }
    assert first.terms == ["2 people", "each in one of the roles manager, owner", "after 4h asks owner"]
    assert shown.roles == ["manager", "owner"]
    assert (second.action, second.decided, shown.otherwise) == ("Done at once", 3, 1)


@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_a_text_reads_back_as_what_was_written_and_hides_nothing(document: dict[str, object]) -> None:
    text = written(document)
    found = read(text)
    assert found.wrong is None
    assert (found.document, found.text) == (document, text)
    assert all(each == "\n" or each.isprintable() for each in text)


@given(st.dictionaries(KEYS, JSON, max_size=4), st.data())
def test_each_place_is_told_at_the_line_that_holds_it(document: dict[str, object], data: st.DataObject) -> None:
    marked = {**document, "\x00marked": ["before", {"deep": "marked"}]}
    [wrong] = located(marked, [Fault("/\x00marked/1/deep", "is odd")])
    assert written(marked).split("\n")[wrong.line - 1].strip() == '"deep": "marked"'
    key = data.draw(st.sampled_from(sorted(marked)))
    [outside] = located(marked, [Fault(f"/{key.replace('~', '~0').replace('/', '~1')}/nowhere/9", "")])
    line = written(marked).split("\n")[outside.line - 1].strip()
    assert line.startswith(written(key))


def test_texts_are_compared_with_a_few_lines_around() -> None:
    before = {"rules": [{"id": str(number)} for number in range(9)]}
    after = {"rules": [{"id": "new"}, *before["rules"]]}
    assert compared(written(before), written(before)) == []
    lines = compared(written(before), written(after))
    assert [each.text.strip() for each in lines if each.kind == "added"] == ["{", '"id": "new"', "},"]
    assert len(lines) < len(json.dumps(after, indent=2).split("\n"))
