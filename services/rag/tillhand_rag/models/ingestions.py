"""Ingestions and sources as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tillhand_rag.domain.jobs import State
from tillhand_rag.models.base import CollectionName, In, Out

MOST_URLS = 1_000
DEEPEST = 3
SHORTEST_REFRESH_S = 60
LONGEST_REFRESH_S = 90 * 86_400

WebUrl = Annotated[
    str, StringConstraints(min_length=8, max_length=1_000, pattern=r"^https?://[^\s/@?#\\]+([/?][^\s\x00-\x1f]*)?$")
]
Printable = r"^[^\x00-\x1f\x7f]*$"


class FolderToRead(In):
    """A folder of the server, below one that it allows (`TILLHAND_INGEST_ROOTS`)."""

    type: Literal["folder"]
    path: str = Field(min_length=1, max_length=4_096, pattern=Printable, description="absolute path on the server")
    pattern: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        pattern=Printable,
        description="which files: `*.md` by name, `guides/**/*.md` by path; without it every file of a known format",
    )
    prefix: str = Field(
        default="",
        max_length=200,
        pattern=Printable,
        description="stands before each file's path in the name of its document",
    )


class UrlsToRead(In):
    """Pages of the web, and what they link to on their own site."""

    type: Literal["urls"]
    urls: list[WebUrl] = Field(min_length=1, max_length=MOST_URLS)
    depth: int = Field(default=0, ge=0, le=DEEPEST, description="how many links deep; 0 reads only these pages")


class SitemapToRead(In):
    """The pages that a sitemap lists, or the sitemaps that it names."""

    type: Literal["sitemap"]
    url: WebUrl


ToRead = Annotated[FolderToRead | UrlsToRead | SitemapToRead, Field(discriminator="type")]
AllowEmpty = Annotated[
    bool, Field(default=False, description="let a source that lists nothing remove all that it gave before")
]


class IngestionStart(In):
    """What to read into a collection."""

    collection: CollectionName = "default"
    source: ToRead
    allow_empty: AllowEmpty


class UploadsForm(In):
    """The fields beside the files of a multipart request."""

    collection: CollectionName = "default"


class SourcePut(In):
    """What to read into a collection again and again; documents that vanish from it are removed."""

    collection: CollectionName = "default"
    source: ToRead
    refresh_every_s: int = Field(ge=SHORTEST_REFRESH_S, le=LONGEST_REFRESH_S)
    allow_empty: AllowEmpty


class FolderRead(Out):
    """A folder of the server."""

    type: Literal["folder"] = "folder"
    path: str
    pattern: str | None
    prefix: str


class UrlsRead(Out):
    """Pages of the web."""

    type: Literal["urls"] = "urls"
    urls: list[str]
    depth: int


class SitemapRead(Out):
    """The pages of a sitemap."""

    type: Literal["sitemap"] = "sitemap"
    url: str


class UploadsRead(Out):
    """Files that came with the request."""

    type: Literal["uploads"] = "uploads"
    files: int


Read = Annotated[FolderRead | UrlsRead | SitemapRead | UploadsRead, Field(discriminator="type")]


class IngestionProgress(Out):
    """How far an ingestion is."""

    phase: Literal["waiting", "listing", "reading", "removing", "done"] = "waiting"
    found: int | None = Field(default=None, description="files or pages; null while nobody knows")
    done: int = Field(default=0, description="files or pages that need nothing any more")
    created: int = Field(default=0, description="documents")
    updated: int = 0
    unchanged: int = Field(default=0, description="documents that were stored just as they are")
    refused: int = Field(default=0, description="files or pages that could not be taken")
    removed: int = Field(default=0, description="documents that vanished from the source")
    chunks: int = Field(default=0, description="passages of the files or pages that were read")
    per_s: float | None = Field(default=None, description="files or pages a second, of late")
    left_s: float | None = Field(default=None, description="an estimate; null while nobody can say")


class IngestionFailure(Out):
    """Something that could not be taken. `source` is a path below the folder, a file's name or an address."""

    source: str
    reason: str = Field(description="the slug of a problem")
    detail: str


class IngestionReport(Out):
    """What only the end of an ingestion tells."""

    complete: bool = Field(description="the whole source was seen, so that what is missing has vanished")
    ignored: int = Field(description="files of formats that are not read, and entries of other sites")
    kept: int = Field(description="files or pages that were not seen, of which the documents were kept all the same")
    kept_because: Literal["incomplete", "empty"] | None
    seconds: float


class Ingestion(Out):
    """An ingestion as it stands. Times are RFC 3339 UTC."""

    id: str
    collection: str
    state: State
    source: Read
    allow_empty: bool
    created_by: str = Field(description="in whose name, or the id of a key")
    created_at: str
    started_at: str | None
    finished_at: str | None
    attempts: int = Field(description="grows when the service was restarted while it ran")
    progress: IngestionProgress
    failures: list[IngestionFailure] = Field(description="the first 100")
    failures_total: int
    report: IngestionReport | None
    error: IngestionFailure | None = Field(description="why it failed as a whole")


class IngestionEvent(Out):
    """The data of an event `progress`; that of `done` is the whole ingestion."""

    id: str
    state: State
    progress: IngestionProgress
    failures_total: int


class IngestionPage(Out):
    """A page of ingestions, the newest first."""

    items: list[Ingestion]
    next_cursor: str | None


class Source(Out):
    """A source that is read again and again."""

    id: str
    collection: str
    source: Read
    allow_empty: bool
    refresh_every_s: int
    created_by: str = Field(description="in whose name, or the id of a key")
    created_at: str
    updated_at: str
    next_at: str = Field(description="when it is read next, at the earliest")
    last_ingestion: Ingestion | None = Field(description="the newest one of the same source, whoever started it")


class SourcePage(Out):
    """A page of sources, by collection and id."""

    items: list[Source]
    next_cursor: str | None
