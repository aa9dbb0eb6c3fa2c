"""Telephone numbers of many countries: by a prefix, by the way digits are grouped, or by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction.finding import Span

_CANDIDATE: Final = re.compile(
    r"(?<![\w.+#$\u20ac\u00a3-])(?<!\d[,/])(?:\+ ?)?\(?\+?\d(?:[ \u00a0]?[().\-/\u2011\u2013]?[ \u00a0]?[()]?\d){5,16}"
    r"(?:[ ]?(?:x|ext\.?|extension|#)[ ]?\d{1,6})?(?![\w@%]|[.,:]\d)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    r"(?:phone|mobile|cell|tele|\btel\b|fax|whats ?app|\bsms\b|\btext(?:ed)?\b|call(?:ed|ing)?|dial|reach|ring|contact|"
    r"answering|number|hotline|signal|viber)[^\n\d]{0,30}$|(?:\b[tmfp][.:]) ?$",
    re.IGNORECASE,
)
_DIRECT: Final = re.compile(
    r"\b(?:call|phone|tel|fax|mobile|reach|dial)(?: me| us| is| at| on|[:.]){0,3} $", re.IGNORECASE
)
_AFTER: Final = re.compile(
    r"[ \t,;-]{0,3}\(?(?:office|fax|mobile|cell|home|work|phone|direct|landline|tel)\b", re.IGNORECASE
)
_OTHER: Final = re.compile(
    r"\b(?:orders?|invoice|sku|ean|upc|gtin|isbn|asin|item|model|part|art(?:icle)?|serial|tracking|ticket|batch|lot|"
    r"ref(?:erence)?|"
    r"case|version|rma|card|account|zip|postcode|licen[cs]e|passport)\b[^\n.,;]{0,22}$",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d(?:[ T]?\d{0,2})?|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:19|20)\d\d(?: \d{1,2})?|"
    r"(?:19|20)\d\d ?[-/\u2013] ?(?:19|20)\d\d"
)
_GROUPED: Final = re.compile(
    r"\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}|"  # North America
    r"\(0?\d{1,5}\)[ ./-]?\d{2,4}(?:[ ./-]?\d{2,4}){1,3}|"
    r"0\d{1,4}[ ./-]\d{2,4}(?:[ ./-]?\d{2,4}){1,3}|"
    r"0\d(?:([ .-])\d\d)(?:\1\d\d){3}|"
    r"\d{2}(?:-\d{2}){3}"
)
_EXTENSION: Final = re.compile(r"(?i)[ ]?(?:x|ext\.?|extension|#)[ ]?\d{1,6}$")
_SHORTEST, _LONGEST = 7, 15


def phones(text: str) -> Iterator[Span]:
    """What is a number to call, each with what speaks for it."""
    for match in _CANDIDATE.finditer(text):
        score = _score(text, match)
        if score:
            yield Span(kinds.PHONE, *match.span(), score)


def _score(text: str, match: re.Match[str]) -> float:
    number = match.group()
    plain = _EXTENSION.sub("", number)
    digits = sum(map(str.isdecimal, plain))
    direct = _DIRECT.search(text, max(0, match.start() - 24), match.start()) and not plain.isdecimal()
    if not _SHORTEST - bool(direct) <= digits <= _LONGEST or _DATE.fullmatch(plain.strip("() ")):
        return 0
    before = text[max(0, match.start() - 48) : match.start()]
    if _AFTER.match(text, match.end()) or (_BEFORE.search(before) and not _OTHER.search(before)):
        return 0.9
    if _OTHER.search(before):
        return 0
    abroad = plain.startswith(("+", "(+", "001-", "00 ")) and digits > _SHORTEST
    if abroad or (plain != number and digits > _SHORTEST + 1):
        return 0.9
    return 0.7 if _GROUPED.fullmatch(plain) else 0
