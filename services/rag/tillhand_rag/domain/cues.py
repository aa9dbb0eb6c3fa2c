"""What the words of a sentence say about whether it answers a question; meaning is left to the embedding."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tillhand_rag.domain.expectations import expectation
from tillhand_rag.domain.forms import defined_term, defines, is_remark
from tillhand_rag.domain.words import COMMON, corrected, names, stem_set, stems, terms

_LABEL = re.compile(r"[^:.!?]{1,40}:\s+")
"""The name before a value, as in "Part number: VIN-V2-F"."""
_LONE = 0.5
"""What a step counts as the beginning of a procedure when no other follows: it is often a remark, or the end of one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence and its surroundings as words: what leads in to it, and the headings above it."""

    text: str
    before: str
    headings: str
    passage: int
    """The place of its passage among the passages found, from 0."""
    step: bool = False
    first: bool = False
    lone: bool = False
    """Whether it is a step of a procedure, the first one under its heading, and there the only one."""


@dataclass(frozen=True, slots=True)
class Cues:
    """Cues of one sentence. Shares are of the question's terms, weighed by how rare each is among the sentences read.

    `held`, `before`, `above`: the share that the sentence holds, that only what leads in to it holds, and that only the
    headings hold. `focused`: it holds the word that the question asks about. `lacking`: it holds nothing of the kind
    asked for. `echoing`: it says nothing that the question does not say. `foreign`: the share of the names and figures
    in the question that its passage lacks. `rank`: its passage's place, from 0.

    `defining`: it says what the term is whose meaning the question asks for. `step`, where the question asks for a
    procedure: the share that a step holds with what stands above it, and that its passage holds, in the mean; `first`:
    that of a first step. `remark`: it speaks of the document.
    """

    held: float
    before: float
    above: float
    focused: bool
    lacking: bool
    echoing: bool
    foreign: float
    rank: int
    defining: bool = False
    step: float = 0.0
    first: float = 0.0
    remark: bool = False


def cues_of(question: str, readings: Sequence[Reading]) -> list[Cues]:
    """The cues of each sentence, given all that were read for this question."""
    words = [_Words(reading) for reading in readings]
    asked = _Asked(question, words)
    return [asked.cues(each) for each in words]


class _Words:
    """A reading, stemmed. What stands nearer counts: no word is in two of the three sets."""

    def __init__(self, reading: Reading) -> None:
        self.text = reading.text
        self.rank = reading.passage
        self.step = reading.step
        self.opening = reading.first * (_LONE if reading.lone else 1.0)
        self.own = stem_set(reading.text)
        self.before = stem_set(reading.before) - self.own
        self.above = stem_set(reading.headings) - self.own - self.before
        label = _LABEL.match(reading.text)
        self.said = stem_set(reading.text[label.end() :]) if label else self.own


class _Asked:
    """The question as its terms, weighed among the sentences read."""

    def __init__(self, question: str, words: Sequence[_Words]) -> None:
        self._wanted = expectation(question)
        self._term = defined_term(question)
        self._passages: defaultdict[int, set[str]] = defaultdict(set)
        for each in words:
            self._passages[each.rank] |= each.own | each.before | each.above
        vocabulary = frozenset[str]().union(*self._passages.values())
        self._weights = _weights(corrected(terms(question), vocabulary), words)
        self._total = sum(self._weights.values()) or 1.0
        self._literal = frozenset(corrected(sorted(names(question)), vocabulary))
        self._told = frozenset(corrected(stems(question), vocabulary)) | COMMON

    def cues(self, words: _Words) -> Cues:
        held, before, above = (self._share(each) for each in (words.own, words.before, words.above))
        around = self._share(self._passages[words.rank])
        topical = (held + before + above + around) / 2 if self._wanted.kind == "manner" else 0.0
        step = topical * words.step
        return Cues(
            held=held,
            before=before,
            above=above,
            focused=self._wanted.focus in words.own,
            lacking=not step and self._wanted.lacking(words.text),
            echoing=words.said <= self._told,
            foreign=len(self._literal - self._passages[words.rank]) / max(1, len(self._literal)),
            rank=words.rank,
            defining=defines(words.text, self._term),
            step=step,
            first=topical * words.opening,
            remark=is_remark(words.text),
        )

    def _share(self, held: AbstractSet[str]) -> float:
        return sum(weight for word, weight in self._weights.items() if word in held) / self._total


def _weights(asked: Sequence[str], words: Sequence[_Words]) -> dict[str, float]:
    """Inverse sentence frequency as in BM25 (Robertson and Zaragoza 2009, section 3.4, kept positive)."""
    frequency = Counter(word for each in words for word in each.own)
    total = len(words)
    return {word: math.log(1 + (total - frequency[word] + 0.5) / (frequency[word] + 0.5)) for word in asked}
