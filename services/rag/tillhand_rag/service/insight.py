"""Every answer, recorded redacted and off its path: the answer neither waits for it nor fails with it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

import structlog

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.domain.asked import question_form
from tillhand_rag.ports.insight import Asked, AskedRecord, InsightRecords
from tillhand_rag.ports.observer import Observer
from tillhand_rag.service.redacting import Redacting

_CAPACITY: Final = 1_000
_TOGETHER: Final = 100
_IDLE_S: Final = 3_600.0
"""After so long without a question, what has become too old is forgotten all the same."""
_MOST_SOURCES: Final = 3

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long and how many questions are kept."""

    days: int = 90
    rows: int = 100_000


@dataclass(frozen=True, slots=True)
class _Heard:
    """An answer, and when it was heard of."""

    asked: Asked
    at: datetime


class Recorder:
    """An `Insight` that keeps what it hears, in batches."""

    def __init__(
        self,
        *,
        records: InsightRecords,
        redacting: Redacting,
        observer: Observer,
        clock: Clock,
        retention: Retention,
        enabled: bool = True,
    ) -> None:
        self._records = records
        self._redacting = redacting
        self._observer = observer
        self._clock = clock
        self._retention = retention
        self._enabled = enabled
        self._queue: asyncio.Queue[_Heard | asyncio.Future[None] | None] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._key = secrets.token_bytes(32)

    async def __aenter__(self) -> Self:
        """Begin to keep."""
        self._worker = asyncio.create_task(self._work(), name="insight")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Keep what waits, and end."""
        worker, self._worker = self._worker, None
        if worker is not None:
            self._queue.put_nowait(None)
            await worker

    @property
    def oldest(self) -> datetime:
        """What was asked before is forgotten."""
        return self._clock.now() - timedelta(days=self._retention.days)

    def asked(self, asked: Asked) -> None:
        """Remember an answer; neither waits nor fails, and drops it (counted) where too many wait already."""
        if not self._enabled:
            return
        if self._worker is None or self._queue.qsize() >= _CAPACITY:
            self._observer.unrecorded(1)
            return
        self._queue.put_nowait(_Heard(asked, self._clock.now()))

    async def flush(self) -> None:
        """Return once everything that was heard before this call is kept, or dropped."""
        if self._worker is not None:
            reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queue.put_nowait(reached)
            await reached

    async def _work(self) -> None:
        await self._keep([])  # which forgets what has become too old meanwhile
        ended = False
        while not ended:
            heard, waiting, ended = await self._batch()
            await self._keep(heard)
            for reached in waiting:
                if not reached.done():
                    reached.set_result(None)

    async def _batch(self) -> tuple[list[_Heard], list[asyncio.Future[None]], bool]:
        """What is heard next and all that waits behind it, who wants to know that it is kept, and whether it ends."""
        heard: list[_Heard] = []
        waiting: list[asyncio.Future[None]] = []
        with contextlib.suppress(TimeoutError):
            item = await asyncio.wait_for(self._queue.get(), _IDLE_S)
            while True:
                if item is None:
                    return heard, waiting, True
                if isinstance(item, asyncio.Future):
                    waiting.append(item)
                else:
                    heard.append(item)
                if self._queue.empty() or len(heard) >= _TOGETHER:
                    break
                item = self._queue.get_nowait()
        return heard, waiting, False

    async def _keep(self, heard: Sequence[_Heard]) -> None:
        try:
            records = await self._redacted(heard)
            await self._records.add(records, keep=self._retention.rows, since=rfc3339(self.oldest))
        except Exception as error:  # noqa: BLE001  # the boundary of this task: it goes on, and nothing of a text is told
            self._observer.unrecorded(len(heard))
            _log.error("insight_not_kept", questions=len(heard), error=type(error).__name__)

    async def _redacted(self, heard: Sequence[_Heard]) -> list[AskedRecord]:
        texts = await self._redacting.texts([(each.asked.collection, each.asked.question) for each in heard])
        return [self._record(each, text) for each, text in zip(heard, texts, strict=True)]

    def _record(self, heard: _Heard, text: str | None) -> AskedRecord:
        asked = heard.asked
        return AskedRecord(
            answer_id=asked.answer_id,
            collection=asked.collection,
            tenant=asked.tenant,
            at=rfc3339(heard.at),
            question=text,
            form=self._blind_form(asked.question) if text is None else question_form(text),
            answered=asked.answered,
            method=asked.method,
            confidence=asked.confidence,
            sources=tuple(asked.sources)[:_MOST_SOURCES],
            ms=asked.ms,
        )

    def _blind_form(self, question: str) -> str:
        """A form that tells like questions of one run together, and nothing else: the key is kept nowhere."""
        return (
            f"withheld {hashlib.blake2b(question_form(question).encode(), key=self._key, digest_size=16).hexdigest()}"
        )
