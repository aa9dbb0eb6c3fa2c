"""What of a passage can be quoted, and what each quotable sentence leans on: its heading, and what leads in to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from tillhand_rag.domain.forms import is_remark, is_step
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

    `step`: it tells the reader to do something, or introduces what does. `first`: no other step goes before it under
    its heading; `lone`: none follows either. `steps_start` to `steps_end` is what is quoted where a procedure is asked
    for: the step, and the steps of its run before and behind it, as far as `LONGEST_QUOTE` allows.
    """

    start: int
    end: int
    quote_start: int
    quote_end: int
    text: str
    heading: str
    lead: str
    before: str
    step: bool
    first: bool
    lone: bool
    steps_start: int
    steps_end: int


_LATER = re.compile(r"[ \t>]*\(?(?:[2-9]|\d{2,3}|[b-z])[.)][ \t]+")
"""The mark of a list item that is not the first."""
_NO_RUN = range(0)
_LONGEST_TITLE = 100
_STOPS = (".", "!", "?", ";", ",", ":")


def quotables(text: str, context: str = "") -> list[Quotable]:
    """The quotable sentences of a passage in order: everything but headings, questions and what says nothing.

    `context` holds title and headings, between line feeds or " > "; where the passage repeats one, that is no sentence.
    Without any, the passage itself may begin with the title: then it stands above each heading.
    """
    titles = {part.strip() for line in context.split("\n") for part in (line, *line.split(" > "))}
    title = "" if context else _title(text)
    return list(_walk(text, split_sentences(text), titles | {title}, title))


def _title(text: str) -> str:
    """The title that a passage begins with: a short line of its own, without a stop."""
    line, _, rest = text.partition("\n")
    is_alone = rest.startswith("\n") and len(line) <= _LONGEST_TITLE
    return line.strip() if is_alone and not line.rstrip().endswith(_STOPS) else ""


def _walk(text: str, sentences: list[Sentence], titles: set[str], title: str) -> Iterator[Quotable]:
    heading, before = "", ""
    lead: Sentence | None = None
    run, stepped = _NO_RUN, False
    for place, sentence in enumerate(sentences):
        words = text[sentence.start : sentence.end]
        lead = _lead(text, sentence, sentences[place - 1] if place else None, lead)
        if words in titles or _announces(sentence, words):
            heading = f"{title}\n{words}" if title and words != title else words
            before, run, stepped = "", _NO_RUN, False
            continue
        following = sentences[place + 1 :]
        start, end = _quoted(text, sentence, lead, following)
        step = _is_step(text, sentence, following)
        run = _run(text, sentences, place) if step and place >= run.stop else run
        if _says_something(words, alone=end == sentence.end):
            leading = text[lead.start : lead.end] if lead else ""
            first = step and not stepped and not _is_later(text, sentence)
            lone = first and not _more_steps(text, following)
            steps = _steps(sentences[run.start : run.stop], sentence, start, end) if step else (start, end)
            spans = (sentence.start, sentence.end, start, end)
            yield Quotable(*spans, words, heading, leading, leading or before, step, first, lone, *steps)
        before, stepped = words, stepped or step


def _is_step(text: str, sentence: Sentence, following: Sequence[Sentence]) -> bool:
    """Whether the sentence is a step, or introduces a list of them."""
    words = text[sentence.start : sentence.end]
    if sentence.kind in {"code", "row"}:
        return False
    if _introduces(words) and following and following[0].kind == "item":
        return not is_remark(words) and (is_step(words) or is_step(text[following[0].start : following[0].end]))
    return is_step(words)


def _is_later(text: str, sentence: Sentence) -> bool:
    """Whether a number before the sentence says that steps went before it, maybe in the passage before."""
    line = text.rfind("\n", 0, sentence.start) + 1
    return _LATER.match(text, line, sentence.start) is not None


def _more_steps(text: str, following: Sequence[Sentence]) -> bool:
    """Whether another step follows under the same heading."""
    same = takewhile(lambda each: not _announces(each, text[each.start : each.end]), following)
    return any(is_step(text[each.start : each.end]) for each in same)


def _run(text: str, sentences: Sequence[Sentence], place: int) -> range:
    """The places of the steps that follow one another from here, with list items and captions between them."""
    stop = place + 1
    for later in range(place + 1, len(sentences)):
        words = text[sentences[later].start : sentences[later].end]
        if sentences[later].kind == "item" or is_step(words):
            stop = later + 1
        elif sentences[later].kind == "heading" or not is_remark(words):
            break
    return range(place, stop)


def _steps(run: Sequence[Sentence], sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """The part of a run to quote for one of its steps: from its beginning where that fits, or else from the step."""
    if run[0].start < start and sentence.end - run[0].start <= LONGEST_QUOTE:
        start, end = run[0].start, sentence.end
    return start, max([end, *(each.end for each in run if each.end - start <= LONGEST_QUOTE)])


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
