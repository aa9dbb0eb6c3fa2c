"""Whether the sources hold an answer: the signs that they do not, and how they add up."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.embedder import PieceTokenizer
from tillhand_rag.domain.answers import Passage, as_meant, select_sentences
from tillhand_rag.domain.belief import CONFIDENCE, DOUBTS, LOGITS, assurance, confidence, doubts, evidence
from tillhand_rag.domain.counting import is_counted
from tillhand_rag.domain.cues import Cues
from tillhand_rag.domain.entities import designations, proper
from tillhand_rag.domain.expectations import expectation
from tillhand_rag.domain.forms import asks_definition
from tillhand_rag.domain.meanings import alike, bases
from tillhand_rag.domain.spelling import spelled
from tillhand_rag.domain.subjects import subject

SHOP = Passage(
    1,
    "manual",
    0,
    "Charging\n\nA full charge of the Arc 40 takes 2.5 hours. The Arc 40 weighs 98 g. We deliver to the United "
    "Kingdom. Eight people can take part.\n\nSKU: LUM-ARC40\nColour: black",
    "Lumbrit Arc 40: manual",
)
PLAIN = Cues(0.5, 0.0, 0.0, focused=False, lacking=False, echoing=False, foreign=0.0, rank=0, around=0.5)


def cues(question: str, sentence: str, passage: Passage = SHOP) -> Cues:
    return next(each.cues for each in select_sentences(question, [passage]) if sentence in each.text)


def words(text: str) -> list[tuple[int, int]]:
    """As if the embedder knew every word but those of the question that are written wrongly."""
    return [(start, end) for start, end in PieceTokenizer().offsets(text) if text[start:end].isalpha()]


@pytest.mark.parametrize(
    ("question", "sentence", "sign"),
    [
        ("How long does the Arc 55 take to charge?", "takes 2.5 hours", "misnamed"),
        ("How loud is the Arc 40?", "takes 2.5 hours", "unmeasured"),
        ("How many kilograms does the Arc 40 weigh?", "weighs 98 g", "unmeasured"),
        ("Which beam angle does the Arc 40 have?", "takes 2.5 hours", "evasive"),
        ("Is there a warranty for the Arc 40?", "takes 2.5 hours", "evasive"),
        ("How many batteries does the Arc 40 take?", "takes 2.5 hours", "uncounted"),
        ("What is an arc?", "takes 2.5 hours", "undefined"),
        ("How many hours does a charge take?", "Colour: black", "beside"),
    ],
)
def test_a_sentence_that_says_something_else_is_known_by_its_words(question: str, sentence: str, sign: str) -> None:
    assert getattr(cues(question, sentence), sign)


CHRISTMAS = "Orders placed between 15 November and 24 December can be returned until 31 January."


@pytest.mark.parametrize(
    ("question", "sentence", "narrowed"),
    [
        ("How long do I have to return an order?", CHRISTMAS, True),
        ("How long do I have to return a Christmas present?", CHRISTMAS, False),
        ("Can I return what I ordered on 3 December?", CHRISTMAS, False),
        ("When do you close?", "From 2 May the counter is open until six.", True),
        ("How long do I have to return an order?", "You can return an item until 31 January.", False),
        ("How long do I have to return an order?", "You may return an item within 30 days.", False),
        ("Who may return an order?", "Whoever may have lost the slip should ask us.", False),
    ],
)
def test_what_holds_for_a_time_of_the_year_steps_back_where_none_is_asked_about(
    question: str, sentence: str, narrowed: bool
) -> None:
    passage = Passage(chunk_id=1, document_id="r", start=0, text=sentence, context="Returns")
    assert cues(question, sentence, passage).narrowed == narrowed


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How long does the Arc 40 take to charge?", "takes 2.5 hours"),
        ("How heavy is the Arc 40?", "weighs 98 g"),
        ("How many grams does the Arc-40 weigh?", "weighs 98 g"),
        ("How many people can take part?", "Eight people"),
        ("What colour is the Arc 40?", "Colour: black"),
        ("Do you deliver to the UK?", "United Kingdom"),
        ("Do you send parcels to the United Kingdom on Sundays?", "United Kingdom"),
    ],
)
def test_a_sentence_that_answers_raises_no_doubt(question: str, sentence: str) -> None:
    assert not any(doubts(cues(question, sentence)).values())


def test_a_name_that_the_passage_lacks_is_foreign_and_a_form_of_it_is_not() -> None:
    german = replace(SHOP, text="The German road approval is printed below.", context="")
    assert cues("Is it approved in Germany?", "approval", german).foreign == 0
    assert cues("Is it approved in Iceland?", "approval", german).foreign == 1
    assert cues("Is it approved by the TUV?", "approval", german).foreign == 0.5, "an acronym may be spelled out"


def test_names_days_and_designations_are_told_apart() -> None:
    assert proper("Is the Ravine 47 sold in Berlin on Sundays?") == {"berlin"}
    assert designations("Does the WS-3 fit VIN-P21-S and a 47 mm tyre, or the Ravine 47?") == (
        "ws3",
        "vinp21s",
        "ravine47",
    )


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Which spoke length do I need?", ("spoke", "length")),
        ("Which fluid goes into the brake?", ("fluid",)),
        ("What artist provided the woodcuts?", ("artist",)),
        ("How many charging cycles does it survive?", ("charging", "cycles")),
        ("How wide is the beam?", ("wide",)),
        ("How much is it?", ()),
        ("Do you also sell bicycle trailers?", ("bicycle", "trailers")),
        ("Is there a toilet for customers?", ("toilet",)),
        ("Returns", ()),
    ],
)
def test_what_is_asked_about_is_known(question: str, asked: tuple[str, ...]) -> None:
    assert subject(question).words == asked


@pytest.mark.parametrize(
    ("question", "sentence", "told"),
    [
        ("What does it cost?", "It costs 4.90 EUR.", True),
        ("What does it cost?", "It is free of charge.", True),
        ("What does it cost?", "It takes 2 days.", False),
        ("Which torque do the bolts need?", "bolt: M6; torque_nm: 12", True),
        ("Which torque do the bolts need?", "Use 2 bolts.", False),
        ("What colour is it?", "It is black.", True),
        ("On which weekday is it sent?", "It is sent on Mondays.", True),
        ("On which weekday is it sent?", "It is sent by post.", False),
        ("How many grams does it weigh?", "It carries 250 kg.", False),
        ("How long does it last?", "It is new.", True),
    ],
)
def test_a_measure_is_told_by_its_unit(question: str, sentence: str, *, told: bool) -> None:
    assert expectation(question).unmeasured(sentence) is not told


def test_things_are_counted_by_a_figure_before_their_noun_or_behind_a_colon() -> None:
    assert is_counted("Eight of the new bikes are sold.", "bike")
    assert is_counted("Bikes: 8", "bike")
    assert not is_counted("Bikes cost 8 EUR.", "bike")


def test_other_words_for_the_same_count_less_than_the_word_itself() -> None:
    guarantee = replace(SHOP, text="The guarantee covers ten years.", context="")
    warranty, exact = (cues(f"How long is the {word}?", "guarantee", guarantee) for word in ("warranty", "guarantee"))
    assert 0 < warranty.held < exact.held
    assert alike("warranti") >= {"guarante"}
    assert bases("He sold tires") == bases("he sell tyre")


def test_only_a_plain_question_for_a_meaning_demands_a_definition() -> None:
    assert asks_definition("What is a thru axle?")
    assert asks_definition("What does PSI stand for?")
    assert not asks_definition("What is the express rate?")
    assert not asks_definition("What is balm used for?")


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("can i retrun a weel", "can i return a wheel"),
        ("waht does the gaurantee cover", "what does the guarantee cover"),
        ("Is it sold in Paderborn or by Wheelwright", "Is it sold in Paderborn or by Wheelwright"),
        ("does it cover boats", "does it cover boats"),
    ],
)
def test_slips_are_put_right_by_the_words_found(question: str, meant: str) -> None:
    known = [span for span in words(question) if question[slice(*span)] in meant.split()]
    assert spelled(question, ["The guarantee covers a wheel. Return it."], known) == meant


def test_a_word_that_the_embedder_knows_is_no_slip() -> None:
    passages = [replace(SHOP, text="The lever of the brake.")]
    assert as_meant("liver", passages, [(0, 5)]) == "liver"
    assert as_meant("liver", passages, [(0, 2), (2, 5)]) == "lever"


@given(cosine=st.floats(-1, 1), held=st.floats(0, 1), around=st.floats(0, 1), rank=st.integers(0, 4))
def test_more_agreement_never_means_less_confidence(cosine: float, held: float, around: float, rank: int) -> None:
    base = replace(PLAIN, held=held, around=around, rank=rank)
    sure = confidence(base, cosine=cosine)
    assert 0 <= sure <= 1
    assert confidence(base, cosine=min(1, cosine + 0.1)) >= sure
    assert confidence(replace(base, held=min(1, held + 0.1)), cosine=cosine) >= sure
    assert confidence(replace(base, around=min(1, around + 0.1)), cosine=cosine) >= sure
    assert confidence(replace(base, rank=rank + 1), cosine=cosine) <= sure


@pytest.mark.parametrize("doubt", DOUBTS)
def test_every_doubt_makes_less_sure(doubt: str) -> None:
    doubtful = Cues(**(asdict(PLAIN) | {doubt: True}))
    assert confidence(doubtful, cosine=0.6) < confidence(PLAIN, cosine=0.6)


def test_each_coefficient_has_its_number() -> None:
    assert evidence(PLAIN).keys() == LOGITS.keys()
    assert doubts(PLAIN).keys() == DOUBTS.keys()
    assert assurance(PLAIN, cosine=0.5).keys() == CONFIDENCE.keys()
    assert json.dumps([evidence(PLAIN), doubts(PLAIN), assurance(PLAIN, cosine=0.5)])
