"""Fixed phrases that no shop writes to its customers, found whatever alphabet they borrow their letters from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from tillhand_rag.domain.injection.suspicion import SuspiciousSpan
from tillhand_rag.domain.injection.wordings import WORDINGS

_PATTERNS = tuple((each, re.compile(each.pattern, re.MULTILINE)) for each in WORDINGS)
_WORD = re.compile(r"[a-z]+")
_LOOKALIKES = dict(zip("авекмнорстухіјѕԁɡοαερτυν\u0131", "abekmhopctyxijsdgoaeptuvi", strict=True))
"""Letters of other alphabets that are written for Latin ones."""
_UNSEEN = frozenset({"Mn", "Me", "Cf"})


def phrases(text: str) -> list[SuspiciousSpan]:
    """Where such a phrase stands, exactly."""
    folded, offsets = _folded(text)
    words = frozenset(_WORD.findall(folded))
    return [
        SuspiciousSpan(*_place(offsets, found), wording.kind, wording.score)
        for wording, pattern in _PATTERNS
        if not wording.words.isdisjoint(words) or any(sign in folded for sign in wording.signs)
        for found in pattern.finditer(folded)
    ]


def _place(offsets: Sequence[int] | None, found: re.Match[str]) -> tuple[int, int]:
    """Where the phrase stands in the text, without the end of the sentence before it."""
    start = max(found.start(), found.start("said") if "said" in found.re.groupindex else 0)
    if offsets is None:
        return start, found.end()
    return offsets[start], offsets[found.end() - 1] + 1


def _folded(text: str) -> tuple[str, Sequence[int] | None]:
    """`text` in lower case without accents, look-alikes and what cannot be seen; where each character comes from.

    No offsets where each character became one.
    """
    if text.isascii():
        return text.lower(), None
    folded = text.translate(_FOLD)
    if len(folded) == len(text):
        return folded, None
    return folded, [offset for offset, character in enumerate(text) if _FOLD[ord(character)]]


class _Fold(dict[int, str]):
    """The folded form of a code point: one character, or none. Those of ASCII are there, others are worked out."""

    def __missing__(self, code: int) -> str:
        return _plain(chr(code))


_FOLD = _Fold({code: chr(code).lower() for code in range(128)})


@lru_cache(maxsize=4_096)
def _plain(character: str) -> str:
    if unicodedata.category(character) in _UNSEEN:
        return ""
    if character in "\u2018\u2019":
        return "'"
    lower = unicodedata.normalize("NFKD", character)[:1].lower()[:1]
    return _LOOKALIKES.get(lower, lower)
