"""What a sitemap file holds (https://www.sitemaps.org/protocol.html): XML or one address per line, packed or not."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from tillhand_common.gunzip import GzipDamaged, GzipOversized, gunzip

_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAX_TEXT = 4_096
_ENDLESS_TAG = re.compile(rb"<[^<>]{65536}")
_MAX_ELEMENTS = 1_000_000
_ROOT, _RECORD, _FIELD = 1, 2, 3
_RECORDS = {"urlset": "url", "sitemapindex": "sitemap"}
_FIELDS = frozenset({"loc", "lastmod"})


class SitemapUnreadable(Exception):
    """The file is no sitemap; the message says why in words for a person."""


@dataclass(frozen=True, slots=True)
class SitemapRecord:
    """One entry: the address as it is written, and the time as it is written."""

    location: str
    last_modified: str = ""

    @property
    def modified_at(self) -> datetime | None:
        """The time, in UTC when no zone is given; None when it is absent or not in the format."""
        try:
            moment = datetime.fromisoformat(self.last_modified)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(slots=True)
class SitemapFile:
    """The records of one file: pages (`urlset`) or further sitemaps (`sitemapindex`)."""

    kind: Literal["urlset", "sitemapindex"] = "urlset"
    records: list[SitemapRecord] = field(default_factory=list)
    truncated: bool = False


class _Full(Exception):
    """There are more records than are wanted."""


def read_sitemap(data: bytes, *, max_bytes: int, max_records: int) -> SitemapFile:
    """The records of a file, packed or not. Raises `SitemapUnreadable`."""
    if data.startswith(_GZIP):
        data = _unpacked(data, max_bytes)
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if start == b"<" or data.startswith(_UTF16):
        return _from_xml(data, max_records)
    return _from_lines(data, max_records)


def _unpacked(data: bytes, max_bytes: int) -> bytes:
    try:
        return gunzip(data, max_bytes)
    except GzipOversized:
        raise SitemapUnreadable("the archive unpacks to more than a sitemap may hold") from None
    except GzipDamaged:
        raise SitemapUnreadable("the archive is damaged") from None


def _from_lines(data: bytes, max_records: int) -> SitemapFile:
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not lines or not lines[0].lower().startswith(("http://", "https://")):
        raise SitemapUnreadable("the file is no sitemap")
    records = [SitemapRecord(line) for line in lines[:max_records]]
    return SitemapFile(records=records, truncated=len(lines) > max_records)


def _from_xml(data: bytes, max_records: int) -> SitemapFile:
    if _ENDLESS_TAG.search(data):
        raise SitemapUnreadable("the file holds a tag of absurd length")
    target = _SitemapTarget(max_records)
    # A sitemap declares no document type; whoever does wants entities to grow, or files of ours.
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(data)
        parser.close()
    except _Full:
        target.file.truncated = True
    except DefusedXmlException:
        raise SitemapUnreadable("the file declares a document type or entities, which no sitemap needs") from None
    except (ParseError, ValueError, LookupError):
        raise SitemapUnreadable("the file is not well-formed XML") from None
    return target.file


class _SitemapTarget:
    """Receives what the XML parser reads, and keeps no tree."""

    def __init__(self, max_records: int) -> None:
        self.file = SitemapFile()
        self._max_records = max_records
        self._elements = 0
        self._path: list[str] = []
        self._namespace = ""
        self._fields: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002  # the parser's protocol
        """An element begins."""
        self._path.append(tag)
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise SitemapUnreadable("the file holds more elements than a sitemap needs")
        if len(self._path) == _ROOT:
            self._begin(tag)
        elif len(self._path) == _RECORD:
            self._fields = {}

    def data(self, text: str) -> None:
        """Text, in pieces."""
        if len(self._path) == _FIELD and (name := self._name(self._path[-1])) in _FIELDS:
            self._fields[name] = (self._fields.get(name, "") + text)[:_MAX_TEXT]

    def end(self, tag: str) -> None:
        """An element ends."""
        depth = len(self._path)
        self._path.pop()
        if depth != _RECORD or self._name(tag) != _RECORDS[self.file.kind]:
            return
        if len(self.file.records) >= self._max_records:
            raise _Full
        if location := self._fields.get("loc", "").strip():
            self.file.records.append(SitemapRecord(location, self._fields.get("lastmod", "").strip()))

    def close(self) -> None:
        """The document ends."""

    def _begin(self, tag: str) -> None:
        self._namespace, brace, name = tag.rpartition("}")
        self._namespace += brace
        if name == "urlset":
            self.file.kind = "urlset"
        elif name == "sitemapindex":
            self.file.kind = "sitemapindex"
        else:
            raise SitemapUnreadable("the file is XML, but no sitemap")

    def _name(self, tag: str) -> str:
        """The name of an element of the sitemap's own namespace; those of extensions keep theirs in front."""
        return tag.removeprefix(self._namespace)
