"""What of a passage can be quoted, and what each quotable sentence leans on: its heading, and what leads in to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from tillhand_rag.domain.layout import LISTED
from tillhand_rag.domain.sentences import Sentence, split_sentences

LONGEST_QUOTE = 480
"""Characters up to which a quote takes in what its sentence belongs together with."""


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence of a passage; offsets count in the passage's text.

    `heading` is the nearest heading or question above it in the passage. `lead` is what it cannot be understood
    without: the words that introduce a list, the first row of a table. `before` is the lead, or else the sentence
    before. What is quoted, `quote_start` to `quote_end`, is the sentence; for an entry it begins at the lead, and for
    words that introduce a list it ends with the list, as far as `LONGEST_QUOTE` allows.
    """

    start: int
    end: int
    quote_start: int
    quote_end: int
    text: str
    heading: str
    lead: str
    before: str


def quotables(text: str, context: str = "") -> list[Quotable]:
    """The quotable sentences of a passage in order: everything but headings, questions and what says nothing.

    `context` holds title and headings, between line feeds or " > "; where the passage repeats one, that is no sentence.
    """
    titles = {part.strip() for line in context.split("\n") for part in (line, *line.split(" > "))}
    return list(_walk(text, split_sentences(text), titles))


def _walk(text: str, sentences: list[Sentence], titles: set[str]) -> Iterator[Quotable]:
    heading, before = "", ""
    lead: Sentence | None = None
    for place, sentence in enumerate(sentences):
        words = text[sentence.start : sentence.end]
        lead = _lead(text, sentence, sentences[place - 1] if place else None, lead)
        if words in titles or _announces(sentence, words):
            heading, before = words, ""
            continue
        start, end = _quoted(text, sentence, lead, sentences[place + 1 :])
        if _says_something(words, alone=end == sentence.end):
            leading = text[lead.start : lead.end] if lead else ""
            yield Quotable(sentence.start, sentence.end, start, end, words, heading, leading, leading or before)
        before = words


def _announces(sentence: Sentence, words: str) -> bool:
    """Whether the sentence announces what follows instead of saying it, as a heading or a question of an FAQ does."""
    return sentence.kind == "heading" or words.rstrip("\"'”\u2019)*_ ").endswith("?")


def _says_something(words: str, *, alone: bool) -> bool:
    """Whether there are words, and not only those that introduce what the passage no longer holds."""
    return any(character.isalnum() for character in words) and not (alone and _introduces(words))


def _introduces(words: str) -> bool:
    return words.rstrip("*_ ").endswith(":")


def _lead(text: str, sentence: Sentence, previous: Sentence | None, lead: Sentence | None) -> Sentence | None:
    """What leads in to this sentence, given what led in to the one before."""
    if previous is None or sentence.kind not in LISTED:
        return None
    if previous.kind == sentence.kind:
        return lead if lead or sentence.kind == "item" else previous
    return previous if _introduces(text[previous.start : previous.end]) else None


def _quoted(text: str, sentence: Sentence, lead: Sentence | None, following: Sequence[Sentence]) -> tuple[int, int]:
    """The span to quote for a sentence."""
    if lead and sentence.end - lead.start <= LONGEST_QUOTE:
        return lead.start, sentence.end
    if not _introduces(text[sentence.start : sentence.end]) or not following or following[0].kind not in LISTED:
        return sentence.start, sentence.end
    entries = takewhile(
        lambda each: each.kind == following[0].kind and each.end - sentence.start <= LONGEST_QUOTE, following
    )
    return sentence.start, max((each.end for each in entries), default=sentence.end)
