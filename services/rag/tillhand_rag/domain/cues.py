"""What the words of a sentence say about whether it answers a question; meaning is left to the embedding."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tillhand_rag.domain.counting import is_counted
from tillhand_rag.domain.entities import acronyms, designated, designations, is_named, proper
from tillhand_rag.domain.expectations import expectation
from tillhand_rag.domain.forms import asks_definition, defined_term, defines, is_remark
from tillhand_rag.domain.meanings import alike, base, bases
from tillhand_rag.domain.seasons import is_dated, is_narrowed
from tillhand_rag.domain.shares import Terms
from tillhand_rag.domain.words import COMMON, corrected, stems, terms

_LABEL = re.compile(r"[^:.!?]{1,40}:\s+")
"""The name before a value, as in "Part number: VIN-V2-F"."""
_FIELD = re.compile(r"[^:;.!?]{1,40}:\s+[^:;]*")
"""One name and its value, and no more."""
_LONE = 0.5
"""What a step counts as the beginning of a procedure when no other follows: it is often a remark, or the end of one."""
_UNKNOWN_ACRONYM = 0.5
"""What an acronym counts that the passage neither holds nor spells out: it may be there in other words."""


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
    headings hold; `around`: what its passage holds of all. `focused`: it holds the word that the question asks about.
    `lacking`: it holds nothing of the kind asked for. `echoing`: it says nothing that the question does not say.
    `foreign`: how many names and figures of the question its passage lacks. `rank`: its passage's place, from 0.

    `defining`: it says what the term is whose meaning the question asks for. `step`, where the question asks for a
    procedure: the share that a step holds with what stands above it, and that its passage holds, in the mean; `first`:
    that of a first step. `remark`: it speaks of the document.

    `misnamed`: a designation is asked for that neither it nor what stands above it holds. `unmeasured`: it gives no
    such measure as asked for. `evasive`: what is asked about is not named, there or above. `uncounted`: things are to
    be counted, and it does not. `undefined`: it does not define what the question plainly asks the meaning of.
    `beside`: it is a field of a record that nobody asked for. `narrowed`: it holds for a time of the year only, and
    the question speaks of none.
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
    around: float = 0.0
    misnamed: bool = False
    unmeasured: bool = False
    evasive: bool = False
    uncounted: bool = False
    undefined: bool = False
    beside: bool = False
    narrowed: bool = False


def cues_of(question: str, readings: Sequence[Reading]) -> list[Cues]:
    """The cues of each sentence, given all that were read for this question."""
    words = [_Words(reading) for reading in readings]
    asked = _Asked(question, words)
    return [asked.cues(each) for each in words]


class _Words:
    """A reading as sets of words, by their bases."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.text = reading.text
        self.rank = reading.passage
        self.opening = reading.first * (_LONE if reading.lone else 1.0)
        self.own = bases(reading.text)
        self.before = bases(reading.before)
        self.above = bases(reading.headings)
        self.near = self.own | self.before | self.above
        label = _LABEL.match(reading.text)
        self.said = bases(reading.text[label.end() :]) if label else self.own

    @property
    def texts(self) -> tuple[str, str, str]:
        """The sentence and its surroundings."""
        return self.text, self.reading.before, self.reading.headings


class _Asked:
    """The question, taken apart once for all sentences read for it."""

    def __init__(self, question: str, words: Sequence[_Words]) -> None:
        self._wanted = expectation(question)
        self._term = defined_term(question)
        self._defining_only = bool(self._term) and asks_definition(question) and not self._wanted.measures
        self._designations = designations(question)
        self._passages: defaultdict[int, set[str]] = defaultdict(set)
        for each in words:
            self._passages[each.rank] |= each.near
        vocabulary = frozenset[str]().union(*self._passages.values())
        self._terms = Terms(_known(terms(question), vocabulary), [each.own for each in words])
        self._asked_for = frozenset(_known(terms(question), vocabulary))
        self._dated = is_dated(question)
        self._told = frozenset(_known(stems(question), vocabulary)) | COMMON
        self._noun = next(iter(_known([self._wanted.noun], vocabulary)), None) if self._wanted.noun else None
        self._foreign = self._strangers(question, words, vocabulary)

    def cues(self, words: _Words) -> Cues:
        passage = self._passages[words.rank]
        held, before, above, around = self._terms.shares(words.own, words.before, words.above, passage)
        topical = (held + before + above + around) / 2 if self._wanted.kind == "manner" else 0.0
        step = topical * words.reading.step
        defining = defines(words.text, self._term)
        return Cues(
            held=held,
            before=before,
            above=above,
            around=around,
            focused=self._wanted.focus in words.own,
            lacking=not step and self._wanted.lacking(words.text),
            echoing=words.said <= self._told,
            foreign=self._foreign[words.rank],
            rank=words.rank,
            defining=defining,
            step=step,
            first=topical * words.opening,
            remark=is_remark(words.text),
            misnamed=self._is_misnamed(words),
            unmeasured=self._wanted.unmeasured(words.text),
            evasive=self._is_evasive(words),
            uncounted=self._is_uncounted(words),
            undefined=self._defining_only and not defining,
            beside=self._is_beside(words),
            narrowed=not self._dated and is_narrowed(words.text),
        )

    def _is_misnamed(self, words: _Words) -> bool:
        return any(all(name not in designated(text) for text in words.texts) for name in self._designations)

    def _is_beside(self, words: _Words) -> bool:
        """Whether it is a field of a record, and neither its name nor its value is asked about."""
        field = _FIELD.fullmatch(words.text)
        return field is not None and not any(
            term in words.own or not alike(term).isdisjoint(words.own) for term in self._asked_for
        )

    def _is_evasive(self, words: _Words) -> bool:
        if self._noun is None or self._wanted.counted or self._wanted.tells(words.text):
            return False
        return self._noun not in words.near and alike(self._noun).isdisjoint(words.near)

    def _is_uncounted(self, words: _Words) -> bool:
        return self._wanted.counted and self._noun is not None and not is_counted(words.text, self._noun)

    def _strangers(self, question: str, words: Sequence[_Words], vocabulary: AbstractSet[str]) -> dict[int, float]:
        """For each passage, how much of what is named in the question it lacks."""
        named = sorted(proper(question))
        spelled_out = acronyms(question)
        found = {name: known for name in named for known in _known([name], vocabulary)}
        texts: defaultdict[int, list[str]] = defaultdict(list)
        for each in words if spelled_out else ():
            texts[each.rank] += each.texts
        lacking: dict[int, float] = {}
        for rank, passage in self._passages.items():
            missing = [name for name in named if not is_named(found[name], passage)]
            lacking[rank] = sum(
                _UNKNOWN_ACRONYM if name in spelled_out else 1.0
                for name in missing
                if name not in spelled_out or not spelled_out[name].search("\n".join(texts[rank]))
            )
        return lacking


def _known(asked: Iterable[str], vocabulary: AbstractSet[str]) -> list[str]:
    """The bases of these stems, slips put right by the vocabulary, in order."""
    return [base(known) for stem in asked for known in corrected([base(stem)], vocabulary)]
