"""Which queries ask for the shop itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Texts

_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_APOSTROPHES: Final = {ord("'"): None, 0x2019: None}


def brand_terms(name: str, domain: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """What the shop is called in queries: its name, the name in one word, its domain's first label, and `more`."""
    plain = _plain(name)
    labels = [label for label in domain.lower().split(".") if label not in {"", "www", "shop"}]
    terms = [plain, plain.replace(" ", ""), _plain(labels[0]) if labels else "", *map(_plain, more)]
    return tuple(dict.fromkeys(term for term in terms if term))


def asks_for_brand(queries: Texts, terms: Sequence[str]) -> Bools:
    """Which queries hold one of the terms as whole words, whatever the case, accents and punctuation."""
    if not terms:
        return np.zeros(len(queries), dtype=np.bool_)
    longest_first = sorted(terms, key=len, reverse=True)
    held = re.compile(rf"(?:^| )(?:{'|'.join(map(re.escape, longest_first))})(?: |$)")
    return np.array([held.search(_plain(query)) is not None for query in queries], dtype=np.bool_)


def _plain(text: str) -> str:
    """Lower case letters and digits, one space between words; accents and apostrophes are left out."""
    letters = text.casefold()
    if not letters.isascii():
        letters = "".join(each for each in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(each))
    return _BETWEEN_WORDS.sub(" ", letters.translate(_APOSTROPHES)).strip()
