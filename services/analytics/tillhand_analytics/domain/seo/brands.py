"""Which queries ask for the shop itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Texts

_BETWEEN_WORDS: Final = re.compile(r"(?:[^\w\n]|_)+")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_APOSTROPHES: Final = {ord("'"): None, 0x2019: None}


def brand_terms(name: str, domain: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """What the shop is called in queries: its name, the name in one word, its domain's first label, and `more`."""
    labels = [label for label in domain.lower().split(".") if label not in {"", "www", "shop"}]
    plain, *others = _plain([name, labels[0] if labels else "", *more])
    terms = [plain, plain.replace(" ", ""), *others]
    return tuple(dict.fromkeys(term for term in terms if term))


def asks_for_brand(queries: Texts, terms: Sequence[str]) -> Bools:
    """Which queries hold one of the terms as whole words, whatever the case, accents and punctuation."""
    if not terms or not queries:
        return np.zeros(len(queries), dtype=np.bool_)
    longest_first = sorted(terms, key=len, reverse=True)
    held = re.compile(rf"(?:^| )(?:{'|'.join(map(re.escape, longest_first))})(?: |$)")
    return np.array([held.search(query) is not None for query in _plain(queries)], dtype=np.bool_)


def _plain(texts: Sequence[str]) -> list[str]:
    """Lower case letters and digits, one space between words; accents and apostrophes are left out."""
    together = "\n".join(text.replace("\n", " ") for text in texts).casefold()
    if not together.isascii():
        together = _ACCENTS.sub("", unicodedata.normalize("NFKD", together))
    return [text.strip() for text in _BETWEEN_WORDS.sub(" ", together.translate(_APOSTROPHES)).split("\n")]
