"""What a list or a block of lines says of parts that nothing else tells: names among names, lines between others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction.finding import Span
from tillhand_approvals.domain.redaction.lexicon import COMMON, FAMILY, GIVEN, ORDINARY, RARE
from tillhand_approvals.domain.redaction.name_words import PROFESSION
from tillhand_approvals.domain.redaction.tokens import Token

_LISTED: Final = re.compile(r", ?(?:and |or )?| and | & | or ")
_LINES: Final = re.compile(r"\n[\s>?*|-]{0,8}([^\n]{2,70})(?:\n[\s>?*|-]{0,8}([^\n]{2,70}))?\n[\s>?*|-]{0,8}")
_HEAD: Final = re.compile(r"(?:^|\n)[\s>?*|-]{0,8}([^\W\d_][^\n:?!\d]{1,60})\n[\s>?*|-]{0,8}$")
_SHORTEST: Final = 3
_WORDS: Final = 7
"""More are a sentence."""


def listed(text: str, tokens: Sequence[Token], spans: Sequence[Span]) -> Iterator[Span]:
    """Words beside a person in a list: in `Ann, Amber and Roy` the second is one as well."""
    at = {token.start: place for place, token in enumerate(tokens)}
    ends = {token.end: place for place, token in enumerate(tokens)}
    busy = {token.start for token in tokens for span in spans if span.start <= token.start < span.end}
    for span in spans:
        if span.kind != kinds.PERSON:
            continue
        for step, place in ((1, ends.get(span.end, -2) + 1), (-1, at.get(span.start, 0) - 1)):
            yield from _neighbours(text, tokens, place, step, busy)


def _neighbours(text: str, tokens: Sequence[Token], place: int, step: int, busy: set[int]) -> Iterator[Span]:
    while 0 <= place < len(tokens):
        token = tokens[place]
        if token.lower in {"and", "or"} and 0 <= place + step < len(tokens):
            place += step
            token = tokens[place]
        before = place - step
        while tokens[before].lower in {"and", "or"}:
            before -= step
        first, second = (tokens[before], token) if step > 0 else (token, tokens[before])
        if _LISTED.fullmatch(text, first.end, second.start) is None:
            return
        small = text.islower()
        if token.start in busy or not (token.capital or small) or not _may_be_name(token):
            return
        busy.add(token.start)
        yield Span(kinds.PERSON, token.start, token.end, 0.5)
        place += step


def _may_be_name(token: Token) -> bool:
    if not token.is_word or len(token.text) < _SHORTEST or (token.has(COMMON) and token.opens):
        return False
    return not token.has(ORDINARY) or token.has(GIVEN | FAMILY | RARE)


def blocks(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The lines between a person's and an address, and the one above an address: a profession, an organisation."""
    ordered = sorted(spans, key=lambda each: each.start)
    yield from _between(text, ordered)
    yield from _above(text, ordered)
    for span in ordered:
        title = PROFESSION.match(text, span.end) if span.kind == kinds.PERSON else None
        if title is not None and text[span.end] == ",":
            yield Span(kinds.TITLE, *title.span("title"), 0.6)


def _between(text: str, ordered: Sequence[Span]) -> Iterator[Span]:
    for first, second in pairwise(ordered):
        if second.kind == kinds.ADDRESS and first.kind == kinds.PERSON:
            between = _LINES.fullmatch(text, first.end, second.start)
            for group in (1, 2) if between else ():
                if between is not None and between.group(group) and ":" not in between.group(group):
                    yield Span(kinds.ORGANIZATION, *between.span(group), 0.7)


def _above(text: str, ordered: Sequence[Span]) -> Iterator[Span]:
    for span in ordered:
        above = _HEAD.search(text, max(0, span.start - 80), span.start) if span.kind == kinds.ADDRESS else None
        if (
            above is not None
            and len(above.group(1).split()) < _WORDS
            and all(other.end <= above.start(1) or other.start >= above.end(1) for other in ordered)
        ):
            yield Span(kinds.ORGANIZATION, *above.span(1), 0.5)
