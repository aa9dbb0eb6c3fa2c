"""The corrections of one collection, ready to be asked which is meant for a question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np

from tillhand_rag.domain.likeness import Difference, Traits, difference, traits
from tillhand_rag.domain.patterns import Pattern, question_words
from tillhand_rag.ports.corrections import MeaningMatch, PatternMatch, StoredCorrection
from tillhand_rag.ports.embedding import Vectors

Refusal = Literal["below-threshold"] | Difference

_FOR_EVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Match:
    """A correction that may be meant. `refused` says why it is not; None where it is."""

    stored: StoredCorrection
    matched_by: Literal["pattern", "meaning"]
    score: float
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A correction, compiled. `expires` is a POSIX time in seconds."""

    stored: StoredCorrection
    expires: float
    pattern: Pattern | None
    examples: tuple[Traits, ...] = ()
    threshold: float = 1.0

    @classmethod
    def of(cls, stored: StoredCorrection) -> Rule:
        """Compile a correction."""
        content = stored.content
        until = content.expires_at
        expires = _FOR_EVER if until is None else datetime.fromisoformat(until).timestamp()
        match content.match:
            case PatternMatch(pattern):
                return cls(stored, expires, Pattern.parse(pattern))
            case MeaningMatch(examples, threshold):
                return cls(stored, expires, None, tuple(map(traits, examples)), threshold)


@dataclass(frozen=True, slots=True)
class _Examples:
    """All example questions as one matrix. `rules` and `thresholds` belong to its rows."""

    matrix: Vectors
    thresholds: Vectors
    rules: tuple[tuple[Rule, Traits], ...]


class CorrectionShelf:
    """Patterns indexed by a word that a question must hold, example questions as one matrix per embedding space.

    Which wins: patterns before meaning; of patterns the more specific one, of examples the nearer one; then the
    smaller id.
    """

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        patterns = [(rule, rule.pattern) for _, rule in sorted(rules.items()) if rule.pattern is not None]
        self._patterns = sorted(patterns, key=lambda each: each[1].specificity, reverse=True)
        held = Counter(word for _, pattern in self._patterns for word in pattern.literals)
        self._anchored: defaultdict[str, list[int]] = defaultdict(list)
        for place, (_, pattern) in enumerate(self._patterns):
            self._anchored[min(pattern.literals, key=lambda word: (held[word], word))].append(place)
        self._examples: dict[str, _Examples] = {}

    @property
    def by_meaning(self) -> list[Rule]:
        """Those that match by example questions."""
        return [rule for rule in self.rules.values() if rule.examples]

    def knows(self, space: str) -> bool:
        """Whether the example questions have vectors of this embedding space."""
        return space in self._examples or not self.by_meaning

    def learn(self, space: str, vectors: Mapping[str, Vectors]) -> None:
        """Take over the vectors of all example questions, by correction."""
        rules = self.by_meaning
        rows = [vectors[rule.stored.id] for rule in rules]
        thresholds = [rule.threshold for rule in rules for _ in rule.examples]
        self._examples[space] = _Examples(
            np.concatenate(rows).astype(np.float32),
            np.array(thresholds, dtype=np.float32),
            tuple((rule, example) for rule in rules for example in rule.examples),
        )

    def matches(
        self, question: str, vector: Vectors | None, space: str, *, now: float, margin: float = 0.0
    ) -> Iterator[Match]:
        """Every match in force at `now`, the one that wins first; with a margin, also what misses by no more."""
        yield from self._of_patterns(question, now)
        examples = self._examples.get(space)
        if vector is not None and examples is not None:
            yield from _of_examples(examples, question, vector, now, margin)

    def _of_patterns(self, question: str, now: float) -> Iterator[Match]:
        words = question_words(question)
        told = frozenset(words)
        for place in sorted(place for word in told for place in self._anchored.get(word, ())):
            rule, pattern = self._patterns[place]
            if pattern.literals <= told and now < rule.expires and pattern.matches(words):
                yield Match(rule.stored, "pattern", 1.0)


def _of_examples(examples: _Examples, question: str, vector: Vectors, now: float, margin: float) -> Iterator[Match]:
    cosines = examples.matrix @ vector
    near = np.flatnonzero(cosines >= examples.thresholds - np.float32(margin))
    if not len(near):
        return
    asked = traits(question)
    rows = sorted(near.tolist(), key=lambda row: (-float(cosines[row]), examples.rules[row][0].stored.id))
    for row in rows:
        rule, example = examples.rules[row]
        if now < rule.expires:
            refused: Refusal | None = difference(asked, example)
            if refused is None and cosines[row] < examples.thresholds[row]:
                refused = "below-threshold"
            yield Match(rule.stored, "meaning", round(float(cosines[row]), 4), refused)
