"""One form of JSON for digests: RFC 8785, and nothing that could be read in two ways."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tillhand_approvals.domain.canonical import DEEPEST, canonical, digest_of, parsed
from tillhand_approvals.errors import UncanonicalJson

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not 2**53 <= abs(number) < 1e21)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6) | st.text(
    st.sampled_from('a\ue000\U0001f600\x1f"\\/')
)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5))


class Word(enum.StrEnum):
    """A text that is more than a text."""

    YES = "yes"


def nested(depth: int) -> Any:  # noqa: ANN401  # any JSON
    """A value within this many lists."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def place_of(raiser: Callable[[], object]) -> str | None:
    """Where JSON is refused."""
    with pytest.raises(UncanonicalJson) as refusal:
        raiser()
    return refusal.value.field


@given(value=JSON)
def test_the_form_is_that_of_the_reference_whichever_way_it_was_made(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON
    assert json.loads(canonical(value)) == value
    assert digest_of(value) == hashlib.sha256(canonical(value)).hexdigest()


@given(value=JSON)
def test_what_was_written_reads_back_to_the_same_form(value: object) -> None:
    assert canonical(parsed(canonical(value))) == canonical(value)
    assert canonical(parsed(json.dumps(value))) == canonical(value)


def test_the_quick_way_is_not_taken_where_it_would_differ() -> None:
    for value in (
        {"\U0001f600": 1, "\ue000": 2},
        [1e21, -1e22, 1e15, 0.1, -0.0, 5e-324],
        {"when": Word.YES},
        {Word.YES: (1, 2)},
    ):
        assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON
    assert orjson.dumps({"\U0001f600": 1, "\ue000": 2}, option=orjson.OPT_SORT_KEYS) != canonical(
        {"\U0001f600": 1, "\ue000": 2}
    )


def test_known_values_have_known_digests() -> None:
    value = {"b": [1.0, 1e30, 4.50, '\u20ac$\u000f\nA\'B"\\\\"/'], "a": None}
    assert canonical(value).decode() == '{"a":null,"b":[1,1e+30,4.5,"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"]}'
    assert digest_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, float("nan")]}, "/a/1"),
        ({"a": float("inf")}, "/a"),
        ({"n/m": {"~": 2**53}}, "/n~1m/~0"),
        (-(2**53), "/"),
        ([2.0**53], "/0"),
        ([-9.999e20], "/0"),
        (10**30, "/"),
        ({"a": "\ud800"}, "/a"),
        ({"\udfff": 1}, "/"),
        ({"a": {1: 2}}, "/a"),
        ({"a": b"bytes"}, "/a"),
        ({"a": {1, 2}}, "/a"),
        (nested(DEEPEST + 1), "/0" * (DEEPEST + 1)),
    ],
)
def test_what_has_no_form_is_refused_at_its_place(value: object, place: str) -> None:
    assert place_of(lambda: canonical(value)) == place


def test_as_deep_as_allowed_is_taken() -> None:
    assert canonical(nested(DEEPEST)) == b"[" * DEEPEST + b"1" + b"]" * DEEPEST


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1, "a": 1}', "/"),
        ('{"x": [{"a": 1, "b": 2, "a": 3}]}', "/x/0"),
        ('{"x": NaN}', "/x"),
        ('{"x": -Infinity}', "/x"),
        ('{"x": 1e999}', "/x"),
        ('{"x": 9007199254740993}', "/x"),
        ('{"x": ' + "9" * 10_000 + "}", "/x"),
        (r'{"x": "\ud800"}', "/x"),
        ("[" * 100_000, "/"),
        ("[" * 200 + "]" * 200, "/0" * (DEEPEST + 1)),
        ("{", "/"),
        (b"\xff", "/"),
    ],
)
def test_text_that_could_be_read_in_two_ways_is_refused_at_its_place(text: str | bytes, place: str) -> None:
    assert place_of(lambda: parsed(text)) == place


def test_a_refusal_tells_no_value() -> None:
    with pytest.raises(UncanonicalJson) as refusal:
        canonical({"card": 4_111_111_111_111_111_111})
    assert "4111" not in json.dumps(refusal.value.document())
