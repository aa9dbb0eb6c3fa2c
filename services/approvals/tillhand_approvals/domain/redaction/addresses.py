"""Addresses in running text and in blocks: begun by what is one beyond doubt, then grown over what belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction.address_seeds import Seeds
from tillhand_approvals.domain.redaction.address_words import (
    ABBREVIATED,
    CUE,
    DIRECTIONS,
    JOINT,
    LABELS,
    LEADING,
    MILITARY,
    PARTICLES,
    PLAIN_STREETS,
    STATES,
    STREETS,
    UNITS,
    WEAK_UNITS,
    WIDE_JOINT,
    is_foreign,
    is_house,
    is_name,
    is_street,
)
from tillhand_approvals.domain.redaction.finding import Span
from tillhand_approvals.domain.redaction.lexicon import COMMON, COUNTRY, FAMILY, GIVEN, ORDINARY, PLACE, RARE, Lexicon
from tillhand_approvals.domain.redaction.places import Places
from tillhand_approvals.domain.redaction.tokens import Token

_POSTCODE: Final = re.compile(
    r"\b(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d\d|\d[A-HJKSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y]) "
    r"\d[ABD-HJLNP-UW-Z]{2}|"
    r"[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d)\b"
)
"""Of Great Britain and Canada."""
_SMALL_POSTCODE: Final = re.compile(_POSTCODE.pattern, re.IGNORECASE)
_LONGEST: Final = 28
"""Tokens of an address."""
_LONGEST_NUMBER: Final = 8
"""Longer ones are telephones."""
_REGION: Final = 3
"""Characters of a region's abbreviation."""
_REACH: Final = 6
_ISLANDS: Final = frozenset("islands island republic kingdom states".split())
_LINE: Final = 4
"""Words of a town on a line of its own."""


def addresses(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Span]:
    """Every address; a postcode or a part of a house by itself counts where there is nothing more."""
    growth = _Growth(text, tokens, Places(text, tokens, lexicon))
    after = 0
    for first, last in sorted(set(Seeds(text, tokens).found()), key=lambda each: (each[0], -each[1])):
        if first < after:
            continue
        start = growth.back(first, after)
        end = growth.on(start, last)
        yield Span(kinds.ADDRESS, tokens[start].start, tokens[end].end, 0.85)
        after = end + 1
    postcode = _SMALL_POSTCODE if text.islower() else _POSTCODE
    yield from (Span(kinds.ADDRESS, *match.span(), 0.8) for match in postcode.finditer(text))


class _Growth:
    """Grows what is an address in both directions."""

    def __init__(self, text: str, tokens: Sequence[Token], places: Places) -> None:
        self._text = text
        self._tokens = tokens
        self._places = places
        self._small = text.islower()

    def back(self, first: int, floor: int) -> int:
        """Where the address begins that these tokens are a part of, no further than the floor."""
        start = first
        if self._tokens[first].lower in UNITS:
            start = self._line_above(first, floor) if "\n" in self._tokens[first].gap else self._same_line(first, floor)
        street = (
            first + 1 < len(self._tokens)
            and self._tokens[first + 1].lower in PLAIN_STREETS
            and is_house(self._tokens[first])
        )
        for _ in range(_REACH):
            if start <= floor:
                break
            token, gap = self._tokens[start - 1], self._tokens[start].gap
            if JOINT.fullmatch(gap) is None and gap not in {", ", ","}:
                break
            personal = (
                token.has(GIVEN) and not token.has(PLACE) and not street and self._tokens[start].lower not in PARTICLES
            )
            named = is_foreign(token) and not personal and token.lower not in LABELS
            named = named or (street and (is_name(token) or token.lower in PARTICLES or token.lower in STREETS))
            linked = (
                token.lower in PARTICLES
                and start - 2 >= floor
                and self._tokens[start - 2].capital
                and is_street(self._tokens[first])
            )
            named = (
                named
                or linked
                or (token.capital and token.lower in PARTICLES)
                or (street and token.is_word and not token.flags)
            )
            if not (is_house(token) or token.lower in WEAK_UNITS or (named and self._tokens[first].lower not in UNITS)):
                break
            start -= 1
        while start < first and not self._tokens[start].capital and self._tokens[start].is_word and not self._small:
            start += 1
        return self._crossing(start, floor)

    def _line_above(self, first: int, floor: int) -> int:
        """The line before a part of a house, where it begins with a number or ends with one."""
        start = first - 1
        while start > floor and "\n" not in self._tokens[start].gap and first - start <= 2 * _LINE:
            start -= 1
        line = self._tokens[start:first]
        numbered = bool(line) and (is_house(line[0]) or is_house(line[-1]))
        whole = start == 0 or "\n" in self._tokens[start].gap
        return start if start >= floor and numbered and whole and ":" not in self._tokens[first].gap else first

    def _same_line(self, first: int, floor: int) -> int:
        """The house number before it on its own line: at the line's beginning, or after what speaks of an address."""
        found = first
        for place in range(first - 1, max(floor - 1, first - 2 * _LINE), -1):
            token = self._tokens[place]
            if self._tokens[place + 1].gap not in {" ", ", ", ". ", "-", "/"}:
                break
            begins = token.opens or CUE.search(self._text, max(0, token.start - 60), token.start) is not None
            if is_house(token) and begins:
                found = place
            if token.lower in LABELS:
                break
        return found

    def _crossing(self, start: int, floor: int) -> int:
        """Where `Vidica and` before a street's name begins, if an address was spoken of."""
        if start - 2 < floor or self._tokens[start - 1].lower != "and" or not self._tokens[start - 2].capital:
            return start
        before = self._tokens[start - 2].start
        return start - 2 if CUE.search(self._text, max(0, before - 60), before) else start

    def on(self, start: int, last: int) -> int:
        """The last token of the address."""
        end = last
        while end + 1 < len(self._tokens) and end - start < _LONGEST:
            step = self._step(end + 1)
            if step == 0:
                break
            end += step
        return end

    def _step(self, at: int) -> int:
        """How many tokens from this one belong to the address before it; 0 where it ends."""
        token = self._tokens[at]
        if not self._continues(at) or self._is_label(at):
            return 0
        phrase = self._places.phrase(at)
        if phrase:
            return phrase
        if not token.is_word:
            return int(len(token.text) <= _LONGEST_NUMBER)
        if token.lower in LABELS and not (token.text.isupper() and len(token.text) < _REGION):
            return 0
        if self._belongs(token):
            return 1
        return self._region(token) or self._over(at) or self._town(at)

    def _belongs(self, token: Token) -> bool:
        """Whether the word is a part of addresses wherever it stands."""
        if (
            token.lower in UNITS
            or token.lower in WEAK_UNITS
            or token.lower in MILITARY
            or token.lower in LEADING
            or token.lower in PLAIN_STREETS
        ):
            return True
        if token.capital and token.lower in _ISLANDS:
            return True
        if token.text in STATES or (token.capital and (token.lower in DIRECTIONS or token.lower in STREETS)):
            return True
        if token.has(COUNTRY | PLACE) and (token.capital or (self._small and not token.has(COMMON))):
            return True
        plain = token.has(ORDINARY) and not token.has(GIVEN | FAMILY | PLACE | COUNTRY | RARE)
        return is_name(token) and not plain

    def _region(self, token: Token) -> int:
        short = len(token.text) <= _REGION and not token.has(COMMON) and ("\n" not in token.gap or "," in token.gap)
        return int(short and (token.text.isupper() or token.text.islower()))

    def _over(self, at: int) -> int:
        """Particles and one ordinary word, where a name or a number follows on the same line."""
        place = at
        while place < len(self._tokens) and place - at < _REGION and self._tokens[place].lower in PARTICLES:
            place += 1
        if place == at and self._tokens[at].capital:
            place += 1
        if place == at or place >= len(self._tokens) or self._tokens[place].gap != " ":
            return 0
        following = self._tokens[place]
        fits = not following.is_word or (following.capital and (not following.has(ORDINARY) or following.has(PLACE)))
        return place - at + 1 if fits and not self._is_label(place) else 0

    def _town(self, at: int) -> int:
        """A line of ordinary words with capitals, where a country or a number ends the address after it."""
        token = self._tokens[at]
        lines = any("\n" in each.gap for each in self._tokens[max(0, at - _REGION) : at + 1])
        if not lines or not (token.capital or (self._small and not token.has(COMMON))):
            return 0
        for place in range(at, min(at + _LINE, len(self._tokens) - 1)):
            following = self._tokens[place + 1]
            if "\n" in following.gap or not following.is_word:
                region = "," in following.gap and following.text.isupper() and len(following.text) <= _REGION
                known = region or following.has(COUNTRY) or not following.is_word or self._places.phrase(place + 1)
                return place - at + 1 if known and self._continues(place + 1) else 0
            if not (following.capital or following.lower in PARTICLES) or following.gap != " ":
                return 0
        return 0

    def _continues(self, at: int) -> bool:
        gap = self._tokens[at].gap
        if WIDE_JOINT.fullmatch(gap) is None or gap.count("\n") > 2:  # noqa: PLR2004  # another paragraph
            return False
        before = self._tokens[at - 1]
        return (
            "." not in gap
            or before.lower in ABBREVIATED
            or before.lower.endswith("str")
            or len(before.text) == 1
            or gap.startswith(".,")
        )

    def _is_label(self, at: int) -> bool:
        return self._text[self._tokens[at].end : self._tokens[at].end + 2].lstrip().startswith(":")
