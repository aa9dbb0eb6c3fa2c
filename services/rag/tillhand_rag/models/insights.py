"""What is asked, and what is said of answers, as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tillhand_rag.models.base import In, Out

AnswerId = Annotated[str, StringConstraints(pattern=r"^ans_[A-Za-z0-9_-]{1,64}$")]


class FeedbackRequest(In):
    """What somebody says of an answer. The texts are kept redacted."""

    rating: Literal["helpful", "unhelpful"]
    comment: str | None = Field(default=None, max_length=2_000)
    expected_source: str | None = Field(
        default=None, max_length=1_000, description="the document that should have answered: its id or source"
    )


class AskedQuestion(Out):
    """Like questions: those with the same telling words. Question, answer and sources are those of the last one."""

    question: str | None = Field(description="redacted; null where it could not be and was withheld")
    count: int
    last_asked: str
    last_answer_id: str
    sources: list[str] = Field(description="ids of the documents that were cited, best first")
    answered_share: float
    confidence: float = Field(description="mean")
    helpful: int
    unhelpful: int


class AskedPage(Out):
    """A page of groups of like questions."""

    items: list[AskedQuestion]
    next_cursor: str | None


class Tally(Out):
    """Counts. `answered_rate` and `helpful_rate` are null where there is nothing to divide by."""

    questions: int
    answered: int
    withheld: int = Field(description="questions whose text was withheld, for it could not be redacted")
    helpful: int
    unhelpful: int
    answered_rate: float | None
    helpful_rate: float | None = Field(description="share of the feedback that says helpful")


class DayTally(Tally):
    """The counts of one day, UTC."""

    day: str


class MethodTally(Tally):
    """The counts of one way to answer."""

    method: str


class InsightSummary(Out):
    """What was asked of a collection since then."""

    collection: str
    since: str
    total: Tally
    days: list[DayTally]
    methods: list[MethodTally]
