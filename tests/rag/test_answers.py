"""Extractive answers: exact quotes, the right sentence, and the courage to decline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.embedder import HashingEmbedder
from tillhand_rag.domain.answers import (
    MAX_PASSAGES,
    MAX_QUOTES,
    MAX_SENTENCES,
    THRESHOLD,
    Passage,
    Selection,
    answer,
    check_citation,
    select_sentences,
)
from tillhand_rag.domain.expectations import expectation
from tillhand_rag.domain.forms import is_remark
from tillhand_rag.domain.quotables import LONGEST_QUOTE, quotables
from tillhand_rag.domain.words import corrected, names, terms

RETURNS = (
    "Returns\n\nYou can return an item within 30 days of delivery. The refund is issued within 5 working days after "
    "the inspection. Return parcels go to Speicherhof 12 in Hamburg.\n\nThese cannot be returned:\n\n"
    "- opened bottles of sealant\n- duplicate keys\n\nCan I return a gift?\n\nWrite to us with the order number."
)
SHIPPING = (
    "Standard delivery within Germany costs 4.90 EUR.\nExpress delivery costs 12.90 EUR: an express order placed "
    "before 12:00 arrives on the next working day.\n\nZone | Price\nZone 1 | 9.90 EUR\nZone 2 | 14.90 EUR"
)
PADDING = "\n\n"
RENTAL = (
    "Rental points\n\nLearn how to create and manage rental points in Tillhand.\n\nWe recommend a few settings to best \
support rental points in Tillhand.\n\nA rental point is a shop or kiosk that hands bicycles out and takes them back."
)
EXPORT = (
    "Exporting customers\n\nYou can watch this video demo to see how customers are exported to a file.\n\nExporting "
    "customers to a file is one of the most effective ways to keep customers.\n\n1. In the sidebar, go to People.\n"
    "2. Click Export in the top-right corner.\n  Figure: Export button\n3. Select CSV.\n\nThe file holds all columns."
)
DOCUMENTS = {"returns": PADDING + RETURNS, "shipping": SHIPPING, "rental": RENTAL, "export": EXPORT}
MANUAL = [Passage(11, "rental", 0, RENTAL, "Rental points"), Passage(12, "export", 0, EXPORT, "Exporting customers")]
PASSAGES = [
    Passage(7, "returns", len(PADDING), RETURNS, "Returns policy"),
    Passage(9, "shipping", 0, SHIPPING, "Shipping policy"),
]


async def ask(question: str, passages: Sequence[Passage] = PASSAGES) -> Selection:
    candidates = select_sentences(question, passages)
    vectors = await HashingEmbedder().embed([question, *(each.embedded_text for each in candidates)])
    return answer(vectors[0], candidates, vectors[1:])


def quoted(selection: Selection) -> list[str]:
    texts = {passage.chunk_id: DOCUMENTS[passage.document_id] for passage in (*PASSAGES, *MANUAL)}
    return [texts[quote.chunk_id][quote.start : quote.end] for quote in selection.quotes]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many days do I have to return an item after delivery?", "within 30 days of delivery."),
        ("When is the refund issued?", "within 5 working days after the inspection."),
        ("Where do return parcels go?", "in Hamburg."),
        ("How much is express delivery?", "Express delivery costs 12.90 EUR"),
        ("wich adress do retrun parcels go to", "in Hamburg."),
        ("What does a parcel to zone 2 cost?", "Zone 2 | 14.90 EUR"),
    ],
)
async def test_the_first_quote_holds_the_answer(question: str, expected: str) -> None:
    assert expected in quoted(await ask(question))[0]


async def test_a_question_about_something_else_is_less_sure_than_any_that_is_answered() -> None:
    known = await ask("How many days do I have to return an item after delivery?")
    foreign = await ask("Who won the Norwegian chess championship in 1987?")
    assert foreign.confidence < THRESHOLD <= known.confidence


async def test_a_list_item_is_quoted_with_the_words_that_introduce_it() -> None:
    quote = quoted(await ask("Can duplicate keys be returned?"))[0]
    assert quote.startswith("These cannot be returned:")
    assert quote.endswith("duplicate keys")


def test_a_long_list_does_not_make_a_long_quote() -> None:
    items = "\n".join(f"- article number {number} of the clearance sale" for number in range(40))
    passage = Passage(1, "list", 0, f"These cannot be returned:\n{items}\n- cut spokes", "")
    candidates = select_sentences("Can cut spokes be returned?", [passage])
    [last] = [each for each in candidates if each.text == "cut spokes"]
    assert last.quote_start == last.start
    assert all(each.quote_end - each.quote_start <= LONGEST_QUOTE for each in candidates)


async def test_a_question_for_a_whole_list_gets_the_list() -> None:
    quote = quoted(await ask("What cannot be returned?"))[0]
    assert "sealant" in quote
    assert quote.endswith("duplicate keys")


@pytest.mark.parametrize("question", ["What is a rental point in Tillhand?", "What does a rental point do?"])
async def test_a_definition_beats_sentences_that_mention_the_term(question: str) -> None:
    selection = await ask(question, MANUAL)
    assert quoted(selection)[0].startswith("A rental point is a shop")
    assert selection.confidence >= THRESHOLD


async def test_the_first_steps_beat_remarks_about_the_procedure_and_are_quoted_together() -> None:
    selection = await ask("How do I export customers to a file?", MANUAL)
    quote = quoted(selection)[0]
    assert quote.startswith("In the sidebar, go to People.")
    assert quote.endswith("Select CSV.")
    assert selection.confidence > (await ask("How do I bake bread?", MANUAL)).confidence


async def test_a_question_for_a_fact_is_not_answered_with_steps() -> None:
    assert quoted(await ask("Which columns does the exported file hold?", MANUAL))[0] == "The file holds all columns."


async def test_a_remark_about_the_document_is_never_the_first_quote() -> None:
    for question in ("Rental points in Tillhand?", "How are customers exported to a file?"):
        first = quoted(await ask(question, MANUAL))[0]
        assert not is_remark(first)


def test_steps_are_quoted_as_far_as_a_quote_may_be_long() -> None:
    text = "\n".join(f"{number}. Click the button number {number} at the top of the page." for number in range(1, 40))
    steps = quotables(text)
    assert [step.first for step in steps] == [True] + [False] * 38
    assert steps[0].steps_end - steps[0].start > LONGEST_QUOTE // 2
    assert steps[1].steps_start == steps[0].start
    assert steps[-1].steps_start == steps[-1].start
    assert all(step.steps_end - step.steps_start <= LONGEST_QUOTE for step in steps)


def test_a_passage_that_begins_amid_a_list_has_no_first_step() -> None:
    assert not any(each.first for each in quotables("4. Click Save.\n5. Click Close."))
    assert [each.lone for each in quotables("Click Save.\n\nIt takes a second.")] == [True, False]


def test_a_title_that_begins_its_passage_stands_above_it_and_is_not_quoted() -> None:
    text = "Zephyr 3 inflator: manual\n\nPart number ZEP-3.\n\nCare\n\nChange the filter once a year."
    told = [(each.heading, each.text) for each in quotables(text)]
    assert told == [
        ("Zephyr 3 inflator: manual", "Part number ZEP-3."),
        ("Zephyr 3 inflator: manual\nCare", "Change the filter once a year."),
    ]
    assert quotables("It is filled to 3 bar.\n\nClose the valve.")[0].text == "It is filled to 3 bar."


async def test_headings_and_questions_are_never_quoted() -> None:
    said = quoted(await ask("Can I return a gift? Returns"))
    assert not any(quote in {"Returns", "Can I return a gift?"} for quote in said)


async def test_what_two_passages_share_is_quoted_once() -> None:
    twice = [PASSAGES[0], Passage(8, "returns", len(PADDING), RETURNS, "Returns policy"), PASSAGES[1]]
    selection = await ask("When is the refund issued?", twice)
    spans = [(quote.start, quote.end) for quote in selection.quotes]
    assert len(set(spans)) == len(spans) == MAX_QUOTES


def test_no_more_is_embedded_than_was_promised() -> None:
    text = " ".join(f"Sentence number {number} speaks of parcels." for number in range(60))
    passages = [Passage(number, f"d{number}", 0, text, "Parcels") for number in range(9)]
    candidates = select_sentences("How many parcels are there?", passages)
    assert len(candidates) == MAX_SENTENCES
    assert {each.cues.rank for each in candidates} <= set(range(MAX_PASSAGES))


def test_what_is_embedded_is_never_longer_than_the_passage_with_its_context() -> None:
    for each in select_sentences("What does zone 2 cost?", PASSAGES):
        passage = next(passage for passage in PASSAGES if passage.chunk_id == each.chunk_id)
        assert len(each.embedded_text.split()) <= len(f"{passage.context} {passage.text}".split())


async def test_nothing_found_is_nothing_answered() -> None:
    assert not select_sentences("Anything?", [])
    selection = answer(np.ones(4, np.float32), [], np.empty((0, 4), np.float32))
    assert (selection.confidence, selection.quotes) == (0.0, ())


def test_vectors_that_do_not_fit_the_candidates_are_refused() -> None:
    candidates = select_sentences("refund?", PASSAGES)
    with pytest.raises(ValueError, match="vectors"):
        answer(np.ones(4, np.float32), candidates, np.ones((1, 4), np.float32))


WORDS = st.sampled_from(
    "return refund parcel 12.90 EUR. the days Zone | - : ? \n \n\n When How many in Hamburg, it zone é # cost".split(
        " "
    )
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)


@settings(max_examples=150)
@given(
    question=TEXTS.filter(str.strip),
    texts=st.lists(TEXTS, max_size=7),
    offset=st.integers(0, 5),
    seed=st.integers(0, 9),
)
def test_quotes_are_exact_and_confidence_is_a_probability(
    question: str, texts: list[str], offset: int, seed: int
) -> None:
    stored = [" " * offset + text for text in texts]
    passages = [Passage(place, f"d{place}", offset, text, "Title") for place, text in enumerate(texts)]
    candidates = select_sentences(question, passages)
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(len(candidates) + 1, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    selection = answer(vectors[0], candidates, vectors[1:])
    assert selection == answer(vectors[0], select_sentences(question, passages), vectors[1:])
    assert 0.0 <= selection.confidence <= 1.0
    assert len(selection.quotes) <= MAX_QUOTES
    assert bool(selection.quotes) == bool(candidates)
    for quote in selection.quotes:
        words = stored[quote.chunk_id][quote.start : quote.end]
        assert check_citation(stored[quote.chunk_id], quote.start, quote.end, words)
        assert words.strip() == words
        assert 0.0 <= quote.score <= 1.0


@pytest.mark.parametrize(
    ("start", "end", "quote", "holds"),
    [
        (0, 5, "Zürich"[:5], True),
        (0, 5, "Zuric", False),
        (-6, 6, "Zürich", False),
        (0, 7, "Zürich", False),
        (3, 3, "", False),
    ],
)
def test_a_citation_is_checked_to_the_character(start: int, end: int, quote: str, *, holds: bool) -> None:
    assert check_citation("Zürich", start, end, quote) is holds


def test_a_figure_from_the_question_is_no_answer() -> None:
    asked = expectation("How many points did they score in 1999?")
    assert asked.kind == "number"
    assert asked.focus == "point"
    assert asked.lacking("They scored in 1999.")
    assert not asked.lacking("In 1999 they scored 308 points.")


@pytest.mark.parametrize(
    ("question", "kind", "holds", "lacks"),
    [
        ("How often should I bleed it?", "duration", "Bleed it every 24 months.", "It is a two-piston brake."),
        ("How much does it cost?", "money", "It is free of charge.", "It is sold singly."),
        ("What percentage voted?", "percentage", "About 60 % did.", "Most of them did."),
        ("When was it founded?", "time", "It was founded in 2011.", "It was founded long ago."),
        ("Who designed it?", "person", "It was drawn by Ada Lovelace.", "It was drawn by hand."),
        ("Where is the label?", "place", "It is on the chin strap.", "It says nothing."),
        ("How do I return it?", "manner", "Choose Return items.", "It is returned rarely."),
        ("Why was it stopped?", "reason", "It stopped because of frost.", "It stopped."),
    ],
)
def test_the_kind_of_answer_is_expected_and_found(question: str, kind: str, holds: str, lacks: str) -> None:
    asked = expectation(question)
    assert asked.kind == kind
    assert not asked.lacking(holds)
    assert asked.lacking(lacks)


def test_an_open_question_expects_no_kind() -> None:
    assert not expectation("Can gift cards be returned?").lacking("No.")


def test_words_are_stemmed_common_ones_dropped_and_slips_forgiven() -> None:
    assert terms("How do the returns of helmets work?") == ("return", "helmet", "work")
    assert terms("Who is it?") == ("who", "is", "it")
    assert corrected(["waranty", "ab", "40x"], {"warranti", "abc", "40"}) == ("warranti", "ab", "40x")


def test_names_and_figures_are_meant_literally() -> None:
    assert names("Do you ship the VIN-V2 to Japan?") == {"vin", "v2", "japan"}
    assert names("Where Is My Order Now Please") == frozenset()
