"""What of a sentence must be meant literally: its figures, and the names of things and people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from tillhand_rag.domain.figures import COUNTED, Figure, figures, held, unit_of
from tillhand_rag.domain.words import COMMON, stems

_WORD = re.compile(r"[^\W_]+")
_OF_A_NAME = "#"
"""The unit of a number that belongs to a name: it vouches for no amount."""
_DIGITS = re.compile(r"\d+(?![.,]?\d)")
_BEGINS = re.compile(r"(?:^|[.;!?\u2026]|\n)[\s\"'\u2018“«(\[*_\u2022-]*\Z")
"""What stands before a word that would be capitalised whatever it is."""


@dataclass(frozen=True, slots=True)
class Literals:
    """The figures of a text, and its words and pairs of words, stemmed, among which a name may be looked for."""

    figures: tuple[Figure, ...]
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Literals:
        """The literals of a text."""
        words = stems(text)
        pairs = (f"{word} {following}" for word, following in pairwise(words) if following.isdigit())
        named = _named(text)
        return cls(
            tuple(replace(each, unit=_OF_A_NAME) if _bearer(text, named, each) else each for each in figures(text)),
            frozenset([*words, *pairs]),
        )

    def hold(self, literal: Verbatim) -> bool:
        """Whether a figure or a name is among them."""
        return held(literal, self.figures) if isinstance(literal, Figure) else literal in self.words


Verbatim = Figure | str
"""A figure, or a name's stem; a number that belongs to a name stands behind it, as in "arc 40"."""


@lru_cache(maxsize=4_096)
def names_of(sentence: str) -> tuple[str, ...]:
    """The stems of the words that name something, in order: capitalised inside the sentence, or holding a digit."""
    return tuple(stem for _, stem in _named(sentence))


@lru_cache(maxsize=1_024)
def literals_of(sentence: str) -> tuple[Verbatim, ...]:
    """The figures and names of a sentence, in order."""
    named = _named(sentence)
    placed: list[tuple[int, Verbatim]] = [*named]
    for figure in figures(sentence):
        bearer, number = _bearer(sentence, named, figure), _DIGITS.match(sentence, figure.start)
        placed.append((figure.start, f"{bearer} {number.group()}" if bearer and number else figure))
    return tuple(literal for _, literal in sorted(placed, key=lambda each: each[0]))


def _bearer(sentence: str, named: Sequence[tuple[int, str]], figure: Figure) -> str:
    """The stem of the name that goes on with this figure ("Arc 40"); empty where there is none."""
    if figure.unit[:1] not in {"", COUNTED} or not _DIGITS.match(sentence, figure.start):
        return ""
    for start, stem in named:
        name = _WORD.match(sentence, start)
        if name is not None and sentence[name.end() : figure.start] in {" ", "-", "\u00a0"}:
            return stem
    return ""


def _named(sentence: str) -> list[tuple[int, str]]:
    words = list(_WORD.finditer(sentence))
    return [
        (word.start(), stem)
        for place, word in enumerate(words)
        if _names(sentence, words, place)
        for stem in stems(word.group())
        if stem not in COMMON
    ]


def _names(sentence: str, words: list[re.Match[str]], place: int) -> bool:
    word = words[place].group()
    if any(character.isdigit() for character in word):
        return not word.isdigit() and not figures(word)
    if not word[0].isupper() or _is_unit(words, place):
        return False
    if not _BEGINS.search(sentence, 0, words[place].start()):
        return True
    following = words[place + 1] if place + 1 < len(words) else None
    return following is not None and _goes_on(sentence, words[place], following)


def _is_unit(words: list[re.Match[str]], place: int) -> bool:
    """Whether a word is the unit of a figure: currencies always, and what follows digits."""
    unit = unit_of(words[place].group())
    return unit.isupper() or bool(unit and place and words[place - 1].group().isdigit())


def _goes_on(sentence: str, word: re.Match[str], following: re.Match[str]) -> bool:
    """Whether a capitalised word that begins a sentence goes on as a name does: "Lumbrit Arc", "Arc 40"."""
    if sentence[word.end() : following.start()] != " ":
        return False
    if following.group()[0].isdigit():
        return any(
            figure.start == following.start() and figure.unit[:1] in {"", COUNTED} for figure in figures(sentence)
        )
    return following.group()[0].isupper() and len(following.group()) > 1
