"""What a person has changed: a patch that leads there, the same each time, and tells only redacted values."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import jsonpatch
import jsonpointer
from hypothesis import given
from hypothesis import strategies as st

from tillhand_approvals.domain.canonical import canonical
from tillhand_approvals.domain.changes import HIDDEN, Changed, patch, redacted_patch, summary

LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "a", "b", ""])
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab/~0"), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c/d", "~"]), JSON, max_size=4)
PLAIN = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "c_d"]), inner, max_size=4),
    max_leaves=12,
)
NAMED = st.dictionaries(st.sampled_from(["a", "b", "c_d"]), PLAIN, max_size=4)
"""Objects with keys that a program gives."""


def masked(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """The same shape with no value in it."""
    if isinstance(value, dict):
        return {key: masked(each) for key, each in value.items()}
    return [masked(each) for each in value] if isinstance(value, list) else HIDDEN


@given(before=OBJECTS, after=OBJECTS)
def test_a_patch_leads_from_one_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    operations = patch(before, after)
    assert canonical(jsonpatch.apply_patch(before, operations)) == canonical(after)
    assert (operations == []) == (canonical(before) == canonical(after))


@given(before=OBJECTS, after=OBJECTS)
def test_what_an_operation_puts_in_stands_at_its_path_in_the_end(before: dict[str, Any], after: dict[str, Any]) -> None:
    for each in patch(before, after):
        assert each["op"] in {"add", "remove", "replace"}
        if "value" in each:
            assert canonical(jsonpointer.resolve_pointer(after, each["path"])) == canonical(each["value"])


def test_a_key_that_no_program_has_named_is_hidden_in_the_paths_of_a_patch() -> None:
    after = {"to": {"ann@example.com": 1}, "lines": [1, 2]}
    operations = redacted_patch(patch({"to": {}, "lines": [1]}, after), masked(after))
    assert sorted(each["path"] for each in operations) == ["/lines/1", f"/to/{HIDDEN}"]


@given(before=NAMED, after=NAMED)
def test_a_redacted_patch_tells_what_the_redacted_form_tells(before: dict[str, Any], after: dict[str, Any]) -> None:
    operations = redacted_patch(patch(before, after), masked(after))
    assert [each["path"] for each in operations] == [each["path"] for each in patch(before, after)]
    assert jsonpatch.apply_patch(masked(before), operations) == masked(after)


@given(before=OBJECTS, after=OBJECTS)
def test_a_summary_tells_what_stood_there_when_each_change_was_made(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    operations = patch(before, after)
    stage = before
    for each, told in zip(operations, summary(operations, before, after), strict=True):
        assert told.path == each["path"]
        assert told.before == (None if each["op"] == "add" else jsonpointer.resolve_pointer(stage, each["path"]))
        assert told.after == (None if each["op"] == "remove" else jsonpointer.resolve_pointer(after, each["path"]))
        stage = jsonpatch.apply_patch(stage, [each])


def test_a_summary_reads_as_people_would_say_it() -> None:
    before = {"to": "ann@shop.example", "lines": ["a", "b", "c"], "note": "x"}
    after = {"to": "bob@shop.example", "lines": ["b", "c"], "urgent": True}
    shown = (
        {"to": "[EMAIL]", "lines": ["a", "b", "c"], "note": "x"},
        {"to": "[EMAIL]", "lines": ["b", "c"], "urgent": True},
    )
    assert summary(patch(before, after), *shown) == [
        Changed("/note", "removed", "x", None),
        Changed("/urgent", "added", None, True),
        Changed("/lines/0", "removed", "a", None),
        Changed("/to", "replaced", "[EMAIL]", "[EMAIL]"),
    ]


def test_a_redacted_form_of_another_shape_tells_nothing() -> None:
    operations = patch({"a": {"b": 1, "c": [1, 2]}}, {"a": {"b": 2, "c": [2]}})
    assert {each.get("value", HIDDEN) for each in redacted_patch(operations, {"a": "[WITHHELD]"})} == {HIDDEN}
    assert {each.before for each in summary(operations, {"a": "[WITHHELD]"}, {})} == {HIDDEN}


def test_one_and_true_are_two_things_and_one_and_one_point_nought_are_not() -> None:
    assert patch({"a": 1}, {"a": True}) == [{"op": "replace", "path": "/a", "value": True}]
    assert patch({"a": 1}, {"a": 1.0}) == []


def test_a_patch_is_the_same_in_every_process_and_for_every_order_of_members() -> None:
    code = (
        "from tillhand_approvals.domain.changes import patch;"
        "a = {k: 1 for k in 'abcdef'}; b = {k: [k] for k in 'bdfghi'};"
        "print(patch(a, b) == patch(dict(reversed(a.items())), dict(reversed(b.items()))), patch(a, b))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert told.pop().startswith("True ")
