"""Titles of documents that bring none: from the name of the file or the source that they came from."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

MAX_TITLE_CHARACTERS: Final = 300
UNTITLED: Final = "Untitled"
"""What people read in the place of a title that is missing; it is neither embedded nor searched for."""

_SEPARATORS: Final = re.compile(r"[\s_-]+")


def title_from_name(name: str) -> str:
    """`docs/return-policy.md` becomes `Return policy`; empty where the name holds no word."""
    words = _SEPARATORS.sub(" ", PurePosixPath(name.replace("\\", "/")).stem)
    title = "".join(filter(str.isprintable, words)).strip()
    return shortened(sentence_case(title)) if any(map(str.isalpha, title)) else ""


def shortened(title: str) -> str:
    """A title cut at a word when it is longer than a title may be."""
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    return title[: MAX_TITLE_CHARACTERS - 1].rsplit(" ", 1)[0].rstrip() + "…"


def sentence_case(words: str) -> str:
    """The first letter as a capital."""
    return words[:1].upper() + words[1:]
