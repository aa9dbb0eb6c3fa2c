"""What a question names: proper names and figures, and designations such as "Arc 40", "WS-3" or "VIN-P21-S"."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from tillhand_rag.domain.words import names, stems

_WORD: Final = re.compile(r"[^\W_]+")
_DESIGNATION: Final = re.compile(
    r"\b[A-Z]\w*(?:[ -]\d\w*)+\b|\b[A-Za-z]+\d+\w*(?:-\w+)*|\b\d+[A-Z]\w*\b|\b[A-Z]{2,}-\w+(?:-\w+)*"
)
_LONGEST: Final = 4
"""Words and figures of a designation."""
_CALENDAR: Final = frozenset(
    stems(
        "monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday fridays saturday saturdays "
        "sunday sundays january february march april may june july august september october november december "
        "christmas easter"
    )
)
"""Capitalised, but no names of anything."""
_ACRONYM: Final = re.compile(r"[A-Z]{2,5}")
_BETWEEN: Final = r"[a-z]*[ -](?:of |the |and |for )?"
_SHORTEST_ROOT: Final = 5
_LONGEST_ENDING: Final = 3


@lru_cache(maxsize=1_024)
def proper(question: str) -> frozenset[str]:
    """The stems of what must be meant literally and is no part of a designation, names of days and months left out."""
    return names(question) - _CALENDAR - frozenset(stems(" ".join(_DESIGNATION.findall(question))))


@lru_cache(maxsize=1_024)
def designations(question: str) -> tuple[str, ...]:
    """Names with figures or hyphens in them, lower-cased and without separators, each once."""
    found = ("".join(_WORD.findall(words)).lower() for words in _DESIGNATION.findall(question))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4_096)
def designated(text: str) -> frozenset[str]:
    """The words of a text as designations are written: each alone, and up to four in a row as one."""
    words = [word.lower() for word in _WORD.findall(text)]
    return frozenset(
        "".join(words[start : start + length]) for length in range(1, _LONGEST + 1) for start in range(len(words))
    )


@lru_cache(maxsize=1_024)
def acronyms(question: str) -> dict[str, re.Pattern[str]]:
    """The question's acronyms by their stem, each with what spells it out, as "United Kingdom" does "UK"."""
    return {stems(word)[0]: _spelled_out(word) for word in _WORD.findall(question) if _ACRONYM.fullmatch(word)}


def _spelled_out(acronym: str) -> re.Pattern[str]:
    return re.compile(r"\b" + _BETWEEN.join([acronym[0], *(f"(?i:{letter})" for letter in acronym[1:])]))


def is_named(name: str, words: Collection[str]) -> bool:
    """Whether the stem of a name is among the stems, or that of a word made from it: "Germany" and "German"."""
    if name in words:
        return True
    if not name.isalpha():
        return name.endswith("s") and name[:-1] in words  # "1700s"
    root = name[: max(_SHORTEST_ROOT, len(name) - _LONGEST_ENDING)]
    return len(name) >= _SHORTEST_ROOT and any(word.startswith(root) for word in words)
