"""Titles: of files without one, and of fields that were named for machines."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tillhand_rag.adapters.parsing.canonical import one_line

MAX_TITLE_CHARACTERS = 300
_SEPARATORS = re.compile(r"[\s_-]+")


def title_from_filename(filename: str) -> str:
    """`docs/return-policy.md` becomes `Return policy`."""
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    return bounded_title(_sentence_case(_SEPARATORS.sub(" ", stem).strip())) or "Untitled"


def label(name: str) -> str:
    """`custom_field.custom.net_weight` becomes `Net weight`: how a machine's name reads to a person."""
    words = _SEPARATORS.sub(" ", name.rsplit(".", 1)[-1]).strip()
    return _sentence_case(one_line(words)) or one_line(name)


def bounded_title(text: str) -> str:
    """`text` on one line, cut at a word when it is longer than a title may be."""
    title = one_line(text)
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    return title[: MAX_TITLE_CHARACTERS - 1].rsplit(" ", 1)[0].rstrip() + "…"


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]
