"""What sets two questions apart that are near each other in meaning."""

from __future__ import annotations

import pytest

from tillhand_rag.domain.likeness import difference, traits


def differ(one: str, other: str) -> str | None:
    forth, back = difference(traits(one), traits(other)), difference(traits(other), traits(one))
    assert forth == back
    return forth


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Which fluid goes into the Vintoro V2?", "Which fluid goes into the Vintoro V4?", "number"),
        ("When is an 11-speed chain worn?", "When is a chain worn?", "number"),
        ("What does shipping to Austria cost?", "What does shipping to Norway cost?", "name"),
        ("What does shipping cost?", "What does shipping to Norway cost?", "name"),
        ("Can I return a used helmet?", "Can I not return a used helmet?", "negation"),
        ("Can it be used with a lock?", "Can it be used without a lock?", "negation"),
        ("Why can't I log in?", "Why can I log in?", "negation"),
        ("Who founded the shop?", "When was the shop founded?", "kind"),
        ("Who founded the shop?", "Where was the shop founded?", "kind"),
        ("What is the charging time?", "Why does it charge?", "kind"),
    ],
)
def test_what_no_paraphrase_changes_sets_questions_apart(one: str, other: str, why: str) -> None:
    assert differ(one, other) == why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does shipping to Austria cost?", "how much is shipping to austria"),
        ("How many days do I have to return it?", "What is the return period?"),
        ("May I put five of them on it?", "Can I put 5 on it?"),
        ("Do you sell bicycles?", "Can I buy a bicycle from you"),
        ("When does a gift voucher expire?", "How long is a gift voucher valid?"),
    ],
)
def test_the_same_question_in_other_words_is_not_set_apart(one: str, other: str) -> None:
    assert differ(one, other) is None
