"""Cutting a span of text into passages of bounded size, at the places where a reader would."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_BLOCK, _LINE, _SENTENCE, _WORD, _ATOM = 0.0, 0.04, 0.12, 0.5, 2.0
_INTRODUCTION = 0.3
"""Added where a colon announces what comes next."""
_JITTER = 0.1
_JITTER_CHARACTERS = 48
_ATOM_CHARACTERS = 24
"""A token, or a stretch without one, counts once for each so many characters: no passage is unboundedly long."""
_BREAK = re.compile(r"\n\n+|\n|(?<=[.!?…])[\"'”’)\]]*[ ]+|(?<=[。！？])")  # noqa: RUF001  # full-width stops end sentences
_SPACE = re.compile(r"[ \t]+")


class Ruler:
    """Measures spans of one text in tokens, from a single tokenisation."""

    def __init__(self, text: str, tokens: Sequence[tuple[int, int]]) -> None:
        self.text = text
        self._starts = _starts(tokens, len(text))

    def size(self, start: int, end: int) -> int:
        """How many tokens begin in the span."""
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def starts(self, start: int, end: int) -> list[int]:
        """Where tokens begin within the span, its own start left out."""
        return self._starts[bisect_left(self._starts, start + 1) : bisect_left(self._starts, end)]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place to cut: the penalty for doing so before `position`."""

    position: int
    penalty: float


def pack(ruler: Ruler, start: int, end: int, capacity: int) -> list[tuple[int, int]]:
    """The span as consecutive pieces of at most `capacity` tokens (a single token may be more).

    Pieces are filled evenly and end with a block, a line or a sentence where they can: the cheapest sequence of cuts,
    by dynamic programming. Part of a cut's cost is drawn from the words before it, so that after an edit the cuts of a
    long text fall back into step.
    """
    if ruler.size(start, end) <= capacity:
        return [(start, end)]
    cuts = [_Cut(start, 0.0), *_cuts(ruler, start, end, capacity), _Cut(end, 0.0)]
    best = [0.0]
    previous = [0]
    for index in range(1, len(cuts)):
        cost, before = _cheapest(ruler, cuts, best, index, capacity)
        best.append(cost + cuts[index].penalty)
        previous.append(before)
    return _pieces(cuts, previous)


def _cheapest(
    ruler: Ruler, cuts: Sequence[_Cut], best: Sequence[float], index: int, capacity: int
) -> tuple[float, int]:
    """The least cost of reaching the cut at `index`, and the cut before it."""
    end = cuts[index].position
    found = (float("inf"), index - 1)
    for before in range(index - 1, -1, -1):
        size = ruler.size(cuts[before].position, end)
        if size > capacity and before < index - 1:
            break
        slack = (capacity - size) / capacity if size < capacity else 0.0
        cost = best[before] + slack * slack
        if cost < found[0]:
            found = (cost, before)
    return found


def _pieces(cuts: Sequence[_Cut], previous: Sequence[int]) -> list[tuple[int, int]]:
    index = len(cuts) - 1
    positions = [cuts[index].position]
    while index:
        index = previous[index]
        positions.append(cuts[index].position)
    return list(pairwise(reversed(positions)))


def _cuts(ruler: Ruler, start: int, end: int, capacity: int) -> Iterator[_Cut]:
    """Every place to cut at, in order: finer ones only within what would otherwise not fit."""
    position = start
    for cut in [*_breaks(ruler.text, start, end), _Cut(end, 0.0)]:
        if ruler.size(position, cut.position) > capacity:
            yield from _finer_cuts(ruler, position, cut.position, capacity)
        if cut.position < end:
            yield cut
        position = cut.position


def _finer_cuts(ruler: Ruler, start: int, end: int, capacity: int) -> Iterator[_Cut]:
    position = start
    spaces = [match.end() for match in _SPACE.finditer(ruler.text, start, end) if start < match.end() < end]
    for place in [*spaces, end]:
        if ruler.size(position, place) > capacity:
            yield from (_Cut(at, _ATOM) for at in ruler.starts(position, place))
        if place < end:
            yield _Cut(place, _WORD)
        position = place


def _breaks(text: str, start: int, end: int) -> Iterator[_Cut]:
    for match in _BREAK.finditer(text, start, end):
        if not start < match.end() < end:
            continue
        penalty = _BLOCK if match[0].startswith("\n\n") else _LINE if match[0] == "\n" else _SENTENCE
        before = text[max(start, match.start() - _JITTER_CHARACTERS) : match.start()]
        if before.endswith(":"):
            penalty += _INTRODUCTION
        yield _Cut(match.end(), penalty + _JITTER * (zlib.crc32(before.encode()) % 1024) / 1024)


def _starts(tokens: Sequence[tuple[int, int]], length: int) -> list[int]:
    """Where tokens begin; all at once unless something is longer than a token should be."""
    bounds = np.array([(0, 0), *tokens, (length, length)], dtype=np.int64)
    longest = max(int((bounds[:, 1] - bounds[:, 0]).max()), int((bounds[1:, 0] - bounds[:-1, 1]).max()))
    return bounds[1:-1, 0].tolist() if longest <= _ATOM_CHARACTERS else list(_atoms(tokens, length))


def _atoms(tokens: Sequence[tuple[int, int]], length: int) -> Iterator[int]:
    """Where tokens begin, and further places within whatever is longer than a token should be."""
    position = 0
    for start, end in tokens:
        if start - position > _ATOM_CHARACTERS:
            yield from range(position, start, _ATOM_CHARACTERS)
        if start >= position:
            yield from range(start, max(end, start + 1), _ATOM_CHARACTERS)
        position = max(position, end)
    if length - position > _ATOM_CHARACTERS:
        yield from range(position, length, _ATOM_CHARACTERS)
