"""Questions and answers as the use cases speak of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from tillhand_rag.domain.query import Query
from tillhand_rag.ports.chat import ChatUsage
from tillhand_rag.ports.corrections import Correction
from tillhand_rag.ports.store import ChunkRecord

Method = Literal["extractive", "generative", "correction"]
Wanted = Literal["auto", "extractive", "generative"]
Unsupported = Literal["withhold", "mark"]
FallbackReason = Literal["not-configured", "unavailable", "cut", "declined", "unsupported"]
FALLBACK_REASONS: Final[tuple[FallbackReason, ...]] = get_args(FallbackReason)
NoticeCode = Literal["sentences-withheld", "sentences-marked", "instructions-left-out", "cut-short"]


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom an answer may be kept: whoever has this tenant and may see these collections (None: all)."""

    tenant: str = "default"
    collections: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question and how it is to be answered. `max_citations` bounds the quotes of an extractive answer.

    `max_tokens` and `unsupported` fall back to the service's own. `recall` lets a kept answer be given again, `keep`
    lets this one be kept.
    """

    query: Query
    asker: Asker = Asker()
    method: Wanted = "auto"
    max_citations: int = 3
    max_tokens: int | None = None
    unsupported: Unsupported | None = None
    recall: bool = True
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote and where it stands: `stored_text[start:end] == quote` in that version of the chunk's document.

    `flagged`: it holds text that reads like an instruction to a language model.
    """

    chunk: ChunkRecord
    start: int
    end: int
    quote: str
    score: float
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class SourcesFound:
    """The passages that an answer will be made from, best first."""

    chunks: Sequence[ChunkRecord]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an answer. `piece` is what it adds to the answer's text: its gap, itself, its markers.

    `citations` count from 1 in the answer's citations; `cited` are those that no sentence before it had.
    """

    text: str
    piece: str
    citations: tuple[int, ...] = ()
    supported: bool = True
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Fallback:
    """Why quotes stand in for what a language model should have written; when it may be asked again, where it said."""

    reason: FallbackReason
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a reader of the answer should know."""

    code: NoticeCode
    text: str


def new_answer_id() -> str:
    """An id that nobody can guess: feedback on an answer is given under it."""
    return f"ans_{secrets.token_urlsafe(18)}"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, or none: then `text` is None and there are no citations.

    `usage`, `model`, `prompt` and `write_ms` are of the language model, where one was asked. `age_s` is that of a kept
    answer that is given again.
    """

    text: str | None
    confidence: float
    threshold: float
    citations: Sequence[Cited]
    embed_ms: float
    retrieve_ms: float
    method: Method = "extractive"
    sentences: Sequence[Said] = ()
    sources: Sequence[ChunkRecord] = ()
    fallback: Fallback | None = None
    correction: Correction | None = None
    usage: ChatUsage | None = None
    model: str | None = None
    prompt: str | None = None
    write_ms: float | None = None
    notices: Sequence[Notice] = ()
    id: str = field(default_factory=new_answer_id)
    age_s: float | None = None

    @property
    def answered(self) -> bool:
        """Whether the sources held an answer."""
        return self.text is not None


Event = SourcesFound | Said | Answered
"""What a stream gives: the sources, the sentences, and at last the whole answer."""
