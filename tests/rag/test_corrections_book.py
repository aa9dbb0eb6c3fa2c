"""Corrections in memory: what survives a restart, a change of the embedding model, and the passing of time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.waiting import until
from tillhand_common.clock import rfc3339
from tillhand_common.testing import FakeClock
from tillhand_rag.errors import CorrectionChanged, StoreUnavailable, TooManyCorrections
from tillhand_rag.ports.corrections import CorrectionContent, MeaningMatch, PatternMatch, Precondition, Writer
from tillhand_rag.service.correction_book import CorrectionBook
from tillhand_rag.store import corrections as table
from tillhand_rag.store.corrections import TABLES, LedgerCorrections
from tillhand_rag.store.ledger import Ledger

BY = Writer("key", "anna")
ANYHOW = Precondition()
QUESTION = "How long may I return a helmet?"


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(tmp_path / "ledger.sqlite3", [TABLES])
    yield opened
    await opened.close()


class Desk:
    """A book over a ledger, as the service keeps it."""

    def __init__(self, ledger: Ledger) -> None:
        self.clock = FakeClock()
        self.records = LedgerCorrections(ledger)
        self.book = CorrectionBook(self.records, self.clock)
        self.embedder = HashingEmbedder()

    async def write(self, name: str, match: PatternMatch | MeaningMatch, *, expires_at: str | None = None) -> int:
        content = CorrectionContent(match, "Yes.", (), "Support", "2026-01-01T00:00:00.000Z", expires_at)
        stored = await self.records.put("shop", name, content, BY, now=rfc3339(self.clock.now()), when=ANYHOW)
        examples = match.examples if isinstance(match, MeaningMatch) else ()
        vectors = await self.embedder.embed(examples) if examples else np.zeros((0, 64), dtype=np.float32)
        self.book.put(stored, self.embedder.space.id, vectors)
        if examples:
            await self.records.keep_vectors("shop", self.embedder.space.id, {(name, stored.version): vectors})
        return stored.version

    async def winner(self, question: str = QUESTION) -> str | None:
        vector = (await self.embedder.embed([question]))[0]
        found = await self.book.matches("shop", question, vector, self.embedder)
        return next((match.stored.id for match in found if match.refused is None), None)

    def embedded_examples(self) -> int:
        return sum(text != QUESTION for text in self.embedder.embedded)


async def test_after_a_restart_the_same_correction_wins_and_nothing_is_embedded_again(ledger: Ledger) -> None:
    before = Desk(ledger)
    await before.write("by-meaning", MeaningMatch((QUESTION, "And a glove?"), 0.8))
    await before.write("by-pattern", PatternMatch("* gloves *"))
    after = Desk(ledger)
    await after.book.load()
    assert await after.winner() == "by-meaning"
    assert await after.winner("Are gloves in stock?") == "by-pattern"
    assert after.embedded_examples() == 1  # the other question


async def test_another_embedding_model_has_the_examples_embedded_once_for_all_who_ask(ledger: Ledger) -> None:
    desk = Desk(ledger)
    await desk.write("x", MeaningMatch(tuple(f"{QUESTION} {n}" for n in range(70)), 0.8))
    desk.embedder = HashingEmbedder("another")
    desk.embedder.gate.clear()
    vector = np.zeros(64, dtype=np.float32)
    asking = [asyncio.ensure_future(desk.book.matches("shop", "Hm?", vector, desk.embedder)) for _ in range(5)]
    async with asyncio.timeout(10):
        await until(lambda: bool(desk.embedder.calls))
        desk.embedder.gate.set()
        await asyncio.gather(*asking)
    assert desk.embedded_examples() == 70
    assert max(map(len, desk.embedder.calls)) <= 64
    kept = await desk.records.vectors("shop", desk.embedder.space.id)
    assert kept["x"].shape == (70, 64)


async def test_vectors_of_a_correction_that_was_replaced_meanwhile_are_not_taken(ledger: Ledger) -> None:
    desk = Desk(ledger)
    await desk.write("x", MeaningMatch(("Old words entirely",), 0.8))
    other = HashingEmbedder("another")
    other.gate.clear()
    learning = asyncio.ensure_future(desk.book.ready("shop", other))
    async with asyncio.timeout(10):
        await until(lambda: bool(other.calls))
        await desk.write("x", MeaningMatch((QUESTION,), 0.8))
        other.gate.set()
        await learning
    desk.embedder = other
    assert await desk.winner() == "x"
    assert await desk.winner("Old words entirely") is None


async def test_only_the_vectors_of_the_last_two_models_are_kept(ledger: Ledger) -> None:
    desk = Desk(ledger)
    await desk.write("x", MeaningMatch((QUESTION,), 0.8))
    embedders = [desk.embedder, HashingEmbedder("second"), HashingEmbedder("third")]
    for embedder in embedders:
        await desk.book.ready("shop", embedder)
    held = [bool(await desk.records.vectors("shop", embedder.space.id)) for embedder in embedders]
    assert held == [False, True, True]


async def test_the_version_grows_with_every_change_and_when_one_expires(ledger: Ledger) -> None:
    desk = Desk(ledger)
    seen = [desk.book.version("shop")]
    soon = rfc3339(desk.clock.now()).replace("00:00:00", "00:01:00")
    await desk.write("x", PatternMatch("* helmet"), expires_at=soon)
    seen.append(desk.book.version("shop"))
    assert desk.book.version("shop") == seen[-1]
    assert await desk.winner() == "x"
    await desk.clock.advance(60)
    assert await desk.winner() is None
    seen.append(desk.book.version("shop"))
    await desk.write("x", PatternMatch("* helmet"))
    seen.append(desk.book.version("shop"))
    desk.book.drop("shop", "x")
    seen.append(desk.book.version("shop"))
    desk.book.drop_collection("shop")
    seen.append(desk.book.version("shop"))
    assert seen == sorted(set(seen))
    assert desk.book.version("another") == 0


async def test_the_history_cannot_be_rewritten(ledger: Ledger) -> None:
    await Desk(ledger).write("x", PatternMatch("* helmet"))
    with pytest.raises(StoreUnavailable):
        await ledger.write(lambda connection: connection.execute("UPDATE correction_history SET actor = 'me'"))


async def test_a_write_that_is_refused_leaves_no_trace(ledger: Ledger) -> None:
    desk = Desk(ledger)
    await desk.write("x", PatternMatch("* helmet"))
    content = (await desk.records.all())[0].content
    for precondition in (Precondition(exists=False), Precondition(versions=frozenset({7}))):
        with pytest.raises(CorrectionChanged):
            await desk.records.put("shop", "x", content, BY, now="now", when=precondition)
    assert [entry.version for entry in await desk.records.history("shop", "x", after=0, limit=9)] == [1]


async def test_a_full_collection_takes_new_versions_and_nothing_new(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MAX_CORRECTIONS", 2)
    desk = Desk(ledger)
    await desk.write("x", PatternMatch("* helmet"))
    await desk.write("y", PatternMatch("* helmet"))
    with pytest.raises(TooManyCorrections):
        await desk.write("z", PatternMatch("* helmet"))
    assert await desk.write("y", PatternMatch("* helmet")) == 2
