"""Whether the sources that a written sentence names really say it: judged on the stored text, never on trust.

A sentence is supported by a stored fact when every figure and name in it stands there, when the fact holds enough of
its telling words, and when neither denies the other. Where the words alone leave doubt, the caller asks the embedder,
and `settled` decides by the cosine:

    verdict = examine(sentence, grounds, question)
    cosines = [max(cosine(support.said, text) for text in support.fact.texts) for support in verdict.doubtful]
    verdict = settled(verdict, cosines)

Words weigh less when the question already has them: an answer repeats what it answers. The limits were chosen on the
golden questions of the sample shop whose id hashes even; `benchmarks/verification.py` prints what they let through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal, get_args

from tillhand_rag.domain.evidence import Fact, facts_of, fields_of
from tillhand_rag.domain.figures import Figure, figures, held, is_number, unit_of
from tillhand_rag.domain.generated import Drafted
from tillhand_rag.domain.literals import Literals, Verbatim, literals_of
from tillhand_rag.domain.polarity import contradicts, statements
from tillhand_rag.domain.words import COMMON, stem_set

Reason = Literal["supported", "uncited", "unknown-source", "address", "figure", "name", "negation", "words", "meaning"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

SURE: Final = 0.7
"""The share of telling words from which they alone decide."""
DOUBTFUL: Final = 0.4
"""Below this share no meaning helps: too much of the sentence is the writer's own."""
NEAR: Final = 0.7
"""The cosine that a doubtful sentence needs to its quote."""
_WEAK: Final = 0.35
"""What a word counts that the question has as well, or that any sentence about a shop may have."""
_LITERAL: Final = 0.5
"""What a figure or name counts, each of which a fact must hold in any case."""
_LEANT_ON: Final = 0.7
"""What a word counts that stands only in what the fact leans on: its title, heading, lead, the sentence before."""
_OWN: Final = 0.25
"""The least that a fact's own words must hold."""
_MUCH_SHORTER: Final = 0.1
"""How much of the share a shorter quote may cost."""
_GLUE: Final = stem_set(
    "amount apply available based buy charge cost customer get give go include item make mean need note offer order "
    "pay per possible price provide receive require said say shop state take total use used want within work yes"
)
_NAMED: Final = 2.0
"""What a name adds to how near a stored sentence comes."""
_NEARLY: Final = 0.5
"""Sentences that come so much less near than the nearest are as good."""
_TELLING_PART: Final = 2
"""Telling words of a part of a sentence that is judged by itself."""

_ADDRESS = re.compile(
    r"\w+://\S+|\bwww\.\S+|\S+@\S+\.\w+|\]\(|<[a-z!/][^>]*>|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?", re.IGNORECASE
)
_AND = re.compile(r",?\s+(?:and|or)\s+|,\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ground:
    """A source by its number, as far as it may be believed, and its facts."""

    number: int
    text: str
    facts: Sequence[Fact]

    @classmethod
    def of(cls, number: int, text: str, context: str) -> Ground:
        """The ground that a passage with this context makes."""
        return cls(number, text, facts_of(text, context))


@dataclass(frozen=True, slots=True)
class Support:
    """A fact that vouches for `said`, and the share of its words that it holds."""

    number: int
    fact: Fact
    share: float
    said: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be sent, and the facts that it may be quoted with."""

    reason: Reason
    supports: tuple[Support, ...] = ()

    @property
    def supported(self) -> bool:
        """Whether the sources say it."""
        return self.reason == "supported"

    @property
    def doubtful(self) -> tuple[Support, ...]:
        """What only the meaning can decide."""
        return tuple(support for support in self.supports if support.share < SURE)


def examine(sentence: Drafted, grounds: Mapping[int, Ground], question: str = "") -> Verdict:
    """What the words of the cited sources say of a sentence."""
    if not sentence.cites:
        return Verdict("uncited")
    if not grounds.keys() >= set(sentence.cites):
        return Verdict("unknown-source")
    cited = [grounds[number] for number in sentence.cites]
    addresses = [match.group().rstrip(".,;:!?") for match in _ADDRESS.finditer(sentence.text)]
    if any(all(address not in ground.text for ground in cited) for address in addresses):
        return Verdict("address")
    asked = stem_set(question)
    whole = [_best(sentence.text, ground, asked) for ground in cited]
    if found := tuple(each for each in whole if isinstance(each, Support)):
        return Verdict("supported", found)
    return _by_parts(sentence.text, cited, asked) or Verdict(_nearest_miss(whole))


def settled(verdict: Verdict, cosines: Sequence[float] | None) -> Verdict:
    """The verdict once the meaning of what is doubtful is known, in its order; None where nobody can tell.

    Doubt that stays refuses. Every statement must hold, and any of the facts that were found for it will do.
    """
    near = iter(cosines or [-1.0] * len(verdict.doubtful))
    held_up = tuple(each for each in verdict.supports if each.share >= SURE or next(near) >= NEAR)
    stated = {support.said for support in verdict.supports}
    if stated - {support.said for support in held_up}:
        return Verdict("meaning")
    return replace(verdict, supports=held_up)


def _by_parts(sentence: str, cited: Sequence[Ground], asked: frozenset[str]) -> Verdict | None:
    """The verdict on a sentence that says several things, each of which must be supported by itself."""
    parts = _parts(sentence)
    if len(parts) < _TELLING_PART:
        return None
    supports = []
    for part in parts:
        found = [each for ground in cited if isinstance(each := _best(part, ground, asked), Support)]
        if not found:
            return None
        supports.append(max(found, key=lambda support: support.share))
    return Verdict("supported", tuple(supports))


def _parts(sentence: str) -> list[str]:
    """The statements of a sentence; a fragment without telling words of its own stays with the part before it."""
    parts: list[str] = []
    for fragment in (piece for statement in statements(sentence) for piece in _AND.split(statement)):
        alone = len(_telling(fragment)) >= _TELLING_PART and literals_of(fragment)
        if parts and not alone:
            parts[-1] = f"{parts[-1]}, {fragment}"
        else:
            parts.append(fragment)
    return parts


def _best(said: str, ground: Ground, asked: frozenset[str]) -> Support | Reason:
    """The fact of a source that supports a statement, or why none does."""
    literals = literals_of(said)
    weights = _weights(said, asked)
    if any(_rivalled(ground.facts, each, weights, literals) for each in literals if isinstance(each, Figure)):
        return "figure"
    bearing = [fact for fact in ground.facts if _bears(fact, literals)]
    if not bearing:
        return _lacking(ground, literals)
    credit = _LITERAL * sum(1 for literal in literals if isinstance(literal, Figure) or literal not in asked)
    shares = [_share(weights, fact, credit) for fact in bearing]
    top = max(shares)
    if top < DOUBTFUL:
        return "words"
    nearest = [fact for fact, share in zip(bearing, shares, strict=True) if share == top]
    if all(contradicts(said, fact.text, fact.lends) for fact in nearest):
        return "negation"
    near = [(share, fact) for fact, share in zip(bearing, shares, strict=True) if share >= top - _MUCH_SHORTER]
    agreeing = [(share, fact) for share, fact in near if not contradicts(said, fact.text, fact.lends)]
    share, fact = min(agreeing, key=lambda each: (each[0] < DOUBTFUL, len(each[1].text)))
    return Support(ground.number, fact, round(share, 4), said)


def _bears(fact: Fact, literals: Sequence[Verbatim]) -> bool:
    """Whether a fact holds every figure and name; in several parts, those that follow one another meet in one part."""
    parts = fact.parts or (fact,)
    if not all(any(part.literals.hold(literal) for part in parts) for literal in literals):
        return False
    shared = fact.shared
    return not fact.parts or all(
        shared.hold(one) or shared.hold(other) or any(_both(part.literals, one, other) for part in parts)
        for one, other in pairwise(literals)
    )


def _rivalled(
    facts: Sequence[Fact], figure: Figure, weights: Mapping[str, float], literals: Sequence[Verbatim]
) -> bool:
    """Whether what comes nearest to the words tells another figure of this kind, and not this one.

    "Within 3 days" does not vouch for 7 because the next sentence says 7 of something else.
    """
    named = [literal for literal in literals if isinstance(literal, str)]
    nearness = [
        (_held(weights, fact.own) + sum(_NAMED for name in named if name in fact.named), fact)
        for fact in facts
        if not fact.parts
    ]
    nearest = max((near for near, _ in nearness), default=0.0)
    return all(
        _tells_another(fact.text, figure, weights.keys()) for near, fact in nearness if near >= nearest - _NEARLY
    )


def _tells_another(text: str, figure: Figure, words: AbstractSet[str]) -> bool:
    """Whether a stored sentence has another figure of this kind; in a record, under the names that are said."""
    own = figures(text)
    if not held(figure, own):
        return bool(figure.unit) and any(figure.unit == other.unit for other in own)
    told = [(stem_set(name) & words, held(figure, figures(value)), figures(value)) for name, value in fields_of(text)]
    meant = [holds for common, holds, values in told if common and values]
    misplaced = any(holds for common, holds, _ in told if not common)
    return misplaced and bool(meant) and not any(meant)


def _both(literals: Literals, one: Verbatim, other: Verbatim) -> bool:
    return literals.hold(one) and literals.hold(other)


def _lacking(ground: Ground, literals: Sequence[Verbatim]) -> Reason:
    """What no fact holds: a figure, or else a name."""
    missing = [literal for literal in literals if not any(fact.literals.hold(literal) for fact in ground.facts)]
    return "figure" if any(isinstance(literal, Figure) for literal in missing or literals) else "name"


def _weights(said: str, asked: frozenset[str]) -> dict[str, float]:
    """The telling words of a statement and what each counts."""
    return {word: _WEAK if word in asked or word in _GLUE else 1.0 for word in _telling(said)}


def _held(weights: Mapping[str, float], words: frozenset[str]) -> float:
    return sum(weight for word, weight in weights.items() if word in words)


def _share(weights: Mapping[str, float], fact: Fact, credit: float) -> float:
    """The share of the telling words that a fact holds, together with literals that count `credit`."""
    total = sum(weights.values())
    own = _held(weights, fact.own)
    if own < _OWN * total:
        return 0.0
    leant = _held(weights, fact.around - fact.own)
    return (own + _LEANT_ON * leant + credit) / (total + credit) if total + credit else 0.0


def _telling(text: str) -> frozenset[str]:
    """The words that tell something, stemmed; figures are looked at by themselves."""
    return frozenset(word for word in stem_set(text) - COMMON if not is_number(word) and not unit_of(word))


def _nearest_miss(reasons: Sequence[Support | Reason]) -> Reason:
    """Of several reasons, the one of the source that came closest."""
    order = REASONS[::-1]
    return min((each for each in reasons if not isinstance(each, Support)), key=order.index)
