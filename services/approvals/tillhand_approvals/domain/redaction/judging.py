"""Whether words that look like a name are a person, a place, an organisation, or the name of a thing."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction import name_words as near
from tillhand_approvals.domain.redaction.lexicon import COMMON, COUNTRY, FAMILY, GIVEN, ORDINARY, PLACE, PROPER, RARE
from tillhand_approvals.domain.redaction.places import Places
from tillhand_approvals.domain.redaction.tokens import Token

_NAMES: Final = GIVEN | FAMILY
_WEAK_CUE: Final = re.compile(r"\b(?:from|to|by|under|add)[ ,:\"'>*-]{0,5}$", re.IGNORECASE)
_CODE: Final = re.compile(r"[\w.:/@#$`=<{\\|]$")
_CODE_AFTER: Final = re.compile(r"[_/@`={|<(]|::|\.\w|-\d")
_CAMEL: Final = re.compile(r"(?!Mc|Mac|De|Di|La|Le|Van|Fitz|O')[^\W\d_]*[a-z][A-Z]")
_PROSE_CAPITALS: Final = 0.35
_LONGEST: Final = 7
_FEW: Final = 4
_ENGLISH: Final = 9
"""At least every how manieth small word is one that English sentences are held together by."""
_NEAR: Final = 14
Verdict = tuple[str | None, float]
_NOTHING: Final[Verdict] = (None, 0.0)
_WORD: Final = 5
"""Fewer capitals are an abbreviation."""
_BACK: Final = 24


@dataclass(frozen=True, slots=True)
class Scene:
    """What the text is about as a whole, which decides about words that nobody knows."""

    text: str
    personal: bool
    wares: bool
    small: bool
    prose: bool
    tokens: Sequence[Token]

    @classmethod
    def of(cls, text: str, tokens: Sequence[Token]) -> Scene:
        """The scene of a text."""
        words = {token.lower for token in tokens}
        inner = [token.capital for token in tokens if token.is_word and not token.opens]
        prose = sum(inner) < _PROSE_CAPITALS * len(inner)
        return cls(
            text,
            bool(words & near.PERSONAL),
            len(words & near.WARES) > 1 and not words & near.PERSONAL,
            text.islower(),
            prose,
            tokens,
        )

    def is_person(self, token: Token) -> bool:
        """Whether a person is spoken of where the word by itself may be a place."""
        if token.has(COUNTRY) and not token.has(_NAMES):
            return False
        return is_named(self.text, token.start) or near.AFTER.match(self.text, token.end) is not None

    def english(self, at: int) -> bool:
        """Whether the words around a place are English, or too few to tell. Elsewhere every noun may have a capital."""
        centre = bisect_left(self.tokens, at, key=lambda each: each.start)
        around = self.tokens[max(0, centre - _NEAR) : centre + _NEAR]
        small = [
            token.lower in near.FUNCTION
            for token in around
            if token.is_word and not token.capital and len(token.text) > 1
        ]
        return len(small) < _FEW or sum(small) * _ENGLISH >= len(small)


def is_named(text: str, start: int) -> bool:
    """Whether a word that only a person follows stands before."""
    before = text[max(0, start - 40) : start]
    return near.BEFORE.search(before) is not None and _WEAK_CUE.search(before) is None


class Around:
    """A part of a text that may be a name, and what stands around it."""

    def __init__(
        self, scene: Scene, part: Sequence[Token], before: Token | None, following: Token | None, places: Places
    ) -> None:
        self._scene = scene
        self._part = [token for token in part if token.lower not in near.PREFIXES] or part
        self._prefixed = len(self._part) < len(part)
        self._start, self._stop = part[0].start, part[-1].end
        self._beside = [token for token in (before, following) if token is not None]
        self._after = following is not None
        self._places = places

    def kind(self) -> Verdict:
        """What it is, and how sure that is."""
        strong = sum(token.has(_NAMES) and not token.has(ORDINARY) for token in self._part)
        weak = sum(token.has(_NAMES) and token.has(ORDINARY) for token in self._part)
        if self._prefixed:
            return kinds.PERSON, 0.9
        if self._is_code():
            return _NOTHING
        if len(self._part) > 1 and len(self._part) <= _LONGEST and (strong or (weak and weak < len(self._part))):
            return self._several(strong)
        if strong:
            return self._single()
        return self._ambiguous() if weak == len(self._part) else self._unknown()

    def _several(self, strong: int) -> Verdict:
        given = any(token.has(GIVEN) for token in self._part)
        if self._cued() or (given and strong > 1):
            return kinds.PERSON, 0.85
        if self._amid_wares() or not (given or self._scene.english(self._start)):
            return _NOTHING
        if not strong and not self._scene.personal and not self._part[0].has(_NAMES):
            return _NOTHING  # a maker and what it calls its ware
        return kinds.PERSON, 0.85

    def _single(self) -> Verdict:
        """One known name: a person, unless it names a place or a thing."""
        if self._is_place():
            return kinds.LOCATION, 0.6
        if (self._amid_wares() or self._part[0].lower in near.BRANDS) and not self._named():
            return _NOTHING
        return kinds.PERSON, 0.6

    def _ambiguous(self) -> Verdict:
        """Names that are ordinary words as well."""
        if self._amid_wares() and not self._named():
            return _NOTHING
        given = any(token.has(GIVEN) for token in self._part)
        if len(self._part) > 1 and self._scene.prose and given:
            return kinds.PERSON, 0.6
        first = self._part[0]
        told = self._named() or (self._cued() and (given or not (first.opens and first.has(COMMON))))
        inside = not first.opens and self._scene.prose and not self._scene.small
        inside = inside and (self._scene.personal or given or not first.has(COMMON))
        return (kinds.PERSON, 0.5) if told or inside else _NOTHING

    def _unknown(self) -> Verdict:
        """Words that nobody knows: rather a person than a place where either may be meant, as places stay."""
        if all(token.text.isupper() and len(token.text) < _WORD for token in self._part):
            return _NOTHING
        text = self._scene.text
        if near.COMPANY_AFTER.match(text, self._stop) and not self._scene.wares:
            return kinds.ORGANIZATION, 0.5
        if self._named() and not (self._scene.wares and self._is_known_thing()):
            return kinds.PERSON, 0.6
        return self._untold(text)

    def _untold(self, text: str) -> Verdict:
        labelled = self._is_place() and text[max(0, self._start - 2) : self._start] == ": "
        told = near.AFTER.match(text, self._stop) is not None
        told = told or (self._scene.personal and near.BEING.match(text, self._stop) is not None)
        thing = self._amid_wares() or not self._scene.english(self._start) or (self._is_known_thing() and not told)
        if thing and not labelled:
            return _NOTHING
        if near.COMPANY_BEFORE.search(text, max(0, self._start - _BACK), self._start):
            return kinds.ORGANIZATION, 0.4
        if self._is_place():
            return kinds.LOCATION, 0.5
        inside = self._scene.prose and not self._part[0].opens
        return (kinds.PERSON, 0.5) if self._scene.personal or inside or told else _NOTHING

    def _is_known_thing(self) -> bool:
        return all(
            token.lower in near.BRANDS or (token.has(PROPER) and not token.has(_NAMES | RARE)) for token in self._part
        )

    def _is_code(self) -> bool:
        """Whether it is a part of a program or of an identifier."""
        if any(_CAMEL.match(token.text) and token.lower not in near.SUFFIXES for token in self._part):
            return True
        text = self._scene.text
        before = text[max(0, self._start - 1) : self._start]
        return _CODE.search(before) is not None or _CODE_AFTER.match(text, self._stop) is not None

    def _amid_wares(self) -> bool:
        """Whether it stands among capitalised words that are no names, as in a product's title, or numbers follow."""
        if self._scene.small:
            return False
        known = self._scene.prose and any(token.has(_NAMES) and not token.has(ORDINARY) for token in self._part)
        beside = self._beside[-1:] if known and self._after else [] if known else self._beside
        numbered = self._scene.text[self._stop : self._stop + 2].strip()[:1].isdigit()
        return self._scene.wares or numbered or any(_is_titled(token) for token in beside)

    def _named(self) -> bool:
        return is_named(self._scene.text, self._start)

    def _cued(self) -> bool:
        text = self._scene.text
        return near.BEFORE.search(text, max(0, self._start - 40), self._start) is not None or (
            near.AFTER.match(text, self._stop) is not None or near.BEING.match(text, self._stop) is not None
        )

    def _is_place(self) -> bool:
        given = any(token.has(GIVEN) for token in self._part)
        if any(token.has(PLACE) for token in self._part):
            return self._places.is_cued(self._start, surely=given)
        return not given and self._places.is_cued(self._start, surely=True)


def _is_titled(token: Token) -> bool:
    """A capital that only a title gives."""
    inside = token.capital and token.has(ORDINARY) and not token.opens
    return inside and len(token.text) > 1 and token.lower not in near.PREFIXES
