"""Whether two sentences say the same thing or its opposite, as far as their little words tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from tillhand_rag.domain.words import COMMON, stem_set

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_NEGATORS = frozenset("no not never cannot neither nor none nobody nothing nowhere without".split())
_NO_NEGATION = re.compile(
    r"\b(?:no|not) (?:later|longer|more|less|fewer|earlier|sooner) than\b|\bnot only\b|\bno (?:matter|doubt|problem)\b"
    r"|\bif not\b|\bor not\b|\bnot until\b|^\W*(?:no|yes)\s*[,.:;!\u2013\u2014-]",
    re.IGNORECASE,
)
"""What has a negator in it and negates nothing: a bound ("no later than"), or the word that a reply begins with."""
_TURN = re.compile(
    r"\s*[;\u2013\u2014]\s+|,?\s+(?=(?:but|whereas|while|although|though|however|unless|except|otherwise|instead)\b)"
    r"|(?<=[.!?])\s+|\n",
    re.IGNORECASE,
)
"""Where a sentence turns to another statement, which may be of the other polarity."""
_NOT_SO = re.compile(r"\b(?:not|n't|never) (?:\w+ )?\w+", re.IGNORECASE)
"""What is denied is no opposite: "not tight" agrees with "loose"."""
_ANNOUNCED = re.compile(r"((?:^|\n)[^:;\n]*(?:\w+\W+){3}\w+):\s+")
"""A statement that a colon ends; a label before its value ("Price: 5 EUR") is none."""

_OPPOSITES = tuple(
    (frozenset(one.split("|")), frozenset(other.split("|")))
    for one, other in (
        pair.split()
        for pair in (
            "free cost|costs|charge|charged|charges|fee|surcharge",
            "before after",
            "earlier|earliest later|latest",
            "above|over|exceeds|exceeding below|under",
            "more|most|maximum less|least|fewer|minimum",
            "inside|inner|indoors outside|outer|outdoors",
            "include|includes|included|including exclude|excludes|excluded|excluding",
            "allowed|permitted forbidden|prohibited",
            "open|opened closed|unopened|sealed",
            "used|worn unused|unworn",
            "left right",
            "front rear",
            "top|upper bottom|lower",
            "first last",
            "always never",
            "increase|increases|raise|raises decrease|decreases|reduce|reduces",
            "loosen|loosens|loose tighten|tightens|tight",
            "same different",
            "possible impossible",
            "available unavailable",
            "valid invalid|expired",
            "accept|accepts|accepted refuse|refuses|refused|reject|rejects|rejected",
            "wet dry",
            "hot cold",
            "male female",
            "domestic international|abroad",
            "with without",
            "clockwise anticlockwise|counterclockwise",
        )
    )
)


def negated(text: str) -> bool:
    """Whether the text denies what it speaks of. "No later than" denies nothing: it is a bound."""
    plain = _NO_NEGATION.sub(" ", text)
    words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(plain)]
    return any(word in _NEGATORS or word.endswith("n't") for word in words)


def contradicts(said: str, stored: str, above: Sequence[str] = ()) -> bool:
    """Whether what is said denies what is stored, or the other way round, or says the opposite of one of its words.

    Each statement is held against the part of `stored` that shares most with it. `above` is what a list entry or a row
    hangs from: it lends the entry its polarity ("These cannot be returned:").
    """
    lent = any(negated(each) for each in above)
    parts = statements(stored)
    return any(_denied(statement, parts, lent=lent) for statement in statements(said))


def statements(sentence: str) -> list[str]:
    """The parts of a sentence that may differ in polarity; the sentence itself where it has no turn."""
    announced = _ANNOUNCED.sub("\\1\n", sentence) if ";" not in sentence else sentence
    return [part for part in _TURN.split(announced) if part.strip()] or [sentence]


def _denied(statement: str, parts: Sequence[str], *, lent: bool) -> bool:
    told = _telling(statement)
    shared = [len(told & _telling(part)) for part in parts]
    nearest = [part for part, common in zip(parts, shared, strict=True) if common == max(shared)]
    denies = negated(statement)
    return all(denies != (negated(part) or lent) or _opposed(statement, part) for part in nearest)


@lru_cache(maxsize=4_096)
def _telling(text: str) -> frozenset[str]:
    return stem_set(text) - COMMON


def _opposed(said: str, stored: str) -> bool:
    ours = {word.lower() for word in _WORD.findall(said)}
    theirs = {word.lower() for word in _WORD.findall(_NOT_SO.sub(" ", stored))}
    return any(
        (ours & one and theirs & other and not ours & other and not theirs & one)
        or (ours & other and theirs & one and not ours & one and not theirs & other)
        for one, other in _OPPOSITES
    )
