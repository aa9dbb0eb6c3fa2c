"""What an ingestion reads: a folder of the server, pages of the web, or files that came with the request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

SourceType = Literal["folder", "urls", "sitemap", "uploads"]


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder below an allowed one, `root`; `pattern` chooses files, and `prefix` stands before each one's name."""

    path: str
    root: str
    pattern: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class UrlsSource:
    """Pages, and those that they link to on the same host, `depth` links deep."""

    urls: tuple[str, ...]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class SitemapSource:
    """Every page that a sitemap, or the sitemaps that it names, lists."""

    url: str


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came with the request."""

    name: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class UploadsSource:
    """Files that came with the request; they are kept until the job has ended."""

    files: tuple[UploadedFile, ...]


IngestionSource = FolderSource | UrlsSource | SitemapSource | UploadsSource

_TYPES: Final[Mapping[type[IngestionSource], SourceType]] = {
    FolderSource: "folder",
    UrlsSource: "urls",
    SitemapSource: "sitemap",
    UploadsSource: "uploads",
}


@dataclass(frozen=True, slots=True)
class IngestionRequest:
    """What a job is to read into a collection. With `allow_empty` a source that lists nothing empties what it gave."""

    collection: str
    source: IngestionSource
    allow_empty: bool = False


def type_of(source: IngestionSource) -> SourceType:
    """What kind of source this is."""
    return _TYPES[type(source)]


def lane_of(request: IngestionRequest) -> str:
    """Names a source in its collection: what two jobs may not read at once, and whose documents can vanish."""
    parts = [request.collection, type_of(request.source), asdict(request.source)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def request_as_json(request: IngestionRequest) -> dict[str, object]:
    """A request as a job keeps it."""
    source = {"type": type_of(request.source), **asdict(request.source)}
    return {"collection": request.collection, "source": source, "allow_empty": request.allow_empty}


def request_from_json(content: Mapping[str, Any]) -> IngestionRequest:
    """A request out of what `request_as_json` made of it."""
    source = {**content["source"]}
    kind: SourceType = source.pop("type")
    return IngestionRequest(content["collection"], _source(kind, source), content["allow_empty"])


def _source(kind: SourceType, fields: Mapping[str, Any]) -> IngestionSource:
    if kind == "folder":
        return FolderSource(**fields)
    if kind == "urls":
        return UrlsSource(tuple(fields["urls"]), fields["depth"])
    if kind == "sitemap":
        return SitemapSource(**fields)
    return UploadsSource(tuple(UploadedFile(**file) for file in fields["files"]))
