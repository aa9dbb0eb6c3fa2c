"""Sources in a form, and what a version changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tillhand_dashboard.domain.correcting import Change, changes, resting, resting_again, source_in

SOURCE: dict[str, Any] = {
    "document_id": "d",
    "title": "Returns",
    "start": 3,
    "end": 9,
    "quote": "A \u202eb",
    "stale": False,
}
CONTENT: dict[str, Any] = {
    "match": {"type": "meaning", "examples": ["Is it so?"], "threshold": 0.85},
    "answer": "Yes.",
    "sources": [SOURCE],
    "author": "otto",
    "expires_at": None,
}


def test_a_source_comes_back_from_its_form_as_it_was() -> None:
    field = resting(SOURCE)
    assert source_in(field.value) == {name: value for name, value in SOURCE.items() if name != "stale"}
    assert resting_again(field.value).text == field.text
    assert "\u202e" not in field.text
    assert resting({**SOURCE, "stale": True}).stale


@pytest.mark.parametrize(
    "field",
    ["{", "{}[", '{"start": NaN}', '{"title": "\\ud800"}', "doc", "doc 1 x", "[1]", "{" * 10_000],
    ids=["open", "after", "not a number", "half a character", "short", "no place", "list", "deep"],
)
def test_what_is_no_source_is_none(field: str) -> None:
    assert source_in(field) is None
    assert resting_again(field).value == field


def test_only_what_a_source_has_is_taken() -> None:
    assert source_in(json.dumps({**SOURCE, "more": 1, "url": ["x"], "end": None})) == {
        name: SOURCE[name] for name in ("document_id", "title", "start", "quote")
    }
    assert source_in("doc 1 2") == {"document_id": "doc", "start": 1, "end": 2}


def test_a_change_names_each_side() -> None:
    later = {
        **CONTENT,
        "match": {"type": "pattern", "pattern": "is * so"},
        "expires_at": datetime(2027, 1, 31, 23, 59, tzinfo=UTC),
    }
    assert changes(CONTENT, {**CONTENT}) == []
    assert changes(CONTENT, later) == [
        Change("Questions", "Is it so?", "is * so"),
        Change("Nearness", "0.85", None),
        Change("Good until", None, "2027-01-31 23:59 UTC"),
    ]
