"""The corrections of all collections in memory, and the vectors of their example questions."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tillhand_common.clock import Clock
from tillhand_rag.ports.corrections import CorrectionRecords, MeaningMatch, StoredCorrection
from tillhand_rag.ports.embedding import Embedder, Vectors
from tillhand_rag.service.correction_shelf import CorrectionShelf, Match, Rule

_TOGETHER: Final = 64
"""Example questions that are embedded in one call, so that somebody's question can go between two."""
_SPACES: Final = 2
"""Embedding spaces whose vectors stay in memory: while one takes another's place, both are asked."""


@dataclass(slots=True)
class _Held:
    """A collection's corrections, and how often they changed; `expiries` are POSIX times in order.

    `vectors` are those of the example questions, by space and correction.
    """

    shelf: CorrectionShelf = field(default_factory=lambda: CorrectionShelf({}))
    expiries: Sequence[float] = ()
    changes: int = 0
    expired: int = 0
    vectors: dict[str, dict[str, Vectors]] = field(default_factory=dict)
    learning: asyncio.Lock = field(default_factory=asyncio.Lock)

    def replace(self, rules: Mapping[str, Rule]) -> None:
        """Let these be the collection's corrections."""
        for known in self.vectors.values():
            for name in [name for name in known if rules.get(name) is not self.shelf.rules.get(name)]:
                del known[name]
        self.shelf = CorrectionShelf(rules)
        self.expiries = sorted(rule.expires for rule in rules.values())
        self.changes += 1

    def learn(self, space: str, rules: Sequence[Rule], vectors: Mapping[str, Vectors]) -> None:
        """Take over the vectors of those rules that still are in force."""
        known = self.vectors.setdefault(space, {})
        for rule in rules:
            name = rule.stored.id
            if name in vectors and self.shelf.rules.get(name) is rule:
                known[name] = vectors[name]
        while len(self.vectors) > _SPACES:
            del self.vectors[next(iter(self.vectors))]
        if self.shelf.by_meaning and all(rule.stored.id in known for rule in self.shelf.by_meaning):
            self.shelf.learn(space, known)


class CorrectionBook:
    """All corrections in force. Belongs to one event loop."""

    def __init__(self, records: CorrectionRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._held: defaultdict[str, _Held] = defaultdict(_Held)

    async def load(self) -> None:
        """Read all of them, also once more after the ledger has been replaced. Raises `StoreUnavailable`."""
        rules: dict[str, dict[str, Rule]] = {collection: {} for collection in self._held}
        for stored in await self._records.all():
            rules.setdefault(stored.collection, {})[stored.id] = Rule.of(stored)
        for collection, found in rules.items():
            self._held[collection].replace(found)

    def get(self, collection: str, name: str) -> StoredCorrection | None:
        """A correction in force or expired."""
        held = self._held.get(collection)
        rule = None if held is None else held.shelf.rules.get(name)
        return None if rule is None else rule.stored

    def put(self, stored: StoredCorrection, space: str, vectors: Vectors) -> None:
        """Let this correction be in force; `vectors` are those of its example questions in this embedding space."""
        held, rule = self._held[stored.collection], Rule.of(stored)
        held.replace({**held.shelf.rules, stored.id: rule})
        held.learn(space, [rule] if rule.examples else [], {stored.id: vectors})

    def drop(self, collection: str, name: str) -> None:
        """Let this correction be in force no more."""
        held = self._held[collection]
        held.replace({other: rule for other, rule in held.shelf.rules.items() if other != name})

    def drop_collection(self, collection: str) -> None:
        """Let none of these be in force."""
        if collection in self._held:
            self._held[collection].replace({})

    def collections(self) -> list[str]:
        """Collections with corrections."""
        return [collection for collection, held in self._held.items() if held.shelf.rules]

    def version(self, collection: str) -> int:
        """Grows whenever another correction may win in this collection: one was written, deleted, or has expired."""
        held = self._held.get(collection)
        if held is None:
            return 0
        expired = bisect_right(held.expiries, self._now())
        if expired != held.expired:
            held.changes, held.expired = held.changes + 1, expired
        return held.changes

    async def matches(
        self, collection: str, question: str, vector: Vectors | None, embedder: Embedder, *, margin: float = 0.0
    ) -> Iterator[Match]:
        """The matches for a question whose vector is this embedder's. See `CorrectionShelf.matches`."""
        held = self._held.get(collection)
        if held is None:
            return iter(())
        space = embedder.space.id
        if vector is not None and not held.shelf.knows(space):
            await self.ready(collection, embedder)
        return held.shelf.matches(question, vector, space, now=self._now(), margin=margin)

    async def ready(self, collection: str, embedder: Embedder, *, bulk: bool = False) -> None:
        """Have vectors of this embedder's space for all example questions, computing those that are not kept.

        Raises `EmbedderUnavailable` or `StoreUnavailable`.
        """
        held = self._held.get(collection)
        if held is None:
            return
        space = embedder.space.id
        async with held.learning:
            while not held.shelf.knows(space):
                rules = [rule for rule in held.shelf.by_meaning if rule.stored.id not in held.vectors.get(space, {})]
                kept = await self._records.vectors(collection, space) if rules else {}
                held.learn(space, rules, {r.stored.id: kept[r.stored.id] for r in rules if _fits(r, kept)})
                lacking = [rule for rule in rules if not _fits(rule, kept)]
                if lacking:
                    made = await _embedded(lacking, embedder, bulk=bulk)
                    versions = {(rule.stored.id, rule.stored.version): made[rule.stored.id] for rule in lacking}
                    await self._records.keep_vectors(collection, space, versions)
                    held.learn(space, lacking, made)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _fits(rule: Rule, kept: Mapping[str, Vectors]) -> bool:
    return rule.stored.id in kept and len(kept[rule.stored.id]) == len(rule.examples)


async def _embedded(rules: Sequence[Rule], embedder: Embedder, *, bulk: bool) -> dict[str, Vectors]:
    texts = [example for rule in rules for example in _questions(rule)]
    rows: list[Vectors] = []
    for start in range(0, len(texts), _TOGETHER):
        rows.extend(await embedder.embed(texts[start : start + _TOGETHER], bulk=bulk))
    made: dict[str, Vectors] = {}
    for rule in rules:
        count = len(rule.examples)
        made[rule.stored.id], rows = np.stack(rows[:count]), rows[count:]
    return made


def _questions(rule: Rule) -> tuple[str, ...]:
    match rule.stored.content.match:
        case MeaningMatch(examples, _):
            return examples
        case _:
            return ()
