"""Links in plain text: http and https alone, and only where a reader sees the host that a browser goes to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from tillhand_dashboard.domain.characters import script

Caution = Literal["punycode", "mixed-scripts", "not-ascii", "numeric"]
LONGEST: Final = 2_000
"""Characters of a link; what is longer stays text."""
_LONGEST_HOST: Final = 253
_STARTS: Final = re.compile(r"(?<![\w.+:/@,-])https?://[^\s<>\"'`^{}|]+", re.IGNORECASE)
_LABEL: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_NUMERIC: Final = re.compile(r"\d+|0x[0-9a-f]*")
_ENDS: Final = ".,;:!?*~"
_CLOSING: Final = {")": "(", "]": "["}
_WRITTEN_TOGETHER: Final = (
    frozenset(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA")),
    frozenset(("CJK", "HANGUL")),
    frozenset(("CJK", "BOPOMOFO")),
)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link in a text: from where to where, the host, and what a person should know before following it."""

    start: int
    end: int
    href: str
    host: str
    cautions: tuple[Caution, ...]


def links_in(text: str) -> Iterator[FoundLink]:
    """The links of a text, in its order. A name and password before the host, or an odd host, make none."""
    for found in _STARTS.finditer(text):
        if found.end() - found.start() > LONGEST:
            continue
        href = _without_end(found.group())
        host = _host(href)
        if host is not None:
            yield FoundLink(found.start(), found.start() + len(href), href, host, _cautions(host))


def _without_end(href: str) -> str:
    """Without the punctuation of the sentence around it; brackets stay that open within it."""
    opened = {each: href.count(opening) - href.count(each) for each, opening in _CLOSING.items()}
    end = len(href)
    while end and (href[end - 1] in _ENDS or opened.get(href[end - 1], 0) < 0):
        if href[end - 1] in opened:
            opened[href[end - 1]] += 1
        end -= 1
    return href[:end]


def _host(href: str) -> str | None:
    """The host, if it is one that each reader of addresses finds at the same place."""
    try:
        parts = urlsplit(href)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    if "\\" in href or "@" in parts.netloc or len(host) > _LONGEST_HOST or unicodedata.normalize("NFKC", host) != host:
        return None
    return host if all(_LABEL.fullmatch(label) for label in host.removesuffix(".").split(".")) else None


def _cautions(host: str) -> tuple[Caution, ...]:
    labels = host.removesuffix(".").split(".")
    found: dict[Caution, bool] = {
        "punycode": any(label.startswith("xn--") for label in labels),
        "mixed-scripts": any(_is_mixed(label) for label in labels),
        "not-ascii": not host.isascii(),
        "numeric": _NUMERIC.fullmatch(labels[-1]) is not None,
    }
    return tuple(each for each, applies in found.items() if applies)


def _is_mixed(label: str) -> bool:
    scripts = {script(each) for each in label if each.isalpha()}
    return len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER)
