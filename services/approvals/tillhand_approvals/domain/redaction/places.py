"""Countries and towns, looked up as phrases of several words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tillhand_approvals.domain.redaction.lexicon import COMMON, COUNTRY, FAMILY, GIVEN, ORDINARY, PLACE, Lexicon
from tillhand_approvals.domain.redaction.name_words import PLACE_BEFORE, PLACE_SURELY
from tillhand_approvals.domain.redaction.tokens import Token

_LONGEST: Final = 5
_BACK: Final = 32
_STATES_OF: Final = frozenset("republic kingdom state states federation union commonwealth principality".split())
_LINKS: Final = frozenset("and of the de da do du u la las los el".split())


class Places:
    """The places of one text, by the index of their first token."""

    def __init__(self, text: str, tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self._text = text
        self._tokens = tokens
        self._lexicon = lexicon
        self._small = text.islower()

    def phrase(self, at: int) -> int:
        """How many tokens from here are the name of a place of several words; 0 where there is none."""
        first = self._tokens[at]
        if not first.is_word or not (first.capital or self._small):
            return 0
        longest = 0
        phrase = first.lower
        for count in range(2, min(_LONGEST, len(self._tokens) - at) + 1):
            token = self._tokens[at + count - 1]
            if (
                token.gap not in {" ", "-"}
                or not token.is_word
                or not (token.capital or self._small or token.lower in _LINKS)
            ):
                break
            phrase += token.gap + token.lower
            flags = self._lexicon.get(phrase, 0)
            telling = not all(each.has(COMMON) for each in self._tokens[at : at + count])
            if flags & COUNTRY or (flags & PLACE and telling):
                longest = count
        if first.lower == "people" and at + 1 < len(self._tokens) and self._formal(at + 1):
            return 1 + self._formal(at + 1)
        return longest or self._formal(at)

    def _formal(self, at: int) -> int:
        """`Kingdom of the Netherlands` and the like."""
        if self._tokens[at].lower not in _STATES_OF:
            return 0
        place = at + 1
        while (
            place < len(self._tokens) and self._tokens[place].lower in {"of", "the"} and self._tokens[place].gap == " "
        ):
            place += 1
        if place == at + 1 or place == len(self._tokens) or not self._tokens[place].flags & (COUNTRY | PLACE):
            return 0
        return place - at + 1

    def word(self, at: int) -> int:
        """1 where the token by itself is a country or a town rather than a person or a thing."""
        token = self._tokens[at]
        if not token.capital:
            return 0
        if token.has(COUNTRY) and not token.has(GIVEN):
            return 1
        if not token.has(PLACE):
            return 0
        cued = self.is_cued(token.start, surely=token.has(GIVEN | FAMILY))
        if token.has(ORDINARY):
            return int(cued and not token.has(COMMON) and not self._small and not token.opens)
        return int(cued or not token.has(GIVEN | FAMILY))

    def is_cued(self, start: int, *, surely: bool = False) -> bool:
        """Whether a word such as `in` stands before; surely: one that hardly stands before a person."""
        cue = PLACE_SURELY if surely else PLACE_BEFORE
        return cue.search(self._text, max(0, start - _BACK), start) is not None
