"""Questions without what is personal in them, so that they can be kept and shown to those who look after the documents.

Two passes. What is personal by its form is masked first. Then every capitalised or numeric word that the collection's
own documents do not hold is: what no document knows may be somebody's name. Which words they hold is asked in between:

    redaction = Redaction(question)
    redaction.text(known=await vocabulary.known(collection, redaction.doubtful))

A single name in small letters stays, and so does one that is a word of the documents: the result may be read by the
team that may read the documents, and is not fit to be published.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property
from typing import Final

from tillhand_rag.domain.personal_forms import masked
from tillhand_rag.domain.words import COMMON_WORDS

MAX_CHARACTERS: Final = 4_000

_WORD: Final = re.compile(r"\[[a-z]+\]|[^\W_]+")
_JOINT: Final = re.compile(r"[ ,.'\u2019-]{1,2}")
"""What stands between two words of one name or address."""
_PARTICLES: Final = frozenset("van von der den de la le di da del du dos zu bin al el ter ten y".split())
_SHORTENED: Final = (
    "don doesn didn isn aren wasn weren couldn wouldn shouldn won haven hasn hadn ain ll ve re d m".split()
)
_ORDINARY: Final = COMMON_WORDS | frozenset(_SHORTENED)
"""Common words, and what is left of "don't" and the like."""


class Redaction:
    """A text on its way to being redacted. What is longer than `MAX_CHARACTERS` is cut."""

    def __init__(self, text: str) -> None:
        self._masked = masked(text[:MAX_CHARACTERS])
        self._words = list(_WORD.finditer(self._masked))
        self._small = self._masked == self._masked.lower()

    @cached_property
    def doubtful(self) -> tuple[str, ...]:
        """The words that it must be known of whether the collection's documents hold them, each once."""
        words = (word.group() for word in self._words)
        return tuple(dict.fromkeys(word for word in words if _is_doubtful(word) or (self._small and _is_telling(word))))

    def text(self, known: Collection[str]) -> str:
        """The text with every doubtful word masked that is not among the known ones.

        What may be a part of a name beside a masked one is masked with it, known or not; so is a number there, which
        may be a house's. Where there are no capitals, two unknown words beside each other are taken for a name.
        """
        masks = [_mask(word.group(), known) for word in self._words]
        if self._small:
            self._mask_pairs(masks, known)
        for step, places in ((1, range(1, len(masks))), (-1, range(len(masks) - 2, -1, -1))):
            for at in places:
                if masks[at] is None and self._are_one(at, at - step):
                    masks[at] = _mask_beside(masks[at - step], self._words[at].group())
        return self._with(masks)

    def _mask_pairs(self, masks: list[str | None], known: Collection[str]) -> None:
        foreign = [_is_telling(word.group()) and word.group() not in known for word in self._words]
        for at in range(1, len(foreign)):
            if foreign[at - 1] and foreign[at] and self._are_one(at - 1, at):
                masks[at - 1] = masks[at] = "[name]"

    def _are_one(self, at: int, beside: int) -> bool:
        first, second = sorted((at, beside))
        return _JOINT.fullmatch(self._masked, self._words[first].end(), self._words[second].start()) is not None

    def _with(self, masks: list[str | None]) -> str:
        pieces: list[str] = []
        end = 0
        for word, mask in zip(self._words, masks, strict=True):
            if mask is None:
                continue
            between = self._masked[end : word.start()]
            if not (pieces and pieces[-1] == mask and _JOINT.fullmatch(between)):
                pieces += [between, mask]
            end = word.end()
        return "".join([*pieces, self._masked[end:]])


def _mask(word: str, known: Collection[str]) -> str | None:
    """The mask of a word, None for one that stays; a mask is its own."""
    if word.startswith("["):
        return word
    if not _is_doubtful(word) or word in known:
        return None
    return "[number]" if _is_numeric(word) else "[name]"


def _mask_beside(mask: str | None, word: str) -> str | None:
    """The mask of a word that would stay, did it not stand beside this one."""
    if _is_numeric(word):
        return "[number]" if mask in {"[name]", "[address]", "[number]"} else None
    part_of_name = _may_be_name(word) or word in _PARTICLES
    return "[name]" if mask in {"[name]", "[address]"} and part_of_name else None


def _is_doubtful(word: str) -> bool:
    return not word.startswith("[") and (_is_numeric(word) or _may_be_name(word))


def _is_telling(word: str) -> bool:
    return not word.startswith("[") and len(word) > 1 and word.lower() not in _ORDINARY


def _is_numeric(word: str) -> bool:
    return any(map(str.isdigit, word))


def _may_be_name(word: str) -> bool:
    return word[0].isupper() and word.lower() not in _ORDINARY
