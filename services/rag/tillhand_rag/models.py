"""Wire shapes of the knowledge base's HTTP interface: strict in, explicit out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StringConstraints

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.query import Mode

CollectionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
DocumentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$")]
GivenId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""An id of the client's choice; the records of a file that it names get ids below it, after a colon."""
AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]
Scalar = (
    Annotated[str, StringConstraints(max_length=1_000)]
    | StrictBool
    | Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
)
Bound = (
    Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | Annotated[str, StringConstraints(max_length=1_000)]
)
Attributes = Annotated[dict[AttributeName, Scalar], Field(default_factory=dict, max_length=64)]

MAX_TOP_K = 200
MAX_QUERY_CHARACTERS = 4_000


class In(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Out(BaseModel):
    """A response body."""

    model_config = ConfigDict(extra="forbid")


class Comparison(In):
    """Comparisons on one attribute; at least one, and all given ones must hold."""

    eq: Scalar | None = None
    ne: Scalar | None = None
    in_: list[Scalar] | None = Field(default=None, alias="in", min_length=1, max_length=1_000)
    nin: list[Scalar] | None = Field(default=None, min_length=1, max_length=1_000)
    gt: Bound | None = None
    gte: Bound | None = None
    lt: Bound | None = None
    lte: Bound | None = None
    exists: StrictBool | None = None


Filters = Annotated[
    dict[AttributeName, Scalar | Comparison],
    Field(
        default_factory=dict,
        max_length=32,
        description="Attribute to value (equality) or to comparisons, all of which must hold: "
        '{"brand": "Aster", "price_minor": {"lte": 5000}}.',
    ),
]


class TextDocument(In):
    """A document given as text. `source` names where it comes from; the same source replaces."""

    collection: CollectionName = "default"
    id: GivenId | None = None
    source: str = Field(min_length=1, max_length=1_000)
    title: str | None = Field(default=None, max_length=1_000)
    text: str = Field(min_length=1)
    media_type: Literal["text/markdown", "text/plain", "text/html", "text/csv", "application/json"] = "text/markdown"
    attributes: Attributes


class UploadForm(In):
    """The fields beside `file` of a multipart upload; the source is the file's name unless given."""

    collection: CollectionName = "default"
    id: GivenId | None = None
    source: str | None = Field(default=None, min_length=1, max_length=1_000)
    title: str | None = Field(default=None, max_length=1_000)
    attributes: Attributes


class Document(Out):
    """A stored document."""

    collection: str
    id: str
    source: str
    title: str = Field(description="empty where neither the text nor its source has one")
    media_type: str
    version: str = Field(description="SHA-256 over text, title and attributes")
    characters: int
    chunks: int
    attributes: dict[str, AttributeValue]
    created_at: str
    updated_at: str


class Refusal(Out):
    """Why a line of an upload was refused, in the words of a problem."""

    line: int = Field(description="counted from 1")
    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


class DocumentBatch(Out):
    """What one upload became: a file of products becomes a document per record, as do many lines one each."""

    documents: list[Document]
    created: int
    updated: int
    unchanged: int
    refused: list[Refusal] = Field(default_factory=list, description="lines that could not be taken; the others were")


class DocumentPage(Out):
    """A page of documents, by id."""

    items: list[Document]
    next_cursor: str | None


class TextSpan(Out):
    """A span of a document's canonical text."""

    document_id: str
    version: str
    start: int
    end: int
    text: str


class Collection(Out):
    """A collection and how much it holds."""

    name: str
    documents: int
    chunks: int


class CollectionPage(Out):
    """A page of the collections that the key may see, by name."""

    items: list[Collection]
    next_cursor: str | None


class SearchRequest(In):
    """A search. `hybrid` fuses the dense and the keyword list."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARACTERS)
    collection: CollectionName = "default"
    mode: Mode = "hybrid"
    filters: Filters
    top_k: int = Field(default=10, ge=1, le=MAX_TOP_K)


class Why(Out):
    """Why a hit was found: its place (1-based) and score in each list, and the query's words that it holds."""

    dense_rank: int | None = None
    dense_score: float | None = Field(default=None, description="cosine similarity, -1 to 1")
    keyword_rank: int | None = None
    keyword_score: float | None = Field(default=None, description="BM25")
    matched_terms: list[str] = Field(default_factory=list)


class Hit(Out):
    """A passage found. `text` is `stored_text[start:end]` of that version of the document."""

    document_id: str
    source: str
    title: str
    version: str
    start: int
    end: int
    text: str
    heading_path: list[str]
    page: int | None
    attributes: dict[str, AttributeValue]
    score: float
    why: Why


class Times(Out):
    """Where the time went, in milliseconds."""

    embed: float
    retrieve: float
    total: float


class SearchResponse(Out):
    """Hits, best first."""

    collection: str
    mode: Mode
    hits: list[Hit]
    times_ms: Times


class AnswerRequest(In):
    """A question to be answered from the sources alone."""

    question: str = Field(min_length=1, max_length=MAX_QUERY_CHARACTERS)
    collection: CollectionName = "default"
    mode: Mode = "hybrid"
    filters: Filters
    max_citations: int = Field(default=3, ge=1, le=10)


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


class Answer(Out):
    """An answer made of quotes, or the word that the sources do not hold one.

    `confidence` is between 0 and 1; below `threshold` nothing is answered and `answer` is null.
    """

    answered: bool
    answer: str | None
    method: Literal["extractive", "generative"]
    confidence: float
    threshold: float
    citations: list[Citation]
    times_ms: Times
