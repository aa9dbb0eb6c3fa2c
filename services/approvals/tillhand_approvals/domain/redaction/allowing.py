"""Words of a shop's catalogue that are no people: learnt from its titles, brands and vendors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tillhand_approvals.domain.redaction.finding import ADDRESS, LOCATION, ORGANIZATION, PERSON, Span
from tillhand_approvals.domain.redaction.lexicon import FAMILY, GIVEN, ORDINARY, Lexicon

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*")
_NAMED: Final = frozenset({PERSON, ORGANIZATION, LOCATION, ADDRESS})


@dataclass(frozen=True, slots=True)
class AllowList:
    """`words` count as ordinary ones; `phrases` are never taken out as a whole. All in small letters.

    A word that is somebody's name as well, as Emma is, is allowed as a part of its phrase alone.
    """

    words: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()

    def extended(self, names: Iterable[str], lexicon: Lexicon) -> AllowList:
        """The list with the words of more names of things."""
        words, phrases = set(self.words), set(self.phrases)
        for name in names:
            parts = [match.group().lower() for match in _WORD.finditer(name)]
            words.update(part for part in parts if _is_free(lexicon.get(part, 0)))
            if len(parts) > 1:
                phrases.add(" ".join(parts))
            phrases.update(" ".join(pair) for pair in pairwise(parts))
        return AllowList(frozenset(words), frozenset(phrases))

    def kept(self, text: str, spans: Iterable[Span]) -> list[Span]:
        """The spans without those that are phrases of the catalogue."""
        return [span for span in spans if span.kind not in _NAMED or not self._allows(text[span.start : span.end])]

    def _allows(self, part: str) -> bool:
        return " ".join(match.group().lower() for match in _WORD.finditer(part)) in self.phrases


def _is_free(flags: int) -> bool:
    return not flags & (GIVEN | FAMILY) or bool(flags & ORDINARY)


NOTHING: Final = AllowList()
