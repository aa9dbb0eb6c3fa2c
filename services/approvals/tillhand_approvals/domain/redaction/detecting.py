"""Everything that is found in a text, each part of it once."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tillhand_approvals.domain.redaction.addresses import addresses
from tillhand_approvals.domain.redaction.blocks import blocks, listed
from tillhand_approvals.domain.redaction.dates import dates
from tillhand_approvals.domain.redaction.finding import Span
from tillhand_approvals.domain.redaction.formatted import formatted
from tillhand_approvals.domain.redaction.lexicon import Lexicon
from tillhand_approvals.domain.redaction.names import names
from tillhand_approvals.domain.redaction.phones import phones
from tillhand_approvals.domain.redaction.tokens import tokens_of


def resolved(spans: Iterable[Span]) -> list[Span]:
    """The spans in order without overlaps: of two the surer stays, or the longer."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda each: (-each.score, each.start - each.end, each.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda each: each.start)


def detect(text: str, lexicon: Lexicon, allowed: Collection[str] = ()) -> list[Span]:
    """Everything that is found in a text."""
    sure = resolved([*formatted(text), *dates(text), *phones(text)])
    taken = [(span.start, span.end) for span in sure]
    tokens = [each for each in tokens_of(text, lexicon, allowed) if not any(a <= each.start < b for a, b in taken)]
    places = list(addresses(text, tokens, lexicon))
    taken = [(span.start, span.end) for span in places]
    free = [each for each in tokens if not any(a <= each.start < b for a, b in taken)]
    named = resolved([*sure, *places, *names(text, free, lexicon)])
    named = resolved([*named, *listed(text, free, named)])
    return resolved([*named, *blocks(text, named)])
