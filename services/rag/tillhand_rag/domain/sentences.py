"""Sentences of a passage with exact offsets: what an answer can quote.

Blocks of the layout first, then the prose of each is cut at terminators that really end a sentence. The general
segmenters were weighed and left: pysbd rests since 2021, NLTK's punkt is a download, and the bounds of Unicode's
UAX #29 (ICU) know neither layout nor most abbreviations, so that both steps would have remained.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tillhand_rag.domain.layout import Kind, blocks, margin


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text[start:end]`, without surrounding white space or layout marks. Offsets are in code points."""

    start: int
    end: int
    kind: Kind


def split_sentences(text: str) -> list[Sentence]:
    """The sentences of `text` in order, never overlapping; what lies between them is white space and layout marks."""
    sentences: list[Sentence] = []
    for block in blocks(text):
        spans = _prose(text, block.start, block.end) if block.kind in {"prose", "item"} else [(block.start, block.end)]
        sentences += [Sentence(start, end, block.kind) for start, end in spans]
    return sentences


_CJK_STOPS = "\u3002\uff01\uff1f"
"""Full stop, exclamation and question mark of Chinese and Japanese, which no white space follows."""
_END = re.compile(rf"(?:[.!?…]+[\"'\u2019”»)\]*_]*(?=\s)|[{_CJK_STOPS}]+[\u2019”\u300d\u300f\uff09]*)")
_WORD_BEFORE = re.compile(r"[^\s(\[\"'\u2018“«]*\Z")
_WORD_AFTER = re.compile(r"\s*[\"'\u2018“«(\[*_]*([^\s.,;:!?)\]\"'\u2019”»*_]*)")
_BREAK = re.compile(r"\s*(?:\n[ \t>]*)?")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z])[.)]")
_BEFORE_SPAN = 24
"""How far back the word before a full stop is looked for: longer ones are no abbreviation."""

# A full stop after one of these ends nothing: what it belongs to follows.
_OPENING = frozenset(
    "adm al assn asst atty ave bldg blvd brig ca capt cf cmdr col comdr cpl dept dr e.g eds eg esp exec ext figs "
    "gen gov hon i.e incl intl lt maj messrs mr mrs ms mt nat prof refs rep rev resp rt sen sgt sr st ste supt "
    "tel univ viz vols vs".split()
)
# Nor after one of these where a figure follows.
_NUMBERING = frozenset(
    "approx art ch chap est fig item max min no nos nr p par para pos pp qty ref sec sect sku v ver vol jan feb "
    "mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun".split()
)
# May end a sentence or not: a word that begins sentences must follow. So it is with initials.
_CLOSING = frozenset("bros co corp etc gmbh inc jr llc ltd m.sc b.sc ph.d plc".split())
_STARTERS = frozenset(
    "a an and all also although another any as at because before both but by can customers do does during each "
    "either every for from he her here his how however i if in it its many most my no not on once one orders "
    "other our please returns several she since so some such than that the their then there these they this those "
    "though to under unless until use we what when where which while who why with you your".split()
)


def _prose(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for match in _END.finditer(text, start, end):
        if _ends_sentence(text, begin, match, end):
            yield begin, match.end()
            begin = match.end() + margin(text[match.end() : end], _BREAK)
    if begin < end:
        yield begin, end


def _ends_sentence(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    after = _WORD_AFTER.match(text, match.end(), end)
    word_after = after.group(1) if after else ""
    if not word_after or match.group()[0] in _CJK_STOPS:
        return True
    if word_after[0].islower() and word_after.islower():
        return False
    if match.group()[0] != ".":
        return True
    before = _WORD_BEFORE.search(text[max(begin, match.start() - _BEFORE_SPAN) : match.start()])
    return _stop_ends(before.group() if before else "", word_after, first=_is_enumerator(text, begin, match))


def _is_enumerator(text: str, begin: int, match: re.Match[str]) -> bool:
    return bool(_ENUMERATOR.fullmatch(text, begin, match.end()))


def _stop_ends(before: str, after: str, *, first: bool) -> bool:
    """Whether the full stop between these two words ends a sentence."""
    word = before.lower()
    if first or word in _OPENING or (word in _NUMBERING and after[0].isdigit()):
        return False
    if word in _CLOSING or (_INITIALS.fullmatch(before) and word != "i"):
        return after.lower() in _STARTERS and after[0].isupper()
    return True
