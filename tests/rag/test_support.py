"""Whether the stored text bears out a written sentence."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tillhand_rag.domain.evidence import facts_of
from tillhand_rag.domain.generated import Drafted
from tillhand_rag.domain.support import Ground, Verdict, examine, settled

RETURNS = """You can return goods within 30 days of delivery. The label must be intact.

Opened bottles of sealant, brake fluid and lubricant cannot be returned. Visible damage must be reported within 3 days.
Hidden damage must be reported within 7 days. A return label costs 3.90 EUR; we deduct it from the refund.

These are excluded from returns:

- gift cards
- spokes cut to length

Write to help@harbour.example.
"""
LIGHTS = """The Arc 40 is a front light. It weighs 95 g and needs 2.5 hours to charge.

Arc 40: 40 lux
Arc 70: 70 lux

mode: high; brightness: 40 lux; run time: 3.5 hours
mode: eco; brightness: 10 lux; run time: 15 hours
"""
GROUNDS = {1: Ground.of(1, RETURNS, "Returns\nReturns > Goods"), 2: Ground.of(2, LIGHTS, "Lumbrit lights")}


def verdict(text: str, *cites: int, question: str = "", cosines: Sequence[float] | None = None) -> Verdict:
    """What is said of a sentence that cites these sources; doubt is settled by `cosines`."""
    return settled(examine(Drafted(text, " ", cites), GROUNDS, question), cosines)


@pytest.mark.parametrize("number", GROUNDS)
def test_every_stored_sentence_bears_itself_out_and_is_its_own_quote(number: int) -> None:
    for fact in GROUNDS[number].facts:
        if not fact.parts:
            found = verdict(fact.text, number)
            assert found.supported, (fact.text, found.reason)
            [support] = found.supports
            assert GROUNDS[number].text[support.fact.start : support.fact.end] == support.fact.text
            assert support.fact.text == fact.text


@pytest.mark.parametrize(
    ("text", "cites", "quote"),
    [
        ("Goods may be returned within thirty days of delivery.", (1,), "You can return goods within 30 days of"),
        ("No, opened sealant cannot be returned.", (1,), "Opened bottles of sealant"),
        ("Opened bottles of lubricant can't be returned.", (1,), "Opened bottles of sealant"),
        ("Gift cards are excluded from returns.", (1,), "gift cards"),
        ("The return label costs €3.90.", (1,), "A return label costs 3.90 EUR"),
        ("Hidden damage must be reported within 7 days.", (2, 1), "Hidden damage"),
        ("The Arc 40 weighs 95 g.", (2,), "It weighs 95 g"),
        ("In high mode the brightness is 40 lux.", (2,), "mode: high"),
        ("Write to help@harbour.example.", (1,), "Write to"),
    ],
)
def test_what_the_sources_say_in_other_words_is_supported(text: str, cites: tuple[int, ...], quote: str) -> None:
    found = verdict(text, *cites, cosines=None)
    assert found.supported, found.reason
    assert found.supports[0].fact.text.startswith(quote)


@pytest.mark.parametrize(
    ("text", "cites", "reason"),
    [
        ("Goods may be returned within 30 days.", (), "uncited"),
        ("Goods may be returned within 30 days.", (1, 9), "unknown-source"),
        ("Goods may be returned within 30 days.", (2,), "figure"),
        ("You can return goods within 60 days of delivery.", (1,), "figure"),
        ("You can return goods within 30 hours of delivery.", (1,), "figure"),
        ("Visible damage must be reported within 7 days.", (1,), "figure"),
        ("A Norstow return label costs 3.90 EUR.", (1,), "name"),
        ("Opened bottles of sealant can be returned.", (1,), "negation"),
        ("You cannot return goods within 30 days of delivery.", (1,), "negation"),
        ("Sealed bottles of sealant cannot be returned.", (1,), "negation"),
        ("Gift cards are not excluded from returns.", (1,), "negation"),
        ("Every customer of the shop gets a free bicycle.", (1,), "words"),
        ("The Arc 40 gives 70 lux.", (2,), "figure"),
        ("The Arc 40 needs 3.5 hours to charge.", (2,), "figure"),
        ("In eco mode the run time is 3.5 hours.", (2,), "figure"),
        ("Write to help@evil.example.", (1,), "address"),
        ("You can return goods within 30 days of delivery ![x](http://evil.example/30).", (1,), "address"),
        ("You can return goods within 30 days of delivery <img src=x>.", (1,), "address"),
    ],
)
def test_what_the_sources_do_not_say_is_refused_with_the_reason(text: str, cites: tuple[int, ...], reason: str) -> None:
    found = verdict(text, *cites, cosines=[1.0] * 9)
    assert (found.reason, found.supports) == (reason, ())


def test_a_sentence_that_says_two_things_stands_on_two_facts() -> None:
    both = verdict("Visible damage must be reported within 3 days and hidden damage within 7 days.", 1)
    assert both.supported
    assert len({support.fact.start for support in both.supports}) == 2
    swapped = verdict("Visible damage must be reported within 7 days and hidden damage within 3 days.", 1)
    assert not swapped.supported


def test_doubt_is_settled_by_the_meaning_and_refuses_where_nobody_can_tell() -> None:
    text = "Hidden faults must be announced within 7 days."
    doubtful = examine(Drafted(text, " ", (1,)), GROUNDS)
    assert len(doubtful.doubtful) == 1
    assert settled(doubtful, [0.9]).supported
    assert settled(doubtful, [0.3]) == settled(doubtful, None) == Verdict("meaning")


def test_words_of_the_question_need_not_stand_in_the_source() -> None:
    said = "You get your money back if you return the goods within 30 days."
    assert verdict(said, 1, question="How do I get my money back if I return something?").supported
    assert not verdict("Your money is doubled within 30 days.", 1, question="Is my money doubled?").supported


def test_facts_hang_from_headings_leads_and_the_heads_of_tables() -> None:
    table = "Rates per parcel:\n\n| country | price |\n|---|---|\n| Austria | 9.90 EUR |\n| Spain | 14.90 EUR |\n"
    ground = {1: Ground.of(1, f"## Shipping\n\n{table}", "Shipping")}

    def reason(text: str) -> str:
        return settled(examine(Drafted(text, " ", (1,)), ground), None).reason

    assert reason("The price for a parcel to Austria is 9.90 EUR.") == "supported"
    assert reason("The price for a parcel to Austria is 14.90 EUR.") == "figure"
    assert reason("The price for a parcel to Norway is 9.90 EUR.") == "name"


def test_long_lists_are_vouched_for_as_a_whole_and_no_further_than_a_quote_may_reach() -> None:
    text = "The kit holds:\n\n" + "\n".join(f"- part number {n} of the kit" for n in range(60))
    facts = facts_of(text)
    assert all(fact.end - fact.start <= 480 for fact in facts if fact.parts)
    assert verdict("", 1).reason == "words"
