"""Recording: off the path of answers, bounded, and forgotten by age and number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tillhand_common.metrics import Metrics
from tillhand_common.testing import FakeClock
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports.insight import Asked, Asking, QuestionGroup
from tillhand_rag.service.insight import Recorder, Retention
from tillhand_rag.service.redacting import Redacting
from tillhand_rag.store.insight import TABLES, LedgerInsight
from tillhand_rag.store.ledger import Ledger

ALL = Asking("shop", None, "")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(tmp_path / "ledger.sqlite3", [TABLES])
    yield opened
    await opened.close()


class Words:
    """A vocabulary that knows every word; while its gate is closed it keeps everybody waiting."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = asyncio.Event()
        self.broken: Exception | None = None

    async def known(self, collection: str, words: Sequence[str]) -> frozenset[str]:  # noqa: ARG002  # one for all
        self.waiting.set()
        await self.gate.wait()
        if self.broken is not None:
            raise self.broken
        return frozenset(words)


class Office:
    """A recorder over a ledger."""

    def __init__(self, ledger: Ledger, retention: Retention | None = None) -> None:
        self.clock, self.words, self.records = FakeClock(), Words(), LedgerInsight(ledger)
        self.metrics = Metrics("test")
        self.recorder = Recorder(
            records=self.records,
            redacting=Redacting(self.words),
            observer=PrometheusObserver(self.metrics),
            clock=self.clock,
            retention=retention or Retention(),
        )
        self.count = 0

    def ask(self, question: str = "Where is it?") -> None:
        self.count += 1
        self.recorder.asked(Asked(f"ans_{self.count}", "shop", "default", question, True, "extractive", 0.5, (), 1.0))

    def dropped(self) -> float:
        return self.metrics.registry.get_sample_value("rag_insight_dropped_total") or 0

    async def kept(self) -> Sequence[QuestionGroup]:
        return await self.records.questions(ALL, order="count", after=None, limit=500)


async def test_what_is_heard_is_kept_at_the_latest_when_the_recorder_ends(ledger: Ledger) -> None:
    office = Office(ledger)
    async with asyncio.timeout(20), office.recorder:
        for number in range(250):
            office.ask(f"Where is thing {number}?")
    assert len(await office.kept()) == 250
    assert office.dropped() == 0


async def test_an_answer_never_waits_and_what_is_too_much_is_dropped_and_counted(ledger: Ledger) -> None:
    office = Office(ledger)
    async with asyncio.timeout(20), office.recorder:
        office.words.gate.clear()
        office.ask("first")
        await office.words.waiting.wait()
        for _ in range(1_500):
            office.ask()
        assert office.dropped() == 500
        office.words.gate.set()
    assert sum(group.count for group in await office.kept()) == 1_001


async def test_before_it_begins_and_after_it_ended_nothing_is_taken(ledger: Ledger) -> None:
    office = Office(ledger)
    office.ask()
    async with office.recorder:
        pass
    office.ask()
    assert office.dropped() == 2
    assert await office.kept() == []


async def test_a_question_whose_words_cannot_be_looked_up_is_withheld(ledger: Ledger) -> None:
    office = Office(ledger)
    office.words.broken = StoreUnavailable("The store is closed.")
    async with asyncio.timeout(20), office.recorder:
        office.ask("Where is Jane?")
    [group] = await office.kept()
    assert group.question is None
    assert "jane" not in group.form


async def test_a_recorder_that_fails_drops_what_it_had_and_goes_on(ledger: Ledger) -> None:
    office = Office(ledger)
    async with asyncio.timeout(20), office.recorder:
        office.words.broken = RuntimeError("a defect")
        office.ask()
        await office.recorder.flush()
        office.words.broken = None
        office.ask()
    assert office.dropped() == 1
    assert sum(group.count for group in await office.kept()) == 1


async def test_only_so_many_and_so_old_questions_are_kept(ledger: Ledger) -> None:
    office = Office(ledger, Retention(days=2, rows=3))
    async with asyncio.timeout(20), office.recorder:
        for number in range(5):
            office.ask(f"old {number}")
        await office.recorder.flush()
        assert sorted(group.question or "" for group in await office.kept()) == ["old 2", "old 3", "old 4"]
        await office.clock.advance(3 * 86_400)
        office.ask("new")
    assert [group.question for group in await office.kept()] == ["new"]


async def test_what_has_become_too_old_while_the_service_was_down_is_forgotten_at_the_start(ledger: Ledger) -> None:
    before = Office(ledger)
    async with asyncio.timeout(20), before.recorder:
        before.ask()
    after = Office(ledger)
    await after.clock.advance(91 * 86_400)
    async with asyncio.timeout(20), after.recorder:
        await after.recorder.flush()
        assert await after.kept() == []
