"""Figures of a text with their units, written alike however the text wrote them: amounts, dates, times, measures.

"12,90 €", "EUR 12.90" and "12.9 euros" are one figure; so are "thirty days" and "30 days". A figure that can be read in
two ways ("1.200") has both values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from tillhand_rag.domain.words import COMMON, stems

COUNTED: Final = "~"
"""Marks the unit of what is merely counted."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it may be read, and the unit that stands with it; `start` is its place.

    Where no unit is known, it is what is counted, marked: "~cartridg" of "20 cartridges"; or nothing.
    """

    values: frozenset[str]
    unit: str = ""
    start: int = field(default=0, compare=False)

    def agrees(self, other: Figure) -> bool:
        """Whether both may mean the same; one without a unit agrees with any, and what is counted has many names."""
        if not self.values & other.values:
            return False
        counted = self.unit.startswith(COUNTED) and other.unit.startswith(COUNTED)
        return counted or not self.unit or not other.unit or self.unit == other.unit


def held(figure: Figure, among: Iterable[Figure]) -> bool:
    """Whether one of these agrees with the figure."""
    return any(figure.agrees(other) for other in among)


_SPELLINGS = {
    "EUR": "eur euro euros €",
    "USD": "usd dollar dollars $",
    "GBP": "gbp pound pounds £",
    "CHF": "chf franc francs",
    "cent": "cent cents ct",
    "%": "% percent pct",
    "s": "s sec secs second seconds",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "day": "day days",
    "night": "night nights",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "m": "m metre metres meter meters",
    "km": "km kilometre kilometres kilometer kilometers",
    "in": "inch inches ″",
    "g": "g gram grams",
    "kg": "kg kilo kilos kilogram kilograms",
    "ml": "ml millilitre millilitres milliliter milliliters",
    "l": "l litre litres liter liters",
    "lm": "lm lumen lumens",
    "lux": "lux lx",
    "V": "v volt volts",
    "W": "w watt watts",
    "Wh": "wh",
    "mAh": "mah",
    "Nm": "nm",
    "ohm": "ohm ohms Ω",
    "bar": "bar bars",
    "psi": "psi",
    "Hz": "hz",
    "°C": "°c celsius",
    "km/h": "km/h kph",
    "january": "january jan",
    "february": "february feb",
    "march": "march mar",
    "april": "april apr",
    "may": "may",
    "june": "june jun",
    "july": "july jul",
    "august": "august aug",
    "september": "september sep sept",
    "october": "october oct",
    "november": "november nov",
    "december": "december dec",
}
_UNITS = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_MONTHS = tuple(_SPELLINGS)[-12:]
_LEADING = frozenset(["EUR", "USD", "GBP", "CHF", *_MONTHS])
"""Units that may stand before their figure: "EUR 5", "January 31"."""
_BETWEEN = frozenset(
    "a additional business calendar consecutive extra full further more net of per working whole".split()
)
"""Words that may stand between a figure and its unit: "30 working days"."""
_RANGE = frozenset(["-", "–", "—", "to", "and", "or", "until"])  # noqa: RUF001  # dashes of ranges

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_WORDS = {**_SMALL, **_TENS, "twice": 2, "dozen": 12}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_UNCERTAIN = frozenset(["one", "zero"])
"""Words that count only where a unit follows: "one day", but not "the one that"."""

_TOKEN = re.compile(
    r"(?P<iso>(?<![\w-])\d{4}-\d\d-\d\d(?![\w-]))"
    r"|(?P<clock>(?<![\w.,:])\d{1,2}(?::\d\d(?:\s?[ap]\.?m\b)?|\s?[ap]\.?m\b))"
    r"|(?P<number>(?<![\w.,])[-\u2212]?\d+(?:[.,'\u2019\u00a0\u202f]\d+)*)(?P<glued>[^\W\d_]+(?:/h)?(?![\w]))?(?!\w)"
    r"|(?P<word>per\s+cent|km/h|°\s?C|[^\W\d_]+)"
    r"|(?P<mark>[€$£%″]|[-\u2013\u2014])",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_GROUPING = re.compile("['\u2019\u00a0\u202f]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    values: frozenset[str]
    word: str
    glued: str = ""


def unit_of(word: str) -> str:
    """The unit that a word or sign stands for; empty where it is none."""
    return _UNITS.get(word.lower(), "")


def is_number(word: str) -> bool:
    """Whether a word is a number in digits, or one that figures are read from."""
    return word.isdigit() or word in _WORDS or word in _SCALES


@lru_cache(maxsize=4_096)
def figures(text: str) -> tuple[Figure, ...]:
    """The figures of the text, in order. Numbers that are part of a word ("H28") are names and left out."""
    tokens = list(_tokens(text))
    return tuple(
        Figure(token.values, unit or _counted(text, tokens, place), token.start)
        for place, token in enumerate(tokens)
        if token.values
        for unit in [_unit(tokens, place)]
        if unit or token.word not in _UNCERTAIN
    )


def _tokens(text: str) -> Iterator[_Token]:
    spelled: list[str] = []
    start = 0
    for match in _TOKEN.finditer(text):
        word = re.sub(r"\s", "", match["word"] or "").lower()
        if word in _WORDS or (spelled and word in _SCALES):
            start = start if spelled else match.start()
            spelled.append(word)
            continue
        if spelled and match["mark"] == "-":
            continue
        if spelled:
            yield _spelled(start, spelled)
            spelled = []
        yield from _written(match, word)
    if spelled:
        yield _spelled(start, spelled)


def _written(match: re.Match[str], word: str) -> Iterator[_Token]:
    start = match.start()
    if match["iso"]:
        year, month, day = match["iso"].split("-")
        yield _Token(start, frozenset([str(int(year))]), "")
        yield _Token(start, frozenset([str(int(day))]), "", _MONTHS[(int(month) - 1) % 12])
    elif match["clock"]:
        yield _Token(start, frozenset([_clock(match["clock"])]), "", "o'clock")
    elif match["number"]:
        glued = (match["glued"] or "").lower()
        if not glued or glued in _UNITS:
            yield _Token(start, _readings(match["number"]), "", _UNITS.get(glued, ""))
    else:
        yield _Token(start, frozenset(), word or match["mark"] or "")


def _spelled(start: int, words: Sequence[str]) -> _Token:
    """A number in words: "twenty-four", "two hundred"."""
    total = 0
    for word in words:
        total = total * _SCALES[word] if word in _SCALES else total + _WORDS[word]
    return _Token(start, frozenset([str(total)]), words[0] if len(words) == 1 else "")


def _readings(written: str) -> frozenset[str]:
    """The values that digits with separators may stand for: "1.200" is both 1.2 and 1200, "1,250.50" is one."""
    sign = "-" if written[0] in "-\u2212" else ""
    plain = _GROUPING.sub("", written.lstrip("-\u2212"))
    separators = [character for character in plain if character in ".,"]
    readings = set()
    if len(set(separators)) == 1 and _GROUPED.fullmatch(plain):
        readings.add(plain.replace(separators[0], ""))
    if len(set(separators)) == len(separators) and separators:
        whole, _, decimals = plain.rpartition(separators[-1])
        readings.add(f"{whole.replace('.', '').replace(',', '')}.{decimals}")
    return frozenset(sign + _shortest(reading) for reading in readings or {plain})


def _shortest(digits: str) -> str:
    """The number without zeros that say nothing; what is no number (a version, a section) as it is."""
    return f"{Decimal(digits).normalize():f}" if _NUMBER.fullmatch(digits) else digits


def _clock(written: str) -> str:
    hours, _, rest = re.sub(r"[.\s]", "", written.lower()).partition(":")
    late, early = written.lower().rstrip(".m").endswith("p"), written.lower().rstrip(".m").endswith("a")
    hour = int(re.sub(r"\D", "", hours)) % 24
    if late or early:
        hour = hour % 12 + 12 * late
    minutes = re.sub(r"\D", "", rest)[:2] or "00"
    return f"{hour:02d}:{minutes}"


def _unit(tokens: Sequence[_Token], place: int) -> str:
    """The unit of a figure: glued to it, behind it, behind the range that it begins, or before it."""
    if tokens[place].glued or tokens[place].word == "twice":
        return tokens[place].glued
    following = place + 1
    while following < len(tokens) and tokens[following].word in _BETWEEN and not tokens[following].values:
        following += 1
    if following < len(tokens):
        token = tokens[following]
        if not token.values and token.word in _UNITS:
            return _UNITS[token.word]
        if (
            token.word in _RANGE
            and following == place + 1
            and following + 1 < len(tokens)
            and tokens[following + 1].values
        ):
            return _unit(tokens, following + 1)
    before = _UNITS.get(tokens[place - 1].word, "") if place and not tokens[place - 1].values else ""
    return before if before in _LEADING else ""


def _counted(text: str, tokens: Sequence[_Token], place: int) -> str:
    """What a figure without a unit counts: the telling word right behind it."""
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if following is None or following.values or not following.word.isalpha():
        return ""
    word = text[following.start : following.start + len(following.word)]
    before = text[tokens[place].start : following.start]
    if not word.islower() or before[-1:] not in {" ", "-"} or before[-2:-1] in {" ", ""}:
        return ""
    stem = stems(word)[0]
    return "" if stem in COMMON else COUNTED + stem
