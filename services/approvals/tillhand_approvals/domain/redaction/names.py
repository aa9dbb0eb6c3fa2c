"""Names of persons, places and organisations, by what the lexicon knows of each word and by what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction import name_words as near
from tillhand_approvals.domain.redaction.finding import Span
from tillhand_approvals.domain.redaction.judging import Around, Scene
from tillhand_approvals.domain.redaction.lexicon import COMMON, COUNTRY, FAMILY, GIVEN, ORDINARY, PLACE, RARE, Lexicon
from tillhand_approvals.domain.redaction.places import Places
from tillhand_approvals.domain.redaction.tokens import Token

_JOINT: Final = re.compile(r"[ \u00a0]{1,2}|[-\u2010'\u2019]|\. ?")
_NAMES: Final = GIVEN | FAMILY
_NEVER: Final = frozenset(
    "i a an the can will may my so no in on at to up all are is as be by do for go he her him his how if it its me "
    "not now "
    "of off or our out own see she than that then there they this too use was we what when where who why with yes "
    "you your "
    "any but did get got has had have her let new old one two per please thanks hello hi dear yours order price day "
    "home "
    "monday tuesday wednesday thursday friday saturday sunday january february march july september october november "
    "december english french german spanish italian european american dutch british chinese japanese".split()
)
_LINKS: Final = frozenset({"of", "and"})
_MAYBE: Final = frozenset("april may june august".split())


def names(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Span]:
    """Persons, places and organisations among tokens that are nothing else yet."""
    scene = Scene.of(text, tokens)
    reader = _Reader(scene, tokens, Places(text, tokens, lexicon))
    for run in reader.runs():
        yield from reader.read(run)


@dataclass(slots=True)
class _Reader:
    """Reads the tokens of one text; a run is a range of them."""

    scene: Scene
    tokens: Sequence[Token]
    places: Places

    def runs(self) -> Iterator[range]:
        """Capitalised words in a row, with the particles and initials between them."""
        start: int | None = None
        for at, token in enumerate(self.tokens):
            beside = start is not None and self._is_beside(at)
            if start is not None and not (beside and ((token.gap == "-" and token.is_word) or self._belongs(token))):
                yield range(start, at)
                start = None
            if start is None and self._begins(token, at):
                start = at
        if start is not None:
            yield range(start, len(self.tokens))

    def _begins(self, token: Token, at: int) -> bool:
        if not token.is_word or token.lower in _NEVER:
            return False
        if token.lower in near.PARTICLES and at + 1 < len(self.tokens):
            following = self.tokens[at + 1]
            if following.gap == " " and following.capital and not following.has(ORDINARY | PLACE | COUNTRY):
                return True
        if self.scene.small and token.has(GIVEN) and at + 1 < len(self.tokens) and not token.has(COUNTRY):
            following = self.tokens[at + 1]
            if following.gap == " " and following.capital and not following.has(PLACE | COUNTRY):
                return True
        return token.capital or (self.scene.small and (token.lower in near.PREFIXES or self.places.phrase(at) > 1))

    def _belongs(self, token: Token) -> bool:
        if token.lower in _LINKS:
            return True
        if not token.is_word or token.lower in _NEVER:
            return False
        linked = token.lower in near.PARTICLES or token.lower in near.SUFFIXES
        return token.capital or linked or (self.scene.small and token.has(_NAMES) and not token.has(COMMON))

    def _is_beside(self, at: int) -> bool:
        before, token = self.tokens[at - 1], self.tokens[at]
        if _JOINT.fullmatch(self.scene.text, before.end, token.start) is None:
            return False
        return "." not in token.gap or len(before.text) == 1 or before.lower in near.PREFIXES | near.SUFFIXES | {"st"}

    def read(self, run: range) -> Iterator[Span]:
        """What a run holds."""
        organisation = self._organisation(run)
        if organisation is not None:
            yield organisation
            return
        at = run.start
        while at < run.stop:
            place = self._place(at, run)
            if place:
                yield self._span(kinds.LOCATION, at, at + place, 0.7)
                at += place
                continue
            end = at
            while end < run.stop and self._is_part(at, end) and not (end > at and self.places.phrase(end) > 1):
                end += 1
            if end > at:
                yield from self._judged(at, end)
            at = max(end, at + 1)

    def _span(self, kind: str, start: int, stop: int, score: float) -> Span:
        return Span(kind, self.tokens[start].start, self.tokens[stop - 1].end, score)

    def _place(self, at: int, run: range) -> int:
        phrase = self.places.phrase(at)
        if phrase:
            return phrase
        if self.scene.is_person(self.tokens[at]):
            return 0
        following = self.tokens[at + 1] if at + 1 < run.stop else None
        if following is not None and following.has(_NAMES) and not following.has(ORDINARY):
            return 0
        return self.places.word(at)

    def _organisation(self, run: range) -> Span | None:
        """A row of words that ends with what companies' names end with, or begins as names of authorities do."""
        start = run.start
        if len(run) > 2 and self.tokens[start].opens and self.tokens[start].has(COMMON):  # noqa: PLR2004  # "The Acme Group"
            start += 1
        for at in range(run.stop - 1, start, -1):
            token = self.tokens[at]
            if token.lower in near.COMPANY_SURE or (
                token.lower in near.COMPANY and (token.capital or self.scene.small) and not self.scene.wares
            ):
                return self._span(kinds.ORGANIZATION, start, at + 1, 0.65)
        if self._is_employer(run) or self._has_office(run):
            return self._span(kinds.ORGANIZATION, run.start, run.stop, 0.45)
        head = self.tokens[run.start]
        if len(run) > 2 and head.lower in near.COMPANY_OF and self.tokens[run.start + 1].lower == "of":  # noqa: PLR2004  # and what it is of
            return self._span(kinds.ORGANIZATION, run.start, run.stop, 0.65)
        return None

    def _is_employer(self, run: range) -> bool:
        """Words that are neither names nor places after `at` and the like."""
        first = self.tokens[run.start]
        if not self.scene.prose or self.scene.wares or self.scene.small or first.opens:
            return False
        if any(
            token.has(PLACE | COUNTRY) or (token.has(_NAMES) and not token.has(ORDINARY)) for token in self._words(run)
        ):
            return False
        return near.COMPANY_BEFORE.search(self.scene.text, max(0, first.start - 24), first.start) is not None

    def _has_office(self, run: range) -> bool:
        told = near.COMPANY_AFTER.match(self.scene.text, self.tokens[run.stop - 1].end) is not None
        return (
            told
            and self.scene.prose
            and not self.scene.wares
            and not any(token.has(GIVEN) for token in self._words(run))
        )

    def _words(self, run: range) -> Sequence[Token]:
        return self.tokens[run.start : run.stop]

    def _is_part(self, first: int, at: int) -> bool:
        """Whether a word may be a part of a name that begins there or before."""
        token = self.tokens[at]
        if token.lower in near.PREFIXES:
            return at == first
        if token.lower in _LINKS:
            return False
        if self._is_joint(first, at):
            return True
        if token.has(_NAMES) and (token.lower not in _MAYBE or self._precedes_name(at)):
            return not token.has(COMMON) or at > first or self._precedes(at)
        if len(token.text) == 1:
            return at + 1 < len(self.tokens) and not self.tokens[at + 1].has(COMMON)
        return self._is_strange(first, at)

    def _is_joint(self, first: int, at: int) -> bool:
        """A particle, an initial, or what a hyphen joins to the word before."""
        token = self.tokens[at]
        if at == first:
            return token.lower in near.PARTICLES and not token.capital
        if token.lower in near.PARTICLES or token.lower in near.SUFFIXES or len(token.text) == 1:
            return True
        hyphened = token.gap == "-" and token.is_word
        return hyphened or (token.has(COUNTRY) and token.capital and self.tokens[at - 1].has(GIVEN))

    def _is_strange(self, first: int, at: int) -> bool:
        """Whether English has no other use for it, or a given name stands before it."""
        token = self.tokens[at]
        rare = not token.has(ORDINARY) or token.has(RARE)
        if at > first and self.scene.prose and token.capital and not token.has(COMMON):
            return rare or any(
                each.has(GIVEN) and not each.has(COMMON) for each in self.tokens[max(first, at - 3) : at]
            )
        if token.has(RARE) and self.scene.prose:
            return True
        return not token.has(ORDINARY) and not token.has(COUNTRY)

    def _precedes_name(self, at: int) -> bool:
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) and self._touches(at + 1) else None
        return following is not None and following.capital and following.has(_NAMES)

    def _precedes(self, at: int) -> bool:
        """Whether a frequent word is a name all the same: it opens none of the sentence, or a name follows."""
        if not self.tokens[at].opens:
            return True
        return at + 1 < len(self.tokens) and self.tokens[at + 1].capital and not self.tokens[at + 1].has(ORDINARY)

    def _touches(self, at: int) -> bool:
        """Whether nothing but a space or a hyphen stands before."""
        return self.scene.text[self.tokens[at - 1].end : self.tokens[at].start] in {" ", "-"}

    def _judged(self, first: int, end: int) -> Iterator[Span]:
        while end > first and self.tokens[end - 1].lower in near.PARTICLES and not self.tokens[end - 1].capital:
            end -= 1
        part = self.tokens[first:end]
        if first and part and part[0].gap == "-" and self.tokens[first - 1].has(ORDINARY):
            return  # the end of a word such as press-fit
        if all(token.lower in near.PREFIXES or token.lower in near.PARTICLES or len(token.text) == 1 for token in part):
            return
        before = self.tokens[first - 1] if first and self._touches(first) else None
        following = self.tokens[end] if end < len(self.tokens) and self._touches(end) else None
        kind, score = Around(self.scene, part, before, following, self.places).kind()
        if kind is not None:
            yield self._span(kind, first, end, score)
