"""What is personal by its form alone: addresses of every kind, numbers of cards, accounts, orders and phones, keys.

Every repetition is bounded, so that the time is linear in the length of the text.
"""

from __future__ import annotations

import re
from typing import Final

from tillhand_rag.domain.checksums import is_iban, is_luhn
from tillhand_rag.domain.words import COMMON_WORDS

_DOMAINS: Final = (
    "com|org|net|edu|gov|info|biz|io|co|eu|de|at|ch|uk|fr|es|it|nl|be|pl|us|ca|au|se|dk|no|fi|app|shop|dev"
)
_STREET: Final = (
    "street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|square|sq|place|pl|terrace|crescent"
    "|highway|hwy|parkway|pkwy|close|gardens|route"
)
_STRASSE: Final = r"stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer"
_NUMBERED: Final = (
    "order|invoice|customer|ticket|tracking|parcel|shipment|reference|ref|case|account|booking|rma|contract|policy"
    "|member(?:ship)?|serial|card|passport|licen[cs]e|social security|ssn|iban|phone|mobile|fax"
)
_TITLE: Final = "mr|mrs|ms|miss|mx|dr|prof|professor|herr|frau|monsieur|madame|sir|dear"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"


def _rule(name: str, *patterns: str, cased: bool = False) -> tuple[str, re.Pattern[str]]:
    return f"[{name}]", re.compile("|".join(patterns), re.NOFLAG if cased else re.IGNORECASE)


_CODES: Final = (
    _rule(
        "key",
        r"\bth_(?:agent|service|operator)_[\w-]+",
        r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*",
        r"\b(?:bearer|basic)\s{1,3}[\w.~+/=-]{8,}",
        r"\b(?:sk|pk|gh[pousr]|xox[a-z]|shp(?:at|ss|ca|pa))[-_][\w-]{10,}",
        r"\b(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[a-z])[a-z0-9_-]{24,}",
    ),
    _rule("url", r"\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.)\S+"),
    _rule("email", r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"),
    _rule(
        "ip",
        r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
        r"\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b",
        r"\b(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:?){1,6}",
    ),
    _rule("url", rf"\b(?:[\w-]{{1,63}}\.){{1,5}}(?:{_DOMAINS})\b(?:/\S*)?"),
    _rule(
        "date",
        rf"(?<![\d-])\d{{4}}([-/.]){_MONTH}\1{_DAY}(?![\d-])",
        rf"(?<![\d-]){_DAY}([-/.]){_MONTH}\2(?:\d\d){{1,2}}(?![\d-])",
        rf"(?<![\d-]){_MONTH}/{_DAY}/(?:\d\d){{1,2}}(?![\d-])",
    ),
)
_IBAN: Final = re.compile(r"\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{1,4}){3,8}\b", re.IGNORECASE)
_DIGITS: Final = re.compile(
    r"(?<![\w.])[+(#]{0,2}\d(?:[ ()/.-]{0,2}\d){5,}(?: ?(?:x|ext\.?|extension) ?\d{1,6})?(?!\w)", re.IGNORECASE
)
_PLACES: Final = (
    _rule("address", rf"\b\d{{1,6}}[a-z]?,? (?:[A-Z][\w'.-]{{0,40}},? ){{1,4}}(?i:{_STREET})\b\.?", cased=True),
    _rule("address", r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", r"\b[A-Z]\d[A-Z] \d[A-Z]\d\b", cased=True),
    _rule(
        "address",
        r"\b\d{1,6}[a-z]? [a-z]{3,20} (?:street|avenue|lane|boulevard|road|drive)\b",
        rf"\b[^\W\d_]{{2,40}}(?:{_STRASSE}) ?\d{{1,4}}(?: ?[a-z])?\b",
        r"\b(?:p\.? ?o\.? box|suite|apt\.?|apartment|flat|unit) #?\d{1,6}[a-z]?\b",
        r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b",
    ),
    _rule(
        "number",
        rf"\b(?:{_NUMBERED}) ?(?:number|no\.?|nr\.?|id|code|#)? ?[:#]? ?(?:is )?(?=(?:[\w/-]{{0,40}}?\d){{3}})[\w/-]+",
        r"\b[a-z]{0,5}[-/#]?\d{5,}[\w-]*",
        r"#\w{0,20}\d\w*",
    ),
)
_NAMED: Final = re.compile(
    r"(\b(?:(?:my|his|her|our|their|the) (?:\w{1,20} )?names? (?:is|are)|i(?:'|\u2019)?m called"
    rf"|(?:kind |best )?regards,?|sincerely,?|(?:{_TITLE})\.?) )"
    r"((?:[^\W\d_][\w'.-]{0,40})(?: [^\W\d_][\w'.-]{0,40}){0,2})",
    re.IGNORECASE,
)
"""What follows is a name, whatever its letters."""
_CARD_DIGITS: Final = range(13, 20)


def masked(text: str) -> str:
    """The text with each of these replaced by its kind in square brackets, such as `[email]`."""
    for mask, pattern in _CODES:
        text = pattern.sub(mask, text)
    text = _IBAN.sub(_iban, text)
    text = _DIGITS.sub(_digits, text)
    for mask, pattern in _PLACES:
        text = pattern.sub(mask, text)
    return _NAMED.sub(_named, text)


def _iban(found: re.Match[str]) -> str:
    """An account's number; words that follow it stay as they are."""
    groups = re.split(r"(?=[ -])", found.group())
    for count in range(len(groups), 0, -1):
        if is_iban("".join(groups[:count])):
            return "[iban]" + "".join(groups[count:])
    return found.group()


def _digits(found: re.Match[str]) -> str:
    digits = "".join(filter(str.isdigit, found.group()))
    if len(digits) in _CARD_DIGITS and is_luhn(digits):
        return "[card]"
    return "[number]" if found.group().isdigit() else "[phone]"


def _named(found: re.Match[str]) -> str:
    words = found.group(2).split(" ")
    while words and words[-1].lower() in COMMON_WORDS:
        words.pop()
    rest = found.group(2)[len(" ".join(words)) :]
    return found.group(1) + ("[name]" if words else "") + rest
