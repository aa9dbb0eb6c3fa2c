"""A file name for what a server sent: parsers go by name and media type together, and on the web the type is right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from tillhand_common.web_address import WebAddress

# The usual extension of each media type, and the other ones that mean the same.
_EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "text/html": (".html", ".htm", ".xhtml"),
    "application/xhtml+xml": (".html", ".htm", ".xhtml"),
    "text/markdown": (".md", ".markdown", ".mdx"),
    "text/x-markdown": (".md", ".markdown", ".mdx"),
    "text/mdx": (".mdx", ".md"),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "text/csv": (".csv", ".tsv"),
    "text/tab-separated-values": (".tsv", ".csv"),
    "application/json": (".json", ".jsonl", ".ndjson"),
    "application/x-ndjson": (".jsonl", ".ndjson"),
    "application/jsonl": (".jsonl", ".ndjson"),
    # Servers say this of every text that they do not know better.
    "text/plain": (
        ".txt",
        ".text",
        ".md",
        ".markdown",
        ".mdx",
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".ndjson",
        ".html",
        ".htm",
    ),
}
_NEVER_DOCUMENTS = frozenset({"image", "audio", "video", "font", "model"})
_NEVER_DOCUMENT_TYPES = frozenset({"text/css", "text/javascript", "application/javascript", "application/zip"})
_MAX_STEM = 120
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def bare_type(media_type: str | None) -> str:
    """A media type without its parameters, in lower case; empty when there is none."""
    return (media_type or "").partition(";")[0].strip().lower()


def may_be_document(media_type: str | None) -> bool:
    """Whether something of this type is worth its bytes: pictures, sound, styles and scripts are not."""
    bare = bare_type(media_type)
    return bare.partition("/")[0] not in _NEVER_DOCUMENTS and bare not in _NEVER_DOCUMENT_TYPES


def filename_for(address: WebAddress, media_type: str | None) -> str:
    """The last part of the path, with an extension that fits the media type where that says something."""
    segment = unquote(address.path.rpartition("/")[2], errors="replace").replace("/", "_").replace("\\", "_")
    name = "".join(character for character in segment if character.isprintable()).lstrip(".") or "index"
    extensions = _EXTENSIONS.get(bare_type(media_type))
    suffix = PurePosixPath(name).suffix
    if extensions is None or suffix.lower() in extensions:
        return f"{name.removesuffix(suffix)[:_MAX_STEM]}{suffix[:_MAX_STEM]}"
    return f"{name[:_MAX_STEM]}{extensions[0]}"
