"""What is asked, read by those who look after the documents, and what is said of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.errors import AnswerNotFound
from tillhand_rag.ports.insight import (
    Asking,
    Feedback,
    InsightRecords,
    Order,
    Place,
    QuestionGroup,
    Rating,
    Summary,
)
from tillhand_rag.service.insight import Recorder
from tillhand_rag.service.redacting import Redacting

DEFAULT_DAYS: Final = 30


class Asker(Protocol):
    """Who asks: whose answers they may speak of."""

    @property
    def tenant(self) -> str: ...
    @property
    def scopes(self) -> frozenset[str]: ...

    def may_see(self, collection: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Said:
    """Feedback as it comes; `by` is whose word it is, as it is recorded."""

    by: str
    rating: Rating
    comment: str | None
    expected_source: str | None


class Insights:
    """Questions by how often they are asked, and feedback."""

    def __init__(self, *, records: InsightRecords, recorder: Recorder, redacting: Redacting, clock: Clock) -> None:
        self._records = records
        self._recorder = recorder
        self._redacting = redacting
        self._clock = clock

    async def say(self, answer_id: str, said: Said, by: Asker) -> None:
        """Keep what somebody says of an answer; their last word counts.

        Raises `AnswerNotFound` for an answer that is not there any more, or is not for this key to see.
        """
        owner = await self._records.owner(answer_id)
        if owner is None:
            await self._recorder.flush()  # it may have been given a moment ago
            owner = await self._records.owner(answer_id)
        if owner is None or not by.may_see(owner.collection) or _tenant(by) not in {None, owner.tenant}:
            raise _missing()
        texts = [said.comment or "", said.expected_source or ""]
        comment, source = await self._redacting.texts([(owner.collection, text) for text in texts])
        feedback = Feedback(
            answer_id, said.by, said.rating, comment or None, source or None, rfc3339(self._clock.now())
        )
        if not await self._records.put_feedback(feedback):
            raise _missing()

    async def questions(
        self, asking: Asking, *, order: Order, after: Place | None, limit: int
    ) -> Sequence[QuestionGroup]:
        """Groups of like questions, the largest or the latest first."""
        await self._recorder.flush()
        return await self._records.questions(asking, order=order, after=after, limit=limit)

    async def summary(self, asking: Asking) -> Summary:
        """Counts by day and by method."""
        await self._recorder.flush()
        return await self._records.summary(asking)

    async def delete_collection(self, collection: str) -> bool:
        """Forget what was asked of a collection that is deleted; False, for questions alone make no collection."""
        await self._recorder.flush()
        await self._records.delete_collection(collection)
        return False

    def asking(self, collection: str, by: Asker, *, since: str | None, unanswered: bool = False) -> Asking:
        """The questions that a key may read of; those of the last `DEFAULT_DAYS` unless it says since when."""
        oldest = rfc3339(self._recorder.oldest)
        start = since or rfc3339(self._clock.now() - timedelta(days=DEFAULT_DAYS))
        return Asking(collection, _tenant(by), max(start, oldest), unanswered)


def _tenant(by: Asker) -> str | None:
    """The tenant whose questions a key may know of; None for all of them."""
    return None if "admin" in by.scopes else by.tenant


def _missing() -> AnswerNotFound:
    return AnswerNotFound("There is no such answer.", field="answer_id")
