"""Words as answers compare them: lower-cased and stemmed, common ones left out, typing errors forgiven."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found]  # a C extension that ships no stubs

_WORD = re.compile(r"[^\W_]+")
_STEMMER = Stemmer.Stemmer("english", 50_000)
COMMON_WORDS = frozenset(
    "a about after all also am an and any are as at be because been before being below both but by can could did "
    "do does doing done during each for from further get give had has have having he her here hers him his how i "
    "if in into is it its just many me more most much my no nor not now of off on once only or other our out over "
    "own please s same shall she should so some such t than that the their them then there these they this those "
    "through to too under until up us very was we were what when where which while who whom whose why will with "
    "would you your".split()
)
COMMON = frozenset(_STEMMER.stemWords(sorted(COMMON_WORDS)))
_SHORTEST_MISTYPED = 5
"""Shorter words have too many neighbours to be corrected."""
_CLOSE = 0.8
"""`difflib` ratio from which a word counts as a typing error of another: one slip in a word of five letters or more."""


def stems(text: str) -> list[str]:
    """The words of `text` in order, stemmed (Snowball English). Numbers and parts of compounds are words."""
    return _STEMMER.stemWords([word.lower() for word in _WORD.findall(text)])  # type: ignore[no-any-return]  # no stubs


@lru_cache(maxsize=4_096)
def stem_set(text: str) -> frozenset[str]:
    """The words of `text`, stemmed. Remembered, for a sentence is read as itself, and again as the one before."""
    return frozenset(stems(text))


@lru_cache(maxsize=1_024)
def terms(question: str) -> tuple[str, ...]:
    """The question's telling words, stemmed, each once; all its words when every one is common."""
    words = tuple(dict.fromkeys(stems(question)))
    return tuple(word for word in words if word not in COMMON) or words


def names(question: str) -> frozenset[str]:
    """The stems of the question's words that must be meant literally: names, part numbers, figures.

    Nothing can be told from capitals where all words carry them, nor from a question's first word.
    """
    words = _WORD.findall(question)
    capitals = [word for word in words[1:] if word[0].isupper()]
    literal = [word for word in words if any(character.isdigit() for character in word)]
    if len(capitals) * 2 < len(words):
        literal += [word for word in capitals if len(word) > 1]
    return frozenset(_STEMMER.stemWords([word.lower() for word in literal])) - COMMON


def corrected(words: Sequence[str], vocabulary: Collection[str]) -> tuple[str, ...]:
    """The words, each one that is not in the vocabulary replaced by the one it was probably meant to be, if any."""
    return tuple(dict.fromkeys(word if word in vocabulary else _nearest(word, vocabulary) for word in words))


def _nearest(word: str, vocabulary: Collection[str]) -> str:
    if len(word) < _SHORTEST_MISTYPED or not word.isalpha():
        return word
    similar = [other for other in vocabulary if abs(len(other) - len(word)) <= 2 and other[0] == word[0]]  # noqa: PLR2004
    return next(iter(get_close_matches(word, sorted(similar), n=1, cutoff=_CLOSE)), word)
