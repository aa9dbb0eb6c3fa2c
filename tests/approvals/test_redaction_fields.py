"""What becomes of structured values: by the names of their fields first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tillhand_approvals.adapters.redaction import redactor as module
from tillhand_approvals.adapters.redaction.engine import PresidioDetector
from tillhand_approvals.adapters.redaction.redactor import ThreadedRedactor
from tillhand_approvals.domain.redaction.policy import DEFAULT, FieldPolicy
from tillhand_approvals.domain.redaction.pseudonyms import pseudonym
from tillhand_approvals.domain.redaction.walking import Walk

KEY = b"k" * 32
_detector = PresidioDetector()


@pytest.fixture
async def redactor() -> AsyncIterator[ThreadedRedactor]:
    """A redactor with a key of its own."""
    made = ThreadedRedactor(KEY, _detector)
    yield made
    await made.aclose()


async def test_fields_decide_before_any_detector(redactor: ThreadedRedactor) -> None:
    value = {
        "sku": "EMMA-1",
        "product": {"title": "Emma Tote", "name": "Petra"},
        "customer": {"id": 17, "name": "Hope", "phone": 491234, "note": "call Ann Lee", "vip": True},
        "shipping_address": {"street": "unknown", "zip": 22767, "country": "DE"},
        "price": {"amount": 1299, "currency": "EUR"},
        "lines": [{"email": "a@example.com"}, {"email": None}],
    }
    done = await redactor.redact("one", value)
    assert done.value == {
        "sku": "EMMA-1",
        "product": {"title": "Emma Tote", "name": "Petra"},
        "customer": {
            "id": pseudonym(KEY, "one", "17"),
            "name": "[PERSON]",
            "phone": "[PHONE]",
            "note": "call [PERSON]",
            "vip": True,
        },
        "shipping_address": {"street": "[ADDRESS]", "zip": "[ADDRESS]", "country": "DE"},
        "price": {"amount": 1299, "currency": "EUR"},
        "lines": [{"email": "[EMAIL]"}, {"email": None}],
    }
    assert done.withheld == ()


async def test_what_a_figure_of_the_evidence_measures_is_kept_unless_it_names_somebody(
    redactor: ThreadedRedactor,
) -> None:
    measured = [{"name": "days of cover", "value": 3}, {"name": "orders of Ann Lee", "value": 1}]
    done = await redactor.redact("one", {"evidence": measured})
    assert [each["name"] for each in done.value["evidence"]] == ["days of cover", "orders of [PERSON]"]


async def test_findings_say_where_and_what_but_never_the_text(redactor: ThreadedRedactor) -> None:
    done = await redactor.redact("one", {"a/b": [{"note": "ask Ann Lee"}]})
    assert [(each.path, each.kind, each.start, each.end) for each in done.found] == [("/a~1b/0/note", "PERSON", 4, 11)]
    assert "Ann" not in repr(done)


async def test_redacting_a_value_twice_changes_nothing(redactor: ThreadedRedactor) -> None:
    value = {
        "customer_id": "C-17",
        "email": "a@example.com",
        "note": "Dear Ann Lee, a@example.com",
        "b@example.com": "Ann Lee",
    }
    once = await redactor.redact("one", value)
    twice = await redactor.redact("one", once.value)
    assert twice.value == once.value
    assert twice.found == ()


async def test_names_of_fields_are_looked_through_as_well(redactor: ThreadedRedactor) -> None:
    done = await redactor.redact("one", {"ann@example.com": 1, "bob@example.com": 2})
    assert list(done.value) == ["[EMAIL]", "[EMAIL]#1"]


def test_pseudonyms_are_stable_within_a_tenant_and_tell_nothing_across() -> None:
    same = {pseudonym(KEY, "one", each) for each in ("Ann@Example.com", " ann@example.com ")}
    assert len(same) == 1
    assert pseudonym(KEY, "one", "+49 40 66969-142") == pseudonym(KEY, "one", "0049 40 66969 142")
    assert pseudonym(KEY, "two", "ann@example.com") not in same
    assert pseudonym(b"other" * 7, "one", "ann@example.com") not in same
    assert same.pop().startswith("customer-")


def test_rules_of_ones_own_hold_over_the_default_ones() -> None:
    policy = DEFAULT.extended(["note: redact NOTE", "customer/name: keep", "order/*: keep"])
    assert policy.rule(["note"]).kind == "NOTE"
    assert policy.rule(["customer", "name"]).treatment == "keep"
    assert policy.rule(["name"]).treatment == "redact"
    assert policy.rule(["order", "remark"]).treatment == "keep"


@pytest.mark.parametrize("line", ["note", "note: burn", "a/b/c: keep", "note: redact A B"])
def test_a_rule_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="A rule is"):
        FieldPolicy().extended([line])


async def test_a_detector_that_fails_withholds_the_field_and_no_other() -> None:
    def detect(text: str) -> list[Any]:
        if "bad" in text:
            raise ValueError
        return []

    walk = Walk(detect, lambda _, kind: kind, lambda: False)
    done = walk.redacted({"a": "fine", "b": "bad", "c": [1, "fine"]})
    assert done.value == {"a": "fine", "b": "[WITHHELD]", "c": [1, "fine"]}
    assert done.withheld == ("/b",)


async def test_what_is_left_when_the_time_is_spent_is_withheld() -> None:
    left = iter([False, False, True, True])
    walk = Walk(lambda _: [], lambda _, kind: kind, lambda: next(left))
    done = walk.redacted({"a": "fine", "b": "fine", "c": "late", "sku": "kept", "d": "late"})
    assert done.value == {"a": "fine", "b": "fine", "c": "[WITHHELD]", "sku": "kept", "d": "[WITHHELD]"}
    assert done.withheld == ("/c", "/d")


async def test_a_value_without_time_shows_no_text_at_all() -> None:
    redactor = ThreadedRedactor(KEY, _detector, budget_s=-1.0)
    done = await redactor.redact("one", {"note": "Ann Lee", "rows": ["Ann Lee"]})
    await redactor.aclose()
    assert done.value == {"note": "[WITHHELD]", "rows": ["[WITHHELD]"]}


def test_a_value_that_is_withheld_as_a_whole_shows_no_field_that_may_be_personal() -> None:
    assert module.withheld({"note": "x", "ann@example.com": 1, "rows": [1], "more": {"a": 1}}) == {
        "note": "[WITHHELD]",
        "rows": [],
        "more": {},
    }


async def test_a_value_that_is_too_deep_is_withheld_where_it_is(redactor: ThreadedRedactor) -> None:
    value: Any = "Ann Lee"
    for _ in range(500):
        value = {"a": value}
    done = await redactor.redact("one", value)
    assert "Ann" not in repr(done.value)
    assert len(done.withheld) == 1


async def test_the_catalogue_of_a_tenant_is_learnt_for_that_tenant_alone(redactor: ThreadedRedactor) -> None:
    await redactor.learn("one", ["Zephrand Quist pump"])
    text = "I told him that my Zephrand Quist leaks"
    assert (await redactor.redact("one", text)).value == text
    assert (await redactor.redact("two", text)).value != text


def test_texts_for_logs_are_redacted_without_a_loop() -> None:
    redactor = ThreadedRedactor(KEY, _detector)
    assert redactor.redact_text("mail from ann@example.com") == (
        "mail from [EMAIL]",
        redactor.redact_now("", "mail from ann@example.com").found,
    )


async def test_the_key_of_pseudonyms_is_made_once(tmp_path: Path) -> None:
    first = module.open_redactor(tmp_path)
    second = module.open_redactor(tmp_path)
    assert await first.pseudonym("one", "C-17") == await second.pseudonym("one", "C-17")
    assert (tmp_path / "pseudonyms.key").stat().st_mode & 0o077 == 0
