"""Names as people read them: of titles, and of fields that were named for machines."""

from __future__ import annotations

import re

from tillhand_rag.adapters.parsing.canonical import one_line
from tillhand_rag.domain.titles import sentence_case, shortened

_SEPARATORS = re.compile(r"[\s_-]+")


def label(name: str) -> str:
    """`custom_field.custom.net_weight` becomes `Net weight`: how a machine's name reads to a person."""
    words = _SEPARATORS.sub(" ", name.rsplit(".", 1)[-1]).strip()
    return sentence_case(one_line(words)) or one_line(name)


def bounded_title(text: str) -> str:
    """`text` on one line, cut at a word when it is longer than a title may be."""
    return shortened(one_line(text))
