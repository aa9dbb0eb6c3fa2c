"""A question out of a conversation, made to stand on its own.

The rule is simple, so that it can be told: a question that has no telling word of its own, that begins as a follow-up
does ("and", "what about"), or that is short and speaks of "it" or "them", is asked together with the question before
it. Everything else is asked as it is; what the assistant said in between is never searched for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tillhand_rag.domain.words import COMMON, stems

FURTHEST: Final = 3
"""Questions that a follow-up may reach back over."""
_SHORT: Final = 3
"""Telling words up to which a question that speaks of "it" does not say enough."""
_FOLLOWS: Final = re.compile(
    r"\W*(?:and|but|or|so|also|then|what about|how about|what if|same for|why(?: not)?\W*$|really\W*$)\b", re.IGNORECASE
)
_REFERS: Final = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|she|him|her|there|one|ones|both|either|the same)\b",
    re.IGNORECASE,
)
_EMPTY: Final = frozenset(stems("about cost long many much often ok okay please price take tell thanks time work yes"))
"""Words of questions that say what is wanted and not of what."""


def standalone(questions: Sequence[str], longest: int) -> str:
    """The last of these questions, with those before it that it leans on: the last `longest` characters of them."""
    parts: list[str] = []
    for question in reversed(questions[-1 - FURTHEST :]):
        parts.append(question.strip())
        if not leans(question):
            break
    return "\n".join(part for part in reversed(parts) if part)[-longest:]


def leans(question: str) -> bool:
    """Whether a question cannot be understood without the one before."""
    telling = {word for word in stems(question) if word not in COMMON}
    if not telling - _EMPTY or _FOLLOWS.match(question):
        return True
    return len(telling) <= _SHORT and _REFERS.search(question) is not None
