"""Slips of the pen in a question, put right by the words of the passages found for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from tillhand_rag.domain.words import COMMON_WORDS, stems

_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST: Final = 4
_SHORTEST_REPLACED: Final = 5
"""Shorter words have too many neighbours: a letter of theirs may be missing, doubled or misplaced, but not another."""


def spelled(question: str, texts: Sequence[str], pieces: Sequence[tuple[int, int]]) -> str:
    """The question with each word that no text holds, in any form, replaced by the one that was probably meant.

    `pieces` are the spans of the embedder's tokens: a word that is one token is a common one, and no slip. Names keep
    their spelling where they are capitalised within the question.
    """
    rare = [match for match in _WORD.finditer(question) if match.span() not in set(pieces) and _may_be_a_slip(match)]
    if not rare:
        return question
    known = COMMON_WORDS.union(*(_WORD.findall(text.lower()) for text in texts))
    stemmed = frozenset(stems(" ".join(known)))
    slips = [match for match in rare if stems(match.group())[0] not in stemmed]
    return "".join(_corrected(question, slips, known))


def _may_be_a_slip(match: re.Match[str]) -> bool:
    word = match.group()
    is_name = match.start() > 0 and not word.islower()
    return len(word) >= _SHORTEST and word.isalpha() and not is_name


def _corrected(question: str, slips: Sequence[re.Match[str]], known: Collection[str]) -> Iterator[str]:
    end = 0
    for match in slips:
        yield question[end : match.start()]
        yield _nearest(match.group().lower(), known) or match.group()
        end = match.end()
    yield question[end:]


def _nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that is one slip away, the first by the alphabet where there are several."""
    return min((other for other in known if other[0] == word[0] and _is_one_slip(word, other)), default=None)


def _is_one_slip(word: str, other: str) -> bool:
    """Whether a letter too many, too few, replaced or swapped with its neighbour tells the words apart."""
    start = next((at for at, (one, two) in enumerate(zip_longest(word, other)) if one != two), len(word))
    rest, other_rest = word[start:], other[start:]
    is_added = rest[1:] == other_rest or rest == other_rest[1:]
    is_swapped = rest[2:] == other_rest[2:] and rest[:2] == other_rest[1::-1]
    is_replaced = len(word) >= _SHORTEST_REPLACED and rest[1:] == other_rest[1:]
    return is_added or is_swapped or is_replaced
