"""Whether two questions that are near each other in meaning may be one: an embedding overlooks what sets them apart.

"Which fluid goes into the V2?" and the same about the V4 have a cosine of .95, and so have "who founded it" and "when
was it founded". What no paraphrase may change is told from the words: figures, names, a negation, and the kind of thing
asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from tillhand_rag.domain.words import names, stem_set

Difference = Literal["number", "name", "negation", "kind"]
Kind = Literal["quantity", "person", "place", "reason", "manner", "thing", "truth"]

_WORD: Final = re.compile(r"[^\W_]+")
_TEENS: Final = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_TENS: Final = "thirty forty fifty sixty seventy eighty ninety hundred"
_SPELT: Final = {word: str(value) for value, word in enumerate(_TEENS.split(), start=2)} | {
    word: str(value) for value, word in zip(range(30, 110, 10), _TENS.split(), strict=True)
}
"""Without "one", which mostly stands for a thing."""
_NEGATION: Final = re.compile(
    r"\b(?:not|no|never|without|none|nothing|nobody|neither|nor|cannot)\b|n['\u2019]t\b", re.IGNORECASE
)
_EXTENT: Final = (
    "many|much|long|old|far|tall|high|deep|fast|often|soon|early|large|big|heavy|wide|thick|frequently|quickly|full|worn"
    r"|tight\w*"
)
_PATTERNS: Final[dict[Kind, str]] = {
    "quantity": rf"\bwhen\b|\bhow (?:{_EXTENT})\b",
    "person": r"\bwho(?:m|se)?\b",
    "place": r"\bwhere\b",
    "reason": r"\bwhy\b",
    "manner": r"\bhow\b",
    "thing": r"\b(?:what|which)\b",
    "truth": r"^\W*(?:can|could|may|is|are|do|does|did|will|would|should|was|were|has|have)\b",
}
_ASKS: Final = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _PATTERNS.items()}
_MEASURE: Final = re.compile(
    r"\b(?:costs?|prices?|fees?|charge[ds]?|values?|amounts?|sizes?|wear|worn|minimum|maximum|most|least|circumference"
    r"|temperature|pressure|torque|loads?|weight|limit|discount|rates?|numbers?|times?|dates?|deadline|period|interval"
    r"|expir\w+|percentage|per ?cent|years?|days?|hours?|minutes?|months?|weeks?|points?|how)\b",
    re.IGNORECASE,
)
"""With these words "what" and "which" ask for a quantity: a price, a time, a size."""
_DEFINITE: Final[frozenset[Kind]] = frozenset({"quantity", "person", "place", "reason"})


@dataclass(frozen=True, slots=True)
class Traits:
    """What a paraphrase of a question keeps."""

    figures: frozenset[str]
    names: frozenset[str]
    stems: frozenset[str]
    negated: bool
    kind: Kind | None


@lru_cache(maxsize=1_024)
def traits(question: str) -> Traits:
    """What a paraphrase of this question keeps."""
    words = [word.lower() for word in _WORD.findall(question)]
    figures = {_SPELT.get(word, word) for word in words if word in _SPELT or any(map(str.isdigit, word))}
    return Traits(
        frozenset(figures), names(question), stem_set(question), _NEGATION.search(question) is not None, _kind(question)
    )


def difference(one: Traits, other: Traits) -> Difference | None:
    """The first reason why the two cannot be the same question; None when there is none."""
    if one.figures != other.figures:
        return "number"
    if one.names - other.stems - one.figures or other.names - one.stems - other.figures:
        return "name"
    if one.negated != other.negated:
        return "negation"
    if one.kind != other.kind and None not in (one.kind, other.kind) and {one.kind, other.kind} & _DEFINITE:
        return "kind"
    return None


def _kind(question: str) -> Kind | None:
    found = [(match.start(), kind) for kind, pattern in _ASKS.items() if (match := pattern.search(question))]
    if not found:
        return None
    kind = min(found, key=lambda each: each[0])[1]  # of those that begin at one place, the first of `_ASKS`
    return "quantity" if kind == "thing" and _MEASURE.search(question) else kind
