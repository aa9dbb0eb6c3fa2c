"""Patterns of whole questions: words in any case, and `*` for what may stand between or within them.

    how * return * helmet*      "How do I return my helmets?"

A `*` by itself stands for any number of words, none too; within a word for any number of its characters. Everything but
letters, digits and `*` only separates words. There is no other syntax: matching takes one pass without backtracking,
whatever the pattern and the question are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_rag.domain.words import COMMON, stems
from tillhand_rag.errors import InvalidPattern

MAX_CHARACTERS: Final = 300
MAX_WORDS: Final = 32
MAX_QUESTION_WORDS: Final = 200
"""A longer question is a letter, and matches no pattern."""

_WORD: Final = re.compile(r"[^\W_]+")
_TOKEN: Final = re.compile(r"(?:[^\W_]|\*)+")
_REGULAR: Final = re.compile(r"[\\|\[\]{}^]|[.][*+?]|\)[*+]|\(\?|\$\s*$")
"""Marks of a regular expression: taken for punctuation, it would mean something else than its author thinks."""

_Token = tuple[str, ...]
"""The pieces of a word between its `*`; a word without one is a single piece."""


def question_words(question: str) -> list[str]:
    """The words of a question as patterns compare them."""
    return _WORD.findall(_folded(question))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, ready to match.

    `runs` are the tokens between the lone `*`; `literals` the words that a question must hold; `specificity` orders
    patterns that match the same question: more whole words first, then more characters, then fewer `*`.
    """

    runs: tuple[tuple[_Token, ...], ...]
    literals: frozenset[str]
    specificity: tuple[int, int, int]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern. Raises `InvalidPattern` for one that is no pattern, or would match nearly everything."""
        tokens = _tokens(text)
        words = [token for token in tokens if "*" not in token]
        telling = [word for word in words if not set(stems(word)) <= COMMON]
        if not words or (not telling and len(words) < len(tokens)):
            raise InvalidPattern("Beside a * there must be a whole word that tells what the question is about.")
        runs: list[list[_Token]] = [[]]
        for token in tokens:
            if token.strip("*"):
                runs[-1].append(tuple(token.split("*")))
            else:
                runs.append([])
        characters = sum(len(token.replace("*", "")) for token in tokens)
        stars = sum(token.count("*") for token in tokens)
        return cls(tuple(map(tuple, runs)), frozenset(words), (len(words), characters, -stars))

    def matches(self, words: Sequence[str]) -> bool:
        """Whether these `question_words` are such a question, as a whole."""
        if len(words) > MAX_QUESTION_WORDS:
            return False
        first, *rest = self.runs
        if not _stands(first, words, 0):
            return False
        if not rest:
            return len(first) == len(words)
        start, end = len(first), len(words) - len(rest[-1])
        if end < start or not _stands(rest[-1], words, end):
            return False
        for run in rest[:-1]:
            # The earliest place leaves most to the others, so that no other need be tried.
            place = next((at for at in range(start, end - len(run) + 1) if _stands(run, words, at)), None)
            if place is None:
                return False
            start = place + len(run)
        return True


def _tokens(text: str) -> list[str]:
    folded = _folded(text)
    if _REGULAR.search(folded):
        raise InvalidPattern("Only words and * are understood; this reads like a regular expression.")
    tokens = _TOKEN.findall(folded)
    if len(folded) > MAX_CHARACTERS or len(tokens) > MAX_WORDS:
        raise InvalidPattern(f"A pattern has at most {MAX_WORDS} words and {MAX_CHARACTERS} characters.")
    return tokens


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _stands(run: Sequence[_Token], words: Sequence[str], start: int) -> bool:
    return start + len(run) <= len(words) and all(_is(token, words[at]) for at, token in enumerate(run, start=start))


def _is(token: _Token, word: str) -> bool:
    """Whether the word is made of these pieces with anything between them."""
    head, *rest = token
    if not rest:
        return word == head
    *middle, tail = rest
    start, end = len(head), len(word) - len(tail)
    if end < start or not (word.startswith(head) and word.endswith(tail)):
        return False
    for piece in middle:
        place = word.find(piece, start, end)
        if place < 0:
            return False
        start = place + len(piece)
    return True
