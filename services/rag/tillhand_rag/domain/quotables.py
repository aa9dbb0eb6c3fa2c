"""What of a passage can be quoted, and what each quotable sentence leans on: its heading, and what leads in to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tillhand_rag.domain.sentences import Sentence, split_sentences


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence of a passage; offsets count in the passage's text.

    `heading` is the nearest heading or question above it in the passage. `lead` is what it cannot be understood
    without: the words that introduce a list, the first row of a table. `before` is the lead, or else the sentence
    before.
    """

    start: int
    end: int
    text: str
    heading: str
    lead: str
    lead_start: int
    before: str


def quotables(text: str, context: str = "") -> list[Quotable]:
    """The quotable sentences of a passage in order: everything but headings, questions and what holds no word.

    `context` holds title and headings, between line feeds or " > "; where the passage repeats one, that is no sentence.
    """
    titles = {part.strip() for line in context.split("\n") for part in (line, *line.split(" > "))}
    return list(_walk(text, split_sentences(text), titles))


def _walk(text: str, sentences: list[Sentence], titles: set[str]) -> Iterator[Quotable]:
    heading, before = "", ""
    lead: Sentence | None = None
    previous: Sentence | None = None
    for sentence in sentences:
        words = text[sentence.start : sentence.end]
        lead = _lead(text, sentence, previous, lead)
        previous = sentence
        if words in titles or _announces(sentence, words):
            heading, before = words, ""
            continue
        if any(character.isalnum() for character in words):
            leading = text[lead.start : lead.end] if lead else ""
            start = lead.start if lead else sentence.start
            yield Quotable(sentence.start, sentence.end, words, heading, leading, start, leading or before)
        before = words


def _announces(sentence: Sentence, words: str) -> bool:
    """Whether the sentence announces what follows instead of saying it, as a heading or a question of an FAQ does."""
    return sentence.kind == "heading" or words.rstrip("\"'”\u2019)*_ ").endswith("?")


def _lead(text: str, sentence: Sentence, previous: Sentence | None, lead: Sentence | None) -> Sentence | None:
    """What leads in to this sentence, given what led in to the one before."""
    if previous is None or sentence.kind not in {"item", "row"}:
        return None
    if previous.kind == sentence.kind:
        return lead if lead or sentence.kind == "item" else previous
    introduces = sentence.kind == "item" and text[previous.start : previous.end].rstrip("*_ ").endswith(":")
    return previous if introduces else None
