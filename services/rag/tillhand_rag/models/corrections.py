"""Corrections as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tillhand_rag.domain.patterns import MAX_CHARACTERS
from tillhand_rag.models.base import CollectionName, DocumentId, In, Out
from tillhand_rag.models.moments import Moment
from tillhand_rag.models.questions import MAX_QUERY_CHARACTERS
from tillhand_rag.service.correction_sources import MAX_QUOTE_CHARACTERS

MAX_ANSWER_CHARACTERS = 20_000
DEFAULT_THRESHOLD = 0.85
"""From this cosine on, no golden question of the sample shop was mistaken for another; `benchmarks/corrections.py`."""


Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Example = Annotated[Text, StringConstraints(max_length=MAX_QUERY_CHARACTERS)]


class ByPattern(In):
    """Matches whole questions: words in any case; `*` stands for any words, or within a word for any characters."""

    type: Literal["pattern"]
    pattern: str = Field(min_length=1, max_length=MAX_CHARACTERS, examples=["how * return * helmet*"])


class ByMeaning(In):
    """Matches questions that mean the same as an example, and differ from it in no figure, name or negation."""

    type: Literal["meaning"]
    examples: list[Example] = Field(min_length=1, max_length=10)
    threshold: float = Field(
        default=DEFAULT_THRESHOLD, ge=0.5, le=1, description="least cosine to an example", allow_inf_nan=False
    )


class _Said(In):
    title: str | None = Field(default=None, min_length=1, max_length=1_000)
    quote: str | None = Field(
        default=None, min_length=1, max_length=MAX_QUOTE_CHARACTERS, description="must stand in the stored text exactly"
    )
    start: int | None = Field(default=None, ge=0, description="of the span, in code points; goes with `end`")
    end: int | None = Field(default=None, ge=1)


class DocumentSource(_Said):
    """A document of the collection by its id, and what it says."""

    document_id: DocumentId


class NamedSource(_Said):
    """A document of the collection by where it came from, and what it says."""

    source: str = Field(min_length=1, max_length=1_000)


class WebSource(In):
    """A page somewhere else; it is not checked."""

    url: str = Field(max_length=2_000, pattern=r"^https?://[^\s/@]+(/\S*)?$")
    title: str | None = Field(default=None, min_length=1, max_length=1_000)


class CorrectionRequest(In):
    """An answer written by a person, and the questions that it is meant for."""

    collection: CollectionName = "default"
    match: Annotated[ByPattern | ByMeaning, Field(discriminator="type")]
    answer: Text = Field(max_length=MAX_ANSWER_CHARACTERS, description="Markdown")
    sources: list[DocumentSource | NamedSource | WebSource] = Field(default_factory=list, max_length=20)
    author: Text = Field(max_length=200, description="who answers for it, as the team calls them")
    last_verified: Moment = Field(description="when somebody last made sure that it holds")
    expires_at: Moment | None = Field(default=None, description="from then on it matches nothing any more")


class CorrectionSource(Out):
    """What a correction rests on. With a quote, `stored_text[start:end] == quote` unless `stale`."""

    document_id: str | None
    source: str | None
    title: str | None
    version: str | None
    start: int | None
    end: int | None
    quote: str | None
    url: str | None
    stale: bool = Field(description="the document has gone, or does not say so any more")


class CorrectionText(Out):
    """What a person wrote."""

    match: Annotated[ByPattern | ByMeaning, Field(discriminator="type")]
    answer: str
    sources: list[CorrectionSource]
    author: str
    last_verified: str
    expires_at: str | None


class Correction(CorrectionText):
    """A correction as it is kept; `version` counts what became of it under this id."""

    collection: str
    id: str
    version: int
    expired: bool
    created_at: str
    updated_at: str


class CorrectionPage(Out):
    """A page of corrections, by id."""

    items: list[Correction]
    next_cursor: str | None


class CorrectionChange(Out):
    """What became of a correction: `content` is that of this version, as it was written; none when it was deleted."""

    version: int
    action: Literal["put", "deleted"]
    at: str
    key_id: str
    actor: str | None = Field(description="in whose name the key acted")
    content: CorrectionText | None


class CorrectionHistory(Out):
    """What became of a correction, oldest first."""

    items: list[CorrectionChange]
    next_cursor: str | None


class TrialRequest(In):
    """A question to try the corrections with."""

    collection: CollectionName = "default"
    question: Example


class Considered(Out):
    """A correction that the question meets, or nearly. `refused` says why it is not meant all the same."""

    id: str
    version: int
    matched_by: Literal["pattern", "meaning"]
    score: float = Field(description="cosine to the nearest example; 1 for a pattern")
    refused: Literal["below-threshold", "number", "name", "negation", "kind"] | None


class Trial(Out):
    """Which correction wins for a question, if any, and what else was considered, best first."""

    winner: str | None
    considered: list[Considered]
