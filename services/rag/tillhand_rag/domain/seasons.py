"""Times of the year: whether a sentence holds in one only, as exceptions do, and whether a question is about one."""

from __future__ import annotations

import re
from typing import Final

_MONTH: Final = (
    "jan(?:uary)?|feb(?:ruary)?|march|april|june|july|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    "|dec(?:ember)?"
)
_SEASON: Final = (
    "christmas|xmas|easter|black friday|new year|season(?:s|al)?|winter|spring|summer|autumn|holidays?|festive"
    "|exceptions?"
)
_DATED: Final = re.compile(
    rf"\b(?:(?:{_MONTH}|{_SEASON})\b|may \d|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?may\b)", re.IGNORECASE
)
_CLAIM: Final = re.compile(
    r"\b(?:can|cannot|must|(?<!\d )may(?! \d)|will|shall|should|is|are|has|have|do|does|applies|apply)\b", re.IGNORECASE
)


def is_dated(question: str) -> bool:
    """Whether the question is about a time of the year, or about exceptions."""
    return _DATED.search(question) is not None


def is_narrowed(sentence: str) -> bool:
    """Whether a time of the year stands before the sentence says anything: "Orders placed in December can …"."""
    claim = _CLAIM.search(sentence)
    return claim is not None and _DATED.search(sentence, 0, claim.start()) is not None
