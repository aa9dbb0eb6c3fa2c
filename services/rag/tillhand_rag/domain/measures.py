"""Measures: which words of a question ask for a weight or a price, and which units tell them in an answer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from tillhand_rag.domain.words import stems

Measure = Literal[
    "mass",
    "length",
    "volume",
    "pressure",
    "torque",
    "temperature",
    "sound",
    "light",
    "speed",
    "power",
    "voltage",
    "resistance",
    "money",
    "colour",
    "language",
    "weekday",
    "age",
]

_UNITS: Final[dict[Measure, str]] = {
    "mass": r"k?g|mg|grams?|kilos?|kilograms?|lbs?|pounds?|oz|ounces?|tons?|tonnes?",
    "length": r"[mck]?m|(?:kilo|centi|milli)?met(?:er|re)s?|inch(?:es)?|f(?:oo|ee)t|ft|yards?|miles?",
    "volume": r"[mc]?l|(?:milli)?lit(?:er|re)s?|gallons?|pints?|c?m³|cubic",
    "pressure": r"m?bar|psi|[kh]?pa|atm|pascals?",
    "torque": r"nm|newton[- ]?met(?:er|re)s?|(?:in|ft)[- ]?lbs?",
    "temperature": r"°\s?[cf]|degrees?|celsius|fahrenheit|kelvin",
    "sound": r"db|decibels?",
    "light": r"lux|lm|lumens?|candelas?",
    "speed": r"km/h|kmh|kph|mph|m/s|(?:kilomet(?:er|re)s?|miles) (?:per|an) hour|knots?",
    "power": r"[km]?w|(?:kilo|mega)?watts?|horsepower|hp",
    "voltage": r"k?v|volts?",
    "resistance": r"k?ω|ohms?",
    "money": r"eur|euros?|€|usd|gbp|chf|dollars?|cents?|\$|£|francs?|yen|pounds?|prices?|fee",
}
"""Units, which need a figure beside them."""
_WORDED: Final[dict[Measure, str]] = {
    "colour": r"black|white|red|blue|green|yellow|orange|brown|gr[ae]y|silver|gold(?:en)?|purple|violet|pink|olive"
    r"|beige|tan|navy|turquoise|transparent|colou?rs?",
    "language": r"english|german|french|spanish|italian|dutch|polish|russian|chinese|japanese|latin|greek|arabic"
    r"|portuguese|languages?",
    "weekday": r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?",
    "age": r"years?|months?|aged?|ages|old|born",
}
"""What is told in words alone."""


def _word(alternatives: str) -> re.Pattern[str]:
    """One of the alternatives, beside a figure or alone: not within a longer word."""
    return re.compile(rf"(?<![a-z])(?:{alternatives})(?![a-z])", re.IGNORECASE)


_ANSWERS: Final = {measure: _word(words) for measure, words in (_UNITS | _WORDED).items()}
_FIGURE: Final = re.compile(r"\d")
_FREE: Final = re.compile(r"\b(?:free|gratis|no (?:\w+ )?(?:charge|cost|fee))\b", re.IGNORECASE)

_ASKED: Final[dict[Measure, str]] = {
    "mass": "weight load payload heavy",
    "length": "length width height diameter depth thickness distance radius circumference tall wide thick",
    "volume": "volume",
    "pressure": "pressure",
    "torque": "torque tight",
    "temperature": "temperature hot cold",
    "sound": "noise loudness loud",
    "light": "brightness bright",
    "speed": "speed",
    "power": "wattage",
    "voltage": "voltage",
    "resistance": "resistance",
    "money": "price cost costs fee surcharge salary wage expensive",
    "colour": "colour color colours colors",
    "language": "language languages",
    "weekday": "weekday weekdays",
    "age": "age",
}
_ASKED_BY: Final[dict[str, Measure]] = {word: measure for measure, words in _ASKED.items() for word in words.split()}
_COSTS: Final = re.compile(
    r"\b(?:what|how much)\b[^?]*\b(?:costs?|charged?|pay)\b(?! in)|\bhow much (?:is|are|was|were)\b[^?]*\?*$"
    r"|\b(?:price|cost) of\b",
    re.IGNORECASE,
)
_WEIGHS: Final = re.compile(r"\b(?:how much|what)\b[^?]*\bweighs?\b", re.IGNORECASE)

_COUNTED: Final = {
    stems(name)[0]: _word(alternatives)
    for name, alternatives in {
        "gram": r"g|grams?",
        "kilogram": r"kg|kilos?|kilograms?",
        "pound": r"lbs?|pounds?",
        "metre": r"m|met(?:er|re)s?",
        "meter": r"m|met(?:er|re)s?",
        "kilometre": r"km|kilomet\w+",
        "kilometer": r"km|kilomet\w+",
        "centimetre": r"cm|centimet\w+",
        "millimetre": r"mm|millimet\w+",
        "inch": r"inch(?:es)?",
        "mile": r"miles?",
        "litre": r"m?l|lit(?:er|re)s?",
        "watt": r"k?w|watts?",
        "volt": r"v|volts?",
        "lumen": r"lm|lumens?",
        "lux": r"lux",
        "decibel": r"db|decibels?",
        "euro": r"eur|euros?|€",
        "dollar": r"usd|dollars?|\$",
        "degree": r"°|degrees?",
        "second": r"seconds?|s",
        "minute": r"minutes?|min",
        "hour": r"hours?|h",
        "day": r"\w*days?",
        "week": r"weeks?",
        "month": r"months?",
        "year": r"years?",
    }.items()
}
"""Units as they are counted in "how many …", and how answers write them."""


@lru_cache(maxsize=1_024)
def measure_of(question: str, noun: str | None) -> Measure | None:
    """The measure that a question asks for; `noun` is what it asks about, lower-cased: "wide", "rim width"."""
    if _WEIGHS.search(question):
        return "mass"
    if noun in _ASKED_BY:
        return _ASKED_BY[noun]
    return "money" if _COSTS.search(question) else None


def counted_unit(word: str) -> re.Pattern[str] | None:
    """How answers write the unit that is counted in "how many …"; None where the word is no unit."""
    return _COUNTED.get(stems(word)[0])


def measured(sentence: str, measure: Measure) -> bool:
    """Whether the sentence gives such a measure; a price may also be said to be none."""
    if measure == "money" and _FREE.search(sentence):
        return True
    return _ANSWERS[measure].search(sentence) is not None and (measure in _WORDED or has_figure(sentence))


def has_figure(sentence: str) -> bool:
    """Whether there is a digit."""
    return _FIGURE.search(sentence) is not None
