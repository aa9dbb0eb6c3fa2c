"""What is an address beyond doubt: a house number with a street, a part of a house, a region with its postcode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tillhand_approvals.domain.redaction.address_words import (
    ABBREVIATED,
    CUE,
    JOINT,
    LEADING,
    MILITARY,
    PARTICLES,
    PLAIN_STREETS,
    STATES,
    STREETS,
    UNITS,
    VESSELS,
    WEAK_UNITS,
    WIDE_JOINT,
    is_foreign,
    is_house,
    is_name,
    is_street,
)
from tillhand_approvals.domain.redaction.lexicon import COMMON, ORDINARY
from tillhand_approvals.domain.redaction.tokens import Token

_ZIP_CUE: Final = re.compile(
    r"(?:\bzip(?: ?code)?|\bpost ?codes?|\bpostal code|\bplz\b)(?: is|:| =|#)*[ \t]{0,3}$", re.IGNORECASE
)
_CORNER: Final = re.compile(r"\b(?:the )?(?:corner|intersection) of (?=\S)", re.IGNORECASE)
_REACH: Final = 7
_POSTAL: Final = (4, 5)
"""Digits after a region."""
_ORDINALS: Final = ("st", "nd", "rd", "th")


class Seeds:
    """First and last token of each."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._small = text.islower()

    def found(self) -> Iterator[tuple[int, int]]:
        """All of them, in no order."""
        for at, token in enumerate(self._tokens):
            if token.is_word:
                yield from self._word(at, token)
            elif is_house(token):
                yield from self._house(at)
        for match in _CORNER.finditer(self._text):
            yield from self._corner(match)

    def _word(self, at: int, token: Token) -> Iterator[tuple[int, int]]:
        if token.lower == "and" and at and token.gap == " ":
            yield from self._crossing(at)
        if at + 1 == len(self._tokens) or len(self._tokens[at + 1].gap) > 3:  # noqa: PLR2004  # not beside it
            return
        following = self._tokens[at + 1]
        number = not following.is_word
        is_named = following.lower in PLAIN_STREETS and following.gap == " " and self._names_street(at)
        is_numbered = number and following.gap in {" ", ". "} and is_street(token)
        if is_named or is_numbered or (token.lower in UNITS and number and following.gap.strip(" .#") == ""):
            yield at, at + 1
        elif token.lower in LEADING and token.capital and (end := self._led(at)) is not None:
            yield at, end
        else:
            yield from self._posted(at, token, following)

    def _posted(self, at: int, token: Token, following: Token) -> Iterator[tuple[int, int]]:
        """A box, the mail of an army, or a region with its postcode."""
        number = not following.is_word
        if token.lower == "box" and number and at and self._tokens[at - 1].lower in {"o", "po"}:
            yield (at - 2 if self._tokens[at - 1].lower == "o" and at > 1 else at - 1), at + 1
        elif token.lower in MILITARY and following.lower in {"aa", "ae", "ap"}:
            yield self._military(at), min(at + 2, len(self._tokens) - 1)
        elif token.lower in VESSELS and following.capital:
            yield at, at + 1
        elif self._is_region(at, following) and at and self._tokens[at - 1].capital and token.gap.strip(" ,\n") == "":
            yield at - 1, at + 1

    def _is_region(self, at: int, following: Token) -> bool:
        token = self._tokens[at]
        if not following.is_number or len(following.text) not in _POSTAL:
            return False
        return token.text in STATES or ("," in token.gap and len(token.text) in {2, 3} and token.text.isupper())

    def _military(self, at: int) -> int:
        """Where the unit, the box or the ship before it begins."""
        while at and WIDE_JOINT.fullmatch(self._tokens[at].gap):
            token = self._tokens[at - 1]
            ship = at > 1 and self._tokens[at - 2].lower in VESSELS
            if not (token.lower in WEAK_UNITS or token.lower in VESSELS or is_house(token) or ship):
                break
            at -= 1
        return at

    def _names_street(self, at: int) -> bool:
        """Whether `street` after it makes a street of it."""
        token, kind = self._tokens[at], self._tokens[at + 1]
        if not (kind.capital or kind.lower == "street"):
            return False
        return (
            token.capital
            and not token.has(COMMON)
            and not (token.opens and token.has(ORDINARY))
            and token.lower not in STREETS
        )

    def _led(self, at: int) -> int | None:
        """The number that ends `rue Aghlab 14`."""
        for place in range(at + 1, min(at + _REACH, len(self._tokens))):
            token = self._tokens[place]
            if JOINT.fullmatch(token.gap) is None:
                return None
            if not token.is_word and place > at + 1:
                return place if is_house(token) else None
            if not (is_name(token) or token.lower in PARTICLES):
                return None
        return None

    def _house(self, at: int) -> Iterator[tuple[int, int]]:
        """A number, a few names, and either a word for a street or another number."""
        number = self._tokens[at]
        if number.is_number and _ZIP_CUE.search(self._text, max(0, number.start - 40), number.start):
            yield at, at
        if (
            at + 1 < len(self._tokens)
            and self._tokens[at + 1].lower in PLAIN_STREETS
            and self._tokens[at + 1].gap in {" ", ". "}
        ):
            yield at, at + 1
        yield from self._street(at, number)

    def _street(self, at: int, number: Token) -> Iterator[tuple[int, int]]:
        named = False
        doubled = at > 0 and is_house(self._tokens[at - 1]) and number.gap == " "
        cued = doubled or CUE.search(self._text, max(0, number.start - 60), number.start) is not None
        for place in range(at + 1, min(at + _REACH, len(self._tokens))):
            token, before = self._tokens[place], self._tokens[place - 1]
            if not self._is_joined(token, before):
                return
            if named and is_house(token):
                yield at, place
                return
            if self._ends_street(token, named=named or cued) and place > at + (0 if is_street(token) else 1):
                yield at, place
                return
            ordinal = not token.is_word and token.lower.endswith(_ORDINALS)
            if token.lower in LEADING and (end := self._after_leading(place)) > place:
                yield at, end
            known = self._fits(token) and (named or cued or not _is_unknown(token))
            if not (known or ordinal or (self._small and token.is_word)):
                return
            named = (
                named
                or (is_foreign(token) and len(token.text) > 1)
                or token.lower in LEADING
                or ordinal
                or (cued and _is_unknown(token))
            )
            if cued and is_name(token):
                yield at, place

    def _fits(self, token: Token) -> bool:
        """Whether it may stand in the name of a street."""
        return token.capital or token.lower in PARTICLES or token.lower in LEADING or _is_unknown(token)

    def _after_leading(self, at: int) -> int:
        """The last token of `rue de la Nouvelle Delhi`; the first where no name follows."""
        end = at
        for place in range(at + 1, min(at + _REACH, len(self._tokens))):
            token = self._tokens[place]
            if JOINT.fullmatch(token.gap) is None or not token.is_word or not self._fits(token):
                break
            end = place if token.capital or _is_unknown(token) else end
        return end

    def _is_joined(self, token: Token, before: Token) -> bool:
        """Whether nothing ends between two words; among small ones all but a space may be a part of a path."""
        if self._small and token.gap != " " and before.lower not in ABBREVIATED and len(before.text) > 1:
            return False
        ended = ". " in token.gap and before.lower not in ABBREVIATED and len(before.text) > 1
        return JOINT.fullmatch(token.gap) is not None and not ended

    def _ends_street(self, token: Token, *, named: bool) -> bool:
        if is_street(token) or (
            token.lower in PLAIN_STREETS and (token.capital or self._small or token.lower == "street")
        ):
            return True
        return named and token.capital and token.lower in STREETS

    def _crossing(self, at: int) -> Iterator[tuple[int, int]]:
        """`Ivan and Odboje 17`, where an address was spoken of."""
        first = self._tokens[at - 1]
        lines = at == 1 or "\n" in first.gap
        if not first.capital or not (lines or CUE.search(self._text, max(0, first.start - 60), first.start)):
            return
        for place in range(at + 1, min(at + _REACH, len(self._tokens))):
            token = self._tokens[place]
            if JOINT.fullmatch(token.gap) is None:
                return
            if place > at + 1 and (is_house(token) or token.lower in STREETS):
                yield at - 1, place
                return
            if not (self._fits(token) or is_house(token)):
                return

    def _corner(self, match: re.Match[str]) -> Iterator[tuple[int, int]]:
        start = next((at for at, token in enumerate(self._tokens) if token.start >= match.start()), None)
        inside = next((at for at, token in enumerate(self._tokens) if token.start >= match.end()), None)
        if start is None or inside is None or not (self._tokens[inside].capital or is_house(self._tokens[inside])):
            return
        last = inside
        for at in range(inside + 1, min(inside + 2 * _REACH, len(self._tokens))):
            token = self._tokens[at]
            joined = (
                token.capital
                or not token.is_word
                or token.lower in PARTICLES
                or token.lower in STREETS
                or token.lower == "and"
            )
            if not joined or len(token.gap) > 2:  # noqa: PLR2004  # beside it
                break
            last = at
        while self._tokens[last].lower == "and":
            last -= 1
        yield start, last


def _is_unknown(token: Token) -> bool:
    """A small word that English does not know, as in `Tylova ulice`."""
    return token.is_word and token.text.islower() and not token.flags and len(token.text) > 2  # noqa: PLR2004  # shorter ones are abbreviations
