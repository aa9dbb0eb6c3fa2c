"""Passages: exact, complete, within the embedder's limit, and unmoved by edits elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.embedder import PieceTokenizer
from tests.fakes.files import parse
from tillhand_rag.adapters.chunking import Chunker
from tillhand_rag.domain.documents import Chunk, Heading, Page, ParsedDocument

LIMIT = 64
CHUNKER = Chunker(PieceTokenizer(), LIMIT)

WORDS = st.sampled_from(
    "return parcel refund kettle warranty thirty days shipping customer approves order the and of".split()
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=14).map(lambda words: " ".join(words).capitalize() + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=5).map(" ".join)
LISTS = st.lists(SENTENCES, min_size=1, max_size=6).map(lambda items: "\n".join(f"- {item}" for item in items))
ODDITIES = st.sampled_from(
    ["x" * 400, "商品は三十日以内に返品できます。" * 12, "a.b" * 60, "\ufffd" * 90, "é\u0327 ü" * 40, "=" * 200]
)
BLOCKS = st.one_of(PARAGRAPHS, LISTS, ODDITIES)
SECTIONS = st.lists(
    st.tuples(st.integers(1, 4), st.lists(WORDS, min_size=1, max_size=4), st.lists(BLOCKS, max_size=4)), max_size=8
)


def document(sections: list[tuple[int, list[str], list[str]]], opening: str = "") -> ParsedDocument:
    """A document of (level, heading words, blocks)."""
    text = opening
    headings = []
    for level, words, blocks in sections:
        text += "\n\n" if text else ""
        title = " ".join(words)
        headings.append(Heading(level, title, len(text)))
        text += "\n\n".join([title, *blocks])
    return ParsedDocument(title="Handbook", text=text, media_type="text/markdown", headings=headings)


def embedded(parsed: ParsedDocument, chunker: Chunker = CHUNKER) -> list[str]:
    return [chunker.embedded_text(parsed, chunk) for chunk in chunker.split(parsed)]


def prose(subject: str, sentences: int) -> str:
    return " ".join(f"Sentence {number} says a little more about {subject}." for number in range(sentences))


@settings(deadline=None)
@given(sections=SECTIONS, opening=st.one_of(st.just(""), BLOCKS))
def test_chunks_are_exact_complete_ordered_and_within_the_limit(
    sections: list[tuple[int, list[str], list[str]]], opening: str
) -> None:
    parsed = document(sections, opening)
    chunks = CHUNKER.split(parsed)
    position = 0
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert not parsed.text[position : chunk.start].strip(), "nothing lies between two chunks"
        passage = parsed.text[chunk.start : chunk.end]
        assert passage == passage.strip() != ""
        text = CHUNKER.embedded_text(parsed, chunk)
        assert text.endswith(passage)
        assert chunk.tokens == PieceTokenizer().count(text) <= LIMIT
        position = chunk.end
    assert not parsed.text[position:].strip(), "nothing is left over"
    assert CHUNKER.split(parsed) == chunks


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_an_edit_in_one_section_leaves_what_is_embedded_for_the_others(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 6))
    bodies = [[prose(f"topic {number}", data.draw(st.integers(4, 30)))] for number in range(count)]
    levels = [data.draw(st.integers(1, 3)) for _ in range(count)]
    sections = [
        (level, [f"Topic {number}"], body) for number, (level, body) in enumerate(zip(levels, bodies, strict=True))
    ]
    edited = data.draw(st.integers(0, count - 1))
    changed = list(sections)
    changed[edited] = (levels[edited], [f"Topic {edited}"], [prose("something else", data.draw(st.integers(4, 30)))])
    before, after = embedded(document(sections)), embedded(document(changed))
    own = re.compile(rf"about topic {edited}\b")
    untouched = [text for text in before if not own.search(text)]
    assert [text for text in after if "something else" not in text] == untouched


def test_an_edit_among_small_sections_moves_only_its_neighbours() -> None:
    def questions(answer: str) -> ParsedDocument:
        answers = [answer if number == 20 else f"Answer number {number} is short." for number in range(40)]
        return document([(2, ["Question", str(number)], [text]) for number, text in enumerate(answers)])

    chunker = Chunker(PieceTokenizer(), 256)
    before, after = embedded(questions("Yes."), chunker), embedded(questions(prose("exceptions", 9)), chunker)
    assert len(set(after) - set(before)) <= 3
    assert len(before) < 25, "small sections share passages"


def test_a_long_text_falls_back_into_step_after_an_edit() -> None:
    rows = [f"Part: P-{number}; Price: {number * 7 % 90}.50; Stock: {number % 13}" for number in range(300)]
    parsed = ParsedDocument(title="Parts", text="\n".join(rows), media_type="text/csv")
    edited = replace(parsed, text="\n".join([*rows[:10], "Part: NEW; Price: 1.00; Stock: 1", *rows[10:]]))
    before, after = embedded(parsed), embedded(edited)
    assert len(set(after) - set(before)) <= len(before) // 8


def test_rows_and_sentences_stay_whole_where_they_can() -> None:
    rows = [f"Zone: {number}; Standard: 4.90; Express: 9.90" for number in range(30)]
    text = prose("returns", 40) + "\n\n" + "\n".join(rows)
    parsed = ParsedDocument(title="Rates", text=text, media_type="text/plain")
    for chunk in CHUNKER.split(parsed):
        passage = text[chunk.start : chunk.end]
        assert passage.startswith(("Sentence", "Zone"))
        assert passage.endswith((".", "9.90"))


def test_pieces_of_a_section_are_filled_evenly() -> None:
    parsed = ParsedDocument(title="", text=prose("returns", 9), media_type="text/plain")
    sizes = [chunk.tokens for chunk in CHUNKER.split(parsed)]
    assert len(sizes) > 1
    assert max(sizes) < 2 * min(sizes)


def test_a_section_that_fits_stays_whole_and_a_longer_one_is_cut_to_the_target() -> None:
    chunker = Chunker(PieceTokenizer(), 128, target_tokens=64)
    fitting, longer = prose("returns", 8), prose("customs", 20)
    (whole,) = chunker.split(ParsedDocument(title="", text=fitting, media_type="text/plain"))
    assert whole.tokens > 64
    assert all(
        chunk.tokens <= 64 for chunk in chunker.split(ParsedDocument(title="", text=longer, media_type="text/plain"))
    )


def test_the_context_names_title_and_headings_that_the_passage_does_not() -> None:
    parsed = parse(
        f"---\ntitle: Returns\n---\n## Abroad\n\n{prose('customs', 12)}\n\n### Japan\n\n{prose('Tokyo', 12)}\n", "r.md"
    )
    first, *more = CHUNKER.split(parsed)
    assert (first.context, first.heading_path) == ("", ("Returns", "Abroad"))
    abroad = [chunk for chunk in more if chunk.heading_path == ("Returns", "Abroad")]
    assert {chunk.context for chunk in abroad} == {"Returns > Abroad"}
    japan = [chunk for chunk in more if chunk.heading_path == ("Returns", "Abroad", "Japan")]
    assert japan[0].context == "Returns > Abroad"
    assert {chunk.context for chunk in japan[1:]} == {"Returns > Abroad > Japan"}


def test_a_heading_without_text_goes_with_the_section_below_it() -> None:
    parsed = document([(1, ["Fees"], []), (2, ["Domestic"], [prose("parcels", 5)])])
    (chunk,) = Chunker(PieceTokenizer(), 256).split(parsed)
    assert parsed.text[chunk.start : chunk.end].startswith("Fees\n\nDomestic\n\nSentence 0")
    assert chunk.heading_path == ("Fees", "Domestic")


def test_small_neighbours_share_a_passage_under_their_common_heading() -> None:
    parsed = document(
        [(1, ["Fees"], ["All fees."]), (2, ["Letters"], ["Two euros."]), (2, ["Parcels"], ["Five euros."])]
    )
    chunks = Chunker(PieceTokenizer(), 256).split(parsed)
    assert [chunk.heading_path for chunk in chunks] == [("Fees",)]


def test_a_section_never_shares_a_passage_with_one_above_it() -> None:
    sections = [(1, ["A"], [prose("a", 20)]), (2, ["B"], ["Short."]), (1, ["C"], ["Brief."])]
    chunks = Chunker(PieceTokenizer(), 256).split(document(sections))
    assert [chunk.heading_path for chunk in chunks] == [("A",), ("A", "B"), ("C",)]


def test_a_chunk_knows_the_page_on_which_it_begins() -> None:
    first, second = prose("page one", 12), prose("page two", 12)
    parsed = ParsedDocument(
        title="Manual",
        text=f"{first}\n\n{second}",
        media_type="application/pdf",
        pages=[Page(1, 0, len(first) + 2), Page(2, len(first) + 2, len(first) + 2 + len(second))],
    )
    for chunk in CHUNKER.split(parsed):
        assert chunk.page == (1 if chunk.start < len(first) else 2)


@pytest.mark.parametrize("title", ["word " * 300, "x" * 2_000, "商品" * 200])
def test_a_title_of_any_length_leaves_room_for_the_passage(title: str) -> None:
    parsed = ParsedDocument(
        title=title.strip(), text=prose("returns", 20), media_type="text/plain", headings=[Heading(1, title.strip(), 0)]
    )
    chunks = CHUNKER.split(parsed)
    assert all(PieceTokenizer().count(chunk.context) <= LIMIT // 8 + 2 for chunk in chunks)
    assert len(chunks) < 20


def test_a_tokenizer_that_counts_more_in_the_passage_than_in_the_text_is_obeyed() -> None:
    class Contrary(PieceTokenizer):
        """Counts half as much again as it showed."""

        def count(self, text: str) -> int:
            return super().count(text) * 3 // 2

    chunker = Chunker(Contrary(), LIMIT)
    parsed = ParsedDocument(title="T", text=prose("returns", 40), media_type="text/plain")
    chunks: list[Chunk] = chunker.split(parsed)
    assert max(chunk.tokens for chunk in chunks) <= LIMIT
    assert "".join(parsed.text[chunk.start : chunk.end] for chunk in chunks).replace(" ", "") == parsed.text.replace(
        " ", ""
    )


def test_a_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 18"):
        Chunker(PieceTokenizer(), 17)


def test_an_empty_text_has_no_chunks() -> None:
    assert CHUNKER.split(ParsedDocument(title="T", text="", media_type="text/plain")) == []
