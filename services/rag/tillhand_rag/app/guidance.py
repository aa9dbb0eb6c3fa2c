"""Opens what people tell the knowledge base, and what they ask of it: corrections and insight, in the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tillhand_common.clock import Clock
from tillhand_rag.ports.observer import Observer
from tillhand_rag.service.correction_book import CorrectionBook
from tillhand_rag.service.corrections import Correcting
from tillhand_rag.service.indexes import Indexes
from tillhand_rag.service.insight import Recorder, Retention
from tillhand_rag.service.insights import Insights
from tillhand_rag.service.redacting import IndexedVocabulary, Redacting
from tillhand_rag.service.routed import RoutedStore
from tillhand_rag.settings.insight import InsightSettings
from tillhand_rag.store.corrections import LedgerCorrections
from tillhand_rag.store.insight import LedgerInsight
from tillhand_rag.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Guidance:
    """Corrections and insight, running. `recorder` is the `Insight` that answering tells of each answer."""

    corrections: Correcting
    insights: Insights
    recorder: Recorder


async def load_corrections(ledger: Ledger, clock: Clock) -> CorrectionBook:
    """The corrections in force, for the indexes that are about to be opened. Raises `StoreUnavailable`."""
    book = CorrectionBook(LedgerCorrections(ledger), clock)
    await book.load()
    return book


@asynccontextmanager
async def open_guidance(
    settings: InsightSettings,
    ledger: Ledger,
    book: CorrectionBook,
    indexes: Indexes,
    *,
    observer: Observer,
    clock: Clock,
) -> AsyncIterator[Guidance]:
    """The use cases over these indexes; at the end, what waits to be recorded is."""
    redacting = Redacting(IndexedVocabulary(indexes))
    records = LedgerInsight(ledger)
    corrections = Correcting(
        book=book, records=LedgerCorrections(ledger), texts=RoutedStore(indexes), indexes=indexes, clock=clock
    )
    await corrections.warm()
    recorder = Recorder(
        records=records,
        redacting=redacting,
        observer=observer,
        clock=clock,
        retention=Retention(settings.insight_days, settings.insight_rows),
        enabled=settings.insight,
    )
    async with recorder:
        insights = Insights(records=records, recorder=recorder, redacting=redacting, clock=clock)
        yield Guidance(corrections, insights, recorder)
