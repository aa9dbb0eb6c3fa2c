"""Titles of documents that bring none: from the name of the file or the source that they came from."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

MAX_TITLE_CHARACTERS: Final = 300

_QUERY: Final = re.compile(r"[?#].*", re.DOTALL)
_EXTENSION: Final = re.compile(r"(?<=.)\.(?=\w*[A-Za-z])\w{1,5}$")
_SEPARATORS: Final = re.compile(r"[\s_-]+")
_WORD: Final = re.compile(r"(?<![^\W_])[^\W\d_]{2,}(?![^\W_])")


def title_from_name(name: str) -> str:
    """`docs/return-policy.md` and `https://…/return-policy?v=2` become `Return policy`; empty for what holds no word.

    Numbers and keys, such as `4711` or a UUID, are no words: they would tell a reader or an index nothing.
    """
    path = unquote(_QUERY.sub("", name)) if "://" in name else name
    last = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    words = _SEPARATORS.sub(" ", _EXTENSION.sub("", last))
    title = "".join(filter(str.isprintable, words)).strip()
    return shortened(sentence_case(title)) if _WORD.search(title) else ""


def shortened(title: str) -> str:
    """A title cut at a word when it is longer than a title may be."""
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    return title[: MAX_TITLE_CHARACTERS - 1].rsplit(" ", 1)[0].rstrip() + "…"


def sentence_case(words: str) -> str:
    """The first letter as a capital."""
    return words[:1].upper() + words[1:]
