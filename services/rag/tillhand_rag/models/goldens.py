"""Golden questions and evaluations as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tillhand_rag.domain.goldens import Problem
from tillhand_rag.domain.jobs import State
from tillhand_rag.domain.query import Mode
from tillhand_rag.models.base import CollectionName, Filters, In, Out
from tillhand_rag.models.operations import OperationFailure, OperationProgress
from tillhand_rag.models.questions import MAX_QUERY_CHARACTERS

MOST_QUESTIONS = 2_000

Text = Annotated[str, Field(min_length=1, max_length=2_000)]
FigureName = Annotated[str, Field(pattern=r"^[a-z0-9_@]{1,40}$")]


class GoldenQuestionIn(In):
    """A question with what its answer must quote, any of `quotes`, and from where, any of `sources`.

    One that no document answers has neither.
    """

    id: Annotated[str, Field(min_length=1, max_length=120)]
    question: str = Field(min_length=1, max_length=MAX_QUERY_CHARACTERS)
    answerable: bool
    quotes: list[Text] = Field(default_factory=list, max_length=20)
    sources: list[Text] = Field(default_factory=list, max_length=20)
    filters: Filters
    tags: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _says_what_is_right(self) -> Self:
        if self.answerable != bool(self.quotes):
            raise ValueError("an answerable question names at least one quote, an unanswerable one names none")
        return self


Questions = Annotated[list[GoldenQuestionIn], Field(min_length=1, max_length=MOST_QUESTIONS)]


class GoldensPut(In):
    """The golden questions of a collection: all that it shall have."""

    collection: CollectionName = "default"
    questions: Questions

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({question.id for question in self.questions}) < len(self.questions):
            raise ValueError("two questions carry the same id")
        return self


class GoldenQuestionOut(Out):
    """A golden question as it was given."""

    id: str
    question: str
    answerable: bool
    quotes: list[str]
    sources: list[str]
    filters: dict[str, object]
    tags: list[str]


class GoldenSet(Out):
    """The golden questions of a collection."""

    collection: str
    questions: list[GoldenQuestionOut]


class GoldenData(In):
    """Golden questions: those of the collection, or these."""

    type: Literal["goldens"] = "goldens"
    questions: Questions | None = None


class BeirData(In):
    """A folder of the server in BEIR layout (corpus.jsonl, queries.jsonl, qrels/), below one that it allows.

    It is read into an index of its own, which is removed afterwards. Needs the scope `admin`.
    """

    type: Literal["beir"]
    path: str = Field(min_length=1, max_length=4_096)
    split: str = Field(default="test", pattern=r"^[a-z0-9_-]{1,40}$")


class EvaluationStart(In):
    """What to ask, and what must at least come out of it.

    `thresholds` name figures of the report, such as `accuracy`, `unanswerable`, `quote_hit@1` or `ndcg@10`.
    """

    collection: CollectionName = "default"
    data: Annotated[GoldenData | BeirData, Field(discriminator="type")] = Field(default_factory=GoldenData)
    mode: Mode = "hybrid"
    thresholds: dict[FigureName, float] = Field(default_factory=dict, max_length=20)


class OutcomeOut(Out):
    """How one golden question went; `problem` is null where it went as it should."""

    id: str
    question: str
    answerable: bool
    answered: bool
    confidence: float
    problem: Problem | None
    quote: str | None
    source: str | None


class MissedThreshold(Out):
    """A figure below what was asked of it; `value` is null for one that the report does not have."""

    name: str
    value: float | None
    least: float


class EvaluationReport(Out):
    """What came out. `passed` says that no threshold was missed."""

    figures: dict[str, float]
    passed: bool
    missed: list[MissedThreshold]
    outcomes: list[OutcomeOut] = Field(description="empty for a test collection")
    tags: dict[str, dict[str, float]]
    index: str
    generation: str
    model: str
    seconds: float


class Evaluation(Out):
    """An evaluation as it stands. Times are RFC 3339 UTC."""

    id: str
    collection: str
    mode: Mode
    data: Literal["goldens", "beir"]
    state: State
    created_by: str = Field(description="in whose name, or the id of a key")
    created_at: str
    started_at: str | None
    finished_at: str | None
    progress: OperationProgress
    report: EvaluationReport | None
    error: OperationFailure | None


class EvaluationPage(Out):
    """A page of evaluations, the newest first."""

    items: list[Evaluation]
    next_cursor: str | None
