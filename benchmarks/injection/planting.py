"""Attacks put into passages, as BIPIA puts them into contexts, and whether they are found there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from benchmarks.injection.data import Attack, Passage
from tillhand_rag.domain.injection import SuspiciousSpan
from tillhand_rag.domain.sentences import split_sentences

Position = Literal["start", "middle", "end", "in line"]
POSITIONS: tuple[Position, ...] = ("start", "middle", "end", "in line")
"""BIPIA's three, where an attack has a line of its own; and behind a full stop, in the same line."""


class Planted(NamedTuple):
    """A passage with an attack in it, at `start` to `end`."""

    attack: Attack
    position: Position
    passage: Passage
    start: int
    end: int

    def found(self, spans: Sequence[SuspiciousSpan]) -> bool:
        """Whether one of the spans lies on the attack."""
        return any(span.start < self.end and span.end > self.start for span in spans)


def plant(attack: Attack, passage: Passage, position: Position, chance: random.Random) -> Planted:
    """The passage with the attack before, within or behind it."""
    text, words = passage.text, attack.text
    ends = [each.end for each in split_sentences(text)]
    if position == "in line":
        ends = [end for end in ends if text[end - 1] in ".!?"]
    if position == "start":
        at, before, after = 0, "", "\n"
    elif position == "end" or not ends:
        at, before, after = len(text), "\n", ""
    else:
        between = " " if position == "in line" else "\n"
        at, before, after = chance.choice(ends), between, between
    start = at + len(before)
    planted = Passage(text[:at] + before + words + after + text[at:].lstrip(" "), passage.context)
    return Planted(attack, position, planted, start, start + len(words))
