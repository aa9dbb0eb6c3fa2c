"""What the sentences of a passage vouch for, each with what it leans on: the ground that a written sentence stands on.

A stored sentence vouches for its own words; the title, the headings and the lead of its list say what it is about; and
where it points back ("It weighs 95 g"), the sentence before says at what. What one entry of a list says of its product
is no evidence for another entry's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tillhand_rag.domain.layout import LISTED, Kind
from tillhand_rag.domain.literals import Literals, names_of
from tillhand_rag.domain.quotables import LONGEST_QUOTE
from tillhand_rag.domain.sentences import Sentence, split_sentences
from tillhand_rag.domain.words import stem_set

_POINTING = re.compile(
    r"\W*(?:\w+\s+){0,3}?(?:it|its|they|their|them|this|that|these|those|he|she|his|her|both|such|there|then|otherwise)\b",
    re.IGNORECASE,
)
"""The beginning of a sentence that cannot be understood without the one before."""

_FIELD = re.compile(r"(?:^|;\s)([^;:]{1,40}):\s([^;]*)")
"""Values behind their names, as parsers write the rows of a table of data: "country: Austria; zone: zone 1"."""


@dataclass(frozen=True)
class Fact:
    """A stored sentence, or several that stand together; offsets count in the passage's text.

    `context` (title, heading path), `heading` and `lead` (of its list; the head of its table) are what it hangs from,
    `before` is the sentence before. Facts of several `parts` vouch for what their parts say together, but a figure must
    meet what it belongs to in one of them.
    """

    start: int
    end: int
    text: str
    kind: Kind
    context: str
    heading: str
    lead: str
    before: str
    parts: tuple[Fact, ...] = ()

    @cached_property
    def own(self) -> frozenset[str]:
        """Its own words, stemmed."""
        return stem_set(self.text)

    @cached_property
    def named(self) -> frozenset[str]:
        """Its own words among which a name may be looked for."""
        return Literals.of(self.text).words

    @cached_property
    def around(self) -> frozenset[str]:
        """The words of what it hangs from, and of what it points back to, stemmed."""
        return stem_set(f"{self._above}\n{self.before if self._points_back else ''}")

    @cached_property
    def shared(self) -> Literals:
        """The literals of what it hangs from."""
        return Literals.of(self._above)

    @cached_property
    def literals(self) -> Literals:
        """What it may be quoted for literally: its own figures and words, and those of what it hangs from.

        A sentence that names nothing itself may speak of what was named before; its figures are its own in any case.
        """
        own = Literals.of(f"{self._above}\n{self.text}")
        leaning = self._points_back or not names_of(self.text)
        return Literals(own.figures, own.words | Literals.of(self.before).words if leaning else own.words)

    @property
    def texts(self) -> tuple[str, str]:
        """What to embed for its meaning: itself, and itself under what it hangs from."""
        return self.text, " ".join(f"{self._above} {self.text}".split())

    @property
    def lends(self) -> tuple[str, ...]:
        """What lends an entry its polarity: the lead of its list, and the heading above."""
        return (self.lead, "" if _asks(self.heading) else self.heading) if self.kind in LISTED else ()

    @property
    def _points_back(self) -> bool:
        return _POINTING.match(self.text) is not None

    @property
    def _above(self) -> str:
        return f"{self.context}\n{self.heading}\n{self.lead}"


def facts_of(text: str, context: str = "") -> list[Fact]:
    """The facts of a passage, single sentences first. `context` holds title and headings, as where it is embedded."""
    single = list(_single(text, context))
    return [*single, *_joined(text, single)]


def fields_of(text: str) -> list[tuple[str, str]]:
    """Names and values of a record ("country: Austria; zone: zone 1"); none where the text is no record."""
    fields = _FIELD.findall(text)
    return fields if len(fields) > 1 else []


def _single(text: str, context: str) -> Iterator[Fact]:
    heading, lead, before = "", "", ""
    previous: Sentence | None = None
    for sentence in split_sentences(text):
        words = text[sentence.start : sentence.end]
        if sentence.kind == "heading" or _asks(words):
            heading, lead, before, previous = words, "", "", None
            continue
        if sentence.kind not in LISTED:
            lead = ""
        elif previous is None or previous.kind != sentence.kind:
            lead = before if before.rstrip("*_ ").endswith(":") else ""
        prose = "" if sentence.kind in LISTED else before
        yield Fact(sentence.start, sentence.end, words, sentence.kind, context, heading, lead, prose)
        if sentence.kind == "row" and (previous is None or previous.kind != "row"):
            lead = f"{lead}\n{words}"  # the head of a table
        before, previous = words, sentence


def _asks(words: str) -> bool:
    return words.rstrip("\"'”\u2019)*_ ").endswith("?")


def _joined(text: str, single: Sequence[Fact]) -> Iterator[Fact]:
    """What stands together: lists as far as they may be quoted, and runs of prose sentences.

    Not the rows of a table, nor the records of a file, for each is about something else.
    """
    for place, first in enumerate(single):
        if first.kind == "row" or fields_of(first.text):
            continue
        for last in range(place + 1, len(single)):
            if not _stands_with(text, first, single[last - 1], single[last]):
                break
            parts = single[place : last + 1]
            yield Fact(
                first.start,
                single[last].end,
                text[first.start : single[last].end],
                first.kind,
                first.context,
                first.heading,
                first.lead,
                first.before,
                tuple(parts),
            )


def _stands_with(text: str, first: Fact, previous: Fact, following: Fact) -> bool:
    return (
        following.kind == first.kind
        and (following.heading, following.lead) == (first.heading, first.lead)
        and following.end - first.start <= LONGEST_QUOTE
        and (first.kind in LISTED or "\n\n" not in text[previous.end : following.start])
    )
