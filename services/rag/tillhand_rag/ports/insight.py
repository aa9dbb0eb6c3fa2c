"""Insight: what people ask, told redacted to those who look after the documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Rating = Literal["helpful", "unhelpful"]
Order = Literal["count", "recent"]


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer that was given. `question` is as it came: it is redacted before it is kept anywhere.

    `answer_id` is the `ans_…` that the answer carries; `sources` are ids of the documents that were cited, best first;
    `method` is the answer's (`extractive`, `generative`, `correction`); `ms` is the whole time.
    """

    answer_id: str
    collection: str
    tenant: str
    question: str
    answered: bool
    method: str
    confidence: float
    sources: Sequence[str]
    ms: float


class Insight(Protocol):
    """Hears of every answer."""

    def asked(self, asked: Asked) -> None:
        """Remember an answer; neither waits nor fails, and drops it (counted) where too many wait already."""
        ...


class Vocabulary(Protocol):
    """The words of a collection's own documents."""

    async def known(self, collection: str, words: Sequence[str]) -> frozenset[str]:
        """Those of these words that the documents hold in some form. Raises `StoreUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class AskedRecord:
    """An answer as kept. `question` is redacted, None where it had to be withheld; `form` is alike for like questions.

    `at` is RFC 3339 UTC.
    """

    answer_id: str
    collection: str
    tenant: str
    at: str
    question: str | None
    form: str
    answered: bool
    method: str
    confidence: float
    sources: tuple[str, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class AnswerOwner:
    """Where an answer belongs."""

    collection: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody (`by`: a person, or the id of a key) says of an answer; their last word counts.

    The texts are redacted. `at` is RFC 3339 UTC.
    """

    answer_id: str
    by: str
    rating: Rating
    comment: str | None
    expected_source: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Which questions are meant: those of a collection since then. `tenant` None stands for all of them."""

    collection: str
    tenant: str | None
    since: str
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of groups ended: the count or the time that they are ordered by, and the form."""

    by: int | str
    form: str


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Like questions. `question`, `last_answer_id` and `sources` are those of the last one; shares are 0 to 1."""

    form: str
    question: str | None
    last_answer_id: str
    sources: tuple[str, ...]
    count: int
    last_asked: str
    answered_share: float
    confidence: float
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one day (UTC), of one method, or of all."""

    name: str
    questions: int
    answered: int
    withheld: int
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts by day, the first one first, and by method."""

    days: Sequence[Tally]
    methods: Sequence[Tally]


class InsightRecords(Protocol):
    """What was asked, as kept. Every method raises `StoreUnavailable`."""

    async def add(self, records: Sequence[AskedRecord], *, keep: int, since: str) -> None:
        """Keep these, and forget all but the `keep` last ones and those before `since`."""
        ...

    async def owner(self, answer_id: str) -> AnswerOwner | None: ...

    async def put_feedback(self, feedback: Feedback) -> bool:
        """Keep what somebody says of an answer; False when there is no such answer any more."""
        ...

    async def questions(
        self, asking: Asking, *, order: Order, after: Place | None, limit: int
    ) -> Sequence[QuestionGroup]:
        """Groups of like questions, the largest or the latest first."""
        ...

    async def summary(self, asking: Asking) -> Summary: ...

    async def delete_collection(self, collection: str) -> None:
        """Forget what was asked of a collection."""
        ...
