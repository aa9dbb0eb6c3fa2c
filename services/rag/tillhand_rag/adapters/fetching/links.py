"""Which pages a page links to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from selectolax.lexbor import LexborHTMLParser

from tillhand_common.egress_errors import UrlRefused
from tillhand_common.web_address import WebAddress
from tillhand_rag.adapters.parsing.encoding import charset_of, decode, html_charset
from tillhand_rag.adapters.parsing.html_tree import parse_tree
from tillhand_rag.errors import DocumentProblem

_MAX_LINKS = 5_000
_NO_PAGES = frozenset(
    ".7z .avi .bmp .bz2 .css .dmg .eot .exe .gif .gz .ico .iso .jpeg .jpg .js .mov .mp3 .mp4 .mpg .msi .ogg .otf .png "
    ".rar .rss .svg .tar .tgz .tif .tiff .ttf .wav .webm .webp .wmv .woff .woff2 .xml .zip".split()
)


def links_of(data: bytes, base: WebAddress, media_type: str | None) -> list[WebAddress]:
    """The pages of the same origin that an HTML page links to, each once, in their order.

    Links that ask crawlers not to follow them are left out, as are files that are no documents by their names. A page
    that cannot be read has none.
    """
    try:
        tree = parse_tree(decode(data, charset_of(media_type) or html_charset(data)))
    except DocumentProblem:
        return []
    if _says_nofollow(tree):
        return []
    start = _base(tree, base)
    found: dict[WebAddress, None] = {}
    for reference in _references(tree):
        try:
            address = start.join(reference)
        except UrlRefused:
            continue
        if address.origin == base.origin and PurePosixPath(address.path).suffix.lower() not in _NO_PAGES:
            found[address] = None
        if len(found) >= _MAX_LINKS:
            break
    return list(found)


def _references(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("a[href], area[href]"):
        attributes = node.attributes
        if "nofollow" not in (attributes.get("rel") or "").lower().split():
            yield attributes.get("href") or ""


def _says_nofollow(tree: LexborHTMLParser) -> bool:
    for node in tree.css("meta[name][content]"):
        attributes = node.attributes
        if (attributes.get("name") or "").strip().lower() == "robots":
            told = (attributes.get("content") or "").lower().replace(",", " ").split()
            if {"nofollow", "none"}.intersection(told):
                return True
    return False


def _base(tree: LexborHTMLParser, page: WebAddress) -> WebAddress:
    node = tree.css_first("base[href]")
    try:
        return page.join(node.attributes.get("href") or "") if node else page
    except UrlRefused:
        return page
