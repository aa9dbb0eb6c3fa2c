"""Server-sent events are the same events wherever their bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_common.sse_reader import MAX_EVENT_BYTES, EventDecoder, EventOversized, ReceivedEvent

LINE_ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
# no line ends of a stream in the text itself, but every other one that Unicode has
TEXTS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


def decoded(chunks: list[bytes]) -> list[ReceivedEvent]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + list(decoder.close())


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    bounds = sorted({0, len(whole), *(place % (len(whole) + 1) for place in places)})
    return [whole[start:end] for start, end in pairwise(bounds)]


@given(
    st.lists(st.lists(TEXTS, min_size=1, max_size=3), max_size=4),
    LINE_ENDS,
    st.lists(st.integers(min_value=0), max_size=8),
)
def test_events_survive_every_cut_and_every_line_end(
    events: list[list[str]], line_end: bytes, places: list[int]
) -> None:
    lines = [[b"data: " + text.encode() for text in texts] for texts in events]
    whole = b"".join(line_end.join([*each, b": a comment", b"", b""]) for each in lines)
    expected = [ReceivedEvent("\n".join(texts).encode()) for texts in events]
    assert decoded(cut(whole, places)) == decoded(cut(whole, [*range(len(whole))])) == expected


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=8))
def test_no_bytes_whatever_are_read_differently_when_cut(whole: bytes, places: list[int]) -> None:
    assert decoded(cut(whole, places)) == decoded([whole])


def test_an_event_keeps_its_mark_to_itself() -> None:
    assert decoded([b"event: error\ndata: 1\n\ndata: 2\n\nerror: 3\n\ndata: 4\n\n"]) == [
        ReceivedEvent(b"1", "error"),
        ReceivedEvent(b"2"),
        ReceivedEvent(b"3", "error"),
        ReceivedEvent(b"4"),
    ]


def test_the_last_id_holds_until_another_is_named() -> None:
    assert [event.id for event in decoded([b"data: 1\n\nid: 7\ndata: 2\n\ndata: 3\n\n"])] == [None, "7", "7"]


def test_an_event_without_end_is_not_kept_forever() -> None:
    with pytest.raises(EventOversized):
        decoded([b"data: "] + [b"x" * 1024] * (MAX_EVENT_BYTES // 1024 + 1))
