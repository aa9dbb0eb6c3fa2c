"""Where instructions hide: characters that nobody sees, markup that is not shown, and encoded text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tillhand_rag.domain.injection.suspicion import SuspiciousSpan

_ZERO_WIDTH = "\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f|(?P<spelt>[\U000e0000-\U000e007f]+)")
"""Tag characters spell text that no font shows; a few of them behind a black flag are the flag of a region."""
_RUNS = re.compile(f"[{_ZERO_WIDTH}]{{4,}}|[{_SELECTORS}]{{2,}}|[\u202d\u202e]")
"""Runs that no script and no emoji needs, and characters that reverse what is read."""
_IN_WORD = re.compile("(?<=[a-zA-Z])[\u200b-\u200d\u2060\ufeff]+(?=[a-zA-Z])")
_EMBEDDINGS = re.compile("[\u202a\u202b\u2066-\u2068]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ANY = re.compile(f"[{_ZERO_WIDTH}{_SELECTORS}\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_SPLIT_WORDS = 3
"""From so many on, invisible characters within words are no accident."""

_MARKUP = {
    "<!--": re.compile(r"<!--(.{1,500}?)-->", re.DOTALL),
    "]: ": re.compile(r"^\[[^\]\n]{1,40}\]: \S{1,200} \(([^)\n]{1,500})\)", re.MULTILINE),
    "](": re.compile(r"\]\([^)\s]{0,500} [\"']([^\"'\n]{1,500})[\"']\)|!\[([^\]\n]{1,500})\]\("),
    '="': re.compile(r"\b(?:alt|title|aria-label|content)=\"([^\"\n]{1,500})\""),
}
"""What markup does not show, by a sign of it: comments, notes, titles and alternative texts."""
_SHORTEST = 20
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{_SHORTEST},}}={{0,2}}")
_HEX = re.compile(rf"[0-9a-fA-F]{{{_SHORTEST},}}")
_PROSE = frozenset(" \n.,;:!?'\"()-0123456789")
_READABLE = 0.95
_LONGEST = 20_000
"""Characters of an encoded piece that are decoded."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Words that a reader of `text[start:end]` does not see as such."""

    start: int
    end: int
    kind: Literal["hidden", "encoded"]
    words: str


def invisible(text: str) -> list[SuspiciousSpan]:
    """Invisible characters that serve no script."""
    if text.isascii() or not _ANY.search(text):
        return []
    found = [match.span() for match in _TAGS.finditer(text) if match["spelt"]]
    found += [match.span() for match in _RUNS.finditer(text)]
    split = [match.span() for match in _IN_WORD.finditer(text)]
    if len(split) >= _SPLIT_WORDS:
        found += split
    if not _RIGHT_TO_LEFT.search(text):
        found += [match.span() for match in _EMBEDDINGS.finditer(text)]
    return [SuspiciousSpan(start, end, "hidden", 1.0) for start, end in found]


def carried(text: str) -> Iterator[Carried]:
    """Words in comments, titles and alternative texts of markup, and those that encoded pieces decode to."""
    for sign, pattern in _MARKUP.items():
        for match in pattern.finditer(text) if sign in text else ():
            yield Carried(*match.span(), "hidden", next(filter(None, match.groups())))
    if len(max(text.split(), key=len, default="")) >= _SHORTEST:
        yield from _encoded(text)


def _encoded(text: str) -> Iterator[Carried]:
    for pattern, decode in ((_BASE64, _from_base64), (_HEX, _from_hex)):
        for match in pattern.finditer(text):
            if words := _readable(decode(match.group()[:_LONGEST])):
                yield Carried(*match.span(), "encoded", words)


def _from_base64(encoded: str) -> bytes:
    """As many bytes as can be decoded, of either alphabet."""
    plain = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "=" * (-len(plain) % 4))


def _from_hex(encoded: str) -> bytes:
    return bytes.fromhex(encoded[: len(encoded) - len(encoded) % 2])


def _readable(decoded: bytes) -> str:
    """The decoded text if it is words, nothing otherwise."""
    text = decoded.decode("utf-8", errors="replace")
    plain = sum(character.isalpha() or character in _PROSE for character in text)
    return text if " " in text.strip() and plain >= _READABLE * len(text) else ""
