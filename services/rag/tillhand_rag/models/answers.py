"""Questions to be answered, and answers, as they go over the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tillhand_rag.domain.query import Mode
from tillhand_rag.models.base import CollectionName, Filters, In, Out
from tillhand_rag.models.corrections import CorrectionSource
from tillhand_rag.models.passages import Passage
from tillhand_rag.models.questions import MAX_QUERY_CHARACTERS, Times
from tillhand_rag.service.answers import FallbackReason, Method, NoticeCode, Unsupported, Wanted

MAX_TOKENS = 4_096


class AnswerRequest(In):
    """A question to be answered from the sources alone.

    `auto` lets a language model write the answer where one is configured, and quotes otherwise.
    """

    question: str = Field(min_length=1, max_length=MAX_QUERY_CHARACTERS)
    collection: CollectionName = "default"
    mode: Mode = "hybrid"
    filters: Filters
    method: Wanted = "auto"
    max_citations: int = Field(default=3, ge=1, le=10, description="most quotes of an extractive answer")
    max_tokens: int | None = Field(
        default=None,
        ge=1,
        le=MAX_TOKENS,
        description="most tokens of the language model, below the service's own limit",
    )
    unsupported: Unsupported | None = Field(
        default=None,
        description="what becomes of a written sentence that the sources do not bear out: `withhold` leaves it out, "
        "`mark` sends it with `supported: false`; by default what the service is set to",
    )


class Citation(Out):
    """An exact quote: `stored_text[start:end] == quote` in that version of the document."""

    document_id: str
    source: str
    title: str
    version: str
    start: int
    end: int
    quote: str
    heading_path: list[str]
    page: int | None
    score: float
    flagged: bool = Field(
        description="the quote holds text that reads like an instruction to a language model; nobody has followed it"
    )


class Sentence(Out):
    """A sentence of the answer. `citations` count from 1 in the answer's citations, as the marks in its text do."""

    text: str
    citations: list[int]
    supported: bool = Field(description="whether the stored text of its citations bears it out")


class Fallback(Out):
    """Why quotes stand in for what the language model should have written."""

    reason: FallbackReason
    retry_after_s: float | None = Field(description="when it may be asked again, where it said so")


class AnswerCorrection(Out):
    """The correction that the answer is: written by a person, in force, and preferred to what the sources say."""

    id: str
    version: int
    author: str
    last_verified: str
    expires_at: str | None
    matched_by: Literal["pattern", "meaning"]
    score: float = Field(description="cosine to the nearest example; 1 for a pattern")
    sources: list[CorrectionSource]


class Usage(Out):
    """What the language model used, in its own tokens."""

    prompt_tokens: int
    completion_tokens: int


class Notice(Out):
    """Something that a reader of the answer should know: `code` is for programs, `text` for people."""

    code: NoticeCode
    text: str


class AnswerTimes(Times):
    """Where the time went, in milliseconds; `write` is the language model's, verification included."""

    write: float | None


class Answer(Out):
    """An answer, or the word that the sources do not hold one.

    `confidence` is between 0 and 1; below `threshold` nothing is answered and `answer` is null. `method` tells how it
    came about; a written answer that quotes had to complete or replace says so in `fallback`.
    """

    id: str = Field(description="names this answer, for feedback")
    answered: bool
    answer: str | None
    method: Method
    confidence: float
    threshold: float
    citations: list[Citation]
    sentences: list[Sentence]
    fallback: Fallback | None
    correction: AnswerCorrection | None
    notices: list[Notice]
    usage: Usage | None
    model: str | None = Field(description="the language model that was asked")
    prompt: str | None = Field(description="name, version and digest of the prompt that it was asked with")
    cached: bool = Field(description="given before, and still true to the collection; the header Age says how old")
    times_ms: AnswerTimes


class SourcesEvent(Out):
    """`event: sources`, the first of a stream: the passages found, best first; none for a correction."""

    sources: list[Passage]


class TokenEvent(Out):
    """`event: token`: the next piece of the answer's text; all of them, one after the other, are the answer.

    `sentence` counts from 1; `cited` are the citations that it is the first to use, in the order of their numbers.
    """

    text: str
    sentence: int
    citations: list[int]
    supported: bool
    cited: list[Citation]
