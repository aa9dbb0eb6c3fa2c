"""What kind of thing a question asks for, and whether a sentence holds one: a figure, a date, a name, a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tillhand_rag.domain.measures import Measure, counted_unit, has_figure, measure_of, measured
from tillhand_rag.domain.subjects import subject
from tillhand_rag.domain.words import stems

Kind = Literal["number", "duration", "money", "percentage", "time", "person", "place", "reason", "manner"]

_NUMBER_WORD = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|trillions?"
    "|dozens?|half|third|quarter|once|twice|both|none|no|single|several|unlimited"
)
_MONTH = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_UNIT = r"seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centur(?:y|ies)"
_MEASURE = (
    _UNIT
    + r"|times?|mm|cm|k?m|km/h|mph|k?g|lbs?|oz|inch(?:es)?|f(?:oo|ee)t|yards?|miles?|kilo\w+|met(?:er|re)s?|acres?"
    r"|tons?|pounds?"
)
_DIGITS = r"\d+(?:[.,]\d+)*"
_FIGURE = re.compile(rf"{_DIGITS}|\b(?:{_NUMBER_WORD})\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[^.!?\s\"“(][ \-,])[\"“(]?[A-Z][\w'\u2019-]*")
"""A capitalised word that does not begin its sentence."""

# In this order: "what percentage", "how much" and "how long" are also numbers.
_ASKS: dict[Kind, str] = {
    "percentage": r"\bpercent(?:age)?\b|\bper cent\b",
    "duration": r"\bhow (?:long|old|far|tall|high|deep|fast|often|soon|early|large|heavy|wide|thick)\b",
    "money": r"\bhow much (?:is|are|does|do|will|would|money)\b"
    r"|\bwhat(?:'s| is| are| was| were)? (?:the )?(?:\w+ )?(?:price|cost|fee|charge)s?\b",
    "number": r"\bhow (?:many|much|few)\b|\b(?:what|which)(?: is| was| were| are)?(?: the)?"
    r"(?: (?:total|average|maximum|minimum|approximate))? (?:number|amount|quantity)\b",
    "time": r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|time|century|decade)\b",
    "person": r"\bwho(?:m|se)?\b",
    "place": r"\bwhere\b|\b(?:what|which) (?:city|country|state|region|town|river|continent)\b",
    "manner": r"\bhow (?:do|can|could|should|would|must) (?:i|we|you|one|customers?)\b|\bhow to\b",
    "reason": r"\bwhy\b|\b(?:what|which) (?:is the |was the )?(?:reason|cause)\b",
}
_ASKS_FOR = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _ASKS.items()}
_FULFILS: dict[Kind, re.Pattern[str]] = {
    "number": _FIGURE,
    "percentage": re.compile(rf"{_DIGITS}\s?%|{_DIGITS}|\b(?:half|third|quarter|per ?cent)\b", re.IGNORECASE),
    "duration": re.compile(
        rf"(?:{_DIGITS}|\b(?:{_NUMBER_WORD}|an?|every|each|per)\b)[ \u00a0-](?:[\w-]+ )?(?:{_MEASURE})\b"
        r"|\b(?:daily|weekly|monthly|yearly|annually|always|never|at once|immediately|same day)\b",
        re.IGNORECASE,
    ),
    "money": re.compile(rf"{_DIGITS}|\bfree\b|\bno (?:\w+ )?(?:charge|cost|fee)", re.IGNORECASE),
    "time": re.compile(
        rf"\b(?:1\d|20)\d\ds?\b|\b(?:{_MONTH}|{_UNIT})\b|\b\d{{1,2}}(?::\d\d| ?[ap]\.?m)\b", re.IGNORECASE
    ),
    "person": _NAME,
    "place": re.compile(
        _NAME.pattern + r"|\b(?:[Ii]n|[Aa]t|[Oo]n|[Uu]nder|[Nn]ear|[Ff]rom|[Tt]o) (?:the|your|our|its|a)\b"
    ),
    "manner": re.compile(
        r"\b(?:you (?:can|may|must|should)|we|by \w+ing|click|choose|select|open|go to|set|enter|press|push|pull|turn"
        r"|use|put|place|write|send|call|ask|show|add|print|take|remove|lift|hold|fill|ride|measure|loosen|tighten"
        r"|clean|wash|find|check|pay|sign|log|install|run|create|make)\b",
        re.IGNORECASE,
    ),
    "reason": re.compile(
        r"\b(?:because|due to|since|so that|in order|caus\w+|reason\w*|therefore|result\w*|thus|le(?:a)?d\w*|avoid\w*"
        r"|prevent\w*|as (?:it|they|this|the)|to \w+)\b",
        re.IGNORECASE,
    ),
}
_FOCUS = re.compile(
    r"\b(?:how many|how much|what|which)\s+(?:(?:is|are|was|were|the|an?|of|type|kind|sort|name|other|did|does|do"
    r"|percentage|number|amount|total)\s+)*([^\W_]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an answer should hold. `focus` is the stem of the first word asked about: "point" in "how many points".

    `noun` is the stem of the word that an answer repeats or says in other words, `counted` where it is how many of it.
    `measure` and `unit` are what it must be told in.
    """

    kind: Kind | None
    focus: str | None
    told: frozenset[str]
    """Figures and names that the question itself holds: they answer nothing."""
    noun: str | None = None
    counted: bool = False
    measure: Measure | None = None
    unit: re.Pattern[str] | None = None

    @property
    def measures(self) -> bool:
        """Whether a measure is asked for."""
        return self.measure is not None or self.unit is not None

    def lacking(self, sentence: str) -> bool:
        """Whether the sentence holds nothing of the kind asked for; False when no kind is known."""
        if self.kind is None:
            return False
        found = {match.group().lower() for match in _FULFILS[self.kind].finditer(sentence)}
        return not found - self.told

    def tells(self, sentence: str) -> bool:
        """Whether the sentence gives a measure that it cannot be mistaken for another: a pressure, but not a length."""
        return self.measure not in {None, "length", "mass", "age"} and not self.unmeasured(sentence)

    def unmeasured(self, sentence: str) -> bool:
        """Whether the sentence lacks the measure asked for; False when none is."""
        if self.unit is not None:
            return self.unit.search(sentence) is None or not has_figure(sentence)
        return self.measure is not None and not measured(sentence, self.measure)


@lru_cache(maxsize=1_024)
def expectation(question: str) -> Expectation:
    """What this question asks for, as far as its words tell."""
    kind = next((kind for kind, pattern in _ASKS_FOR.items() if pattern.search(question)), None)
    focus = _FOCUS.search(question)
    told = {match.group().lower() for pattern in _FULFILS.values() for match in pattern.finditer(question)}
    words = {word.lower() for word in question.split()}
    asked = subject(question)
    unit = next(filter(None, map(counted_unit, asked.words)), None) if asked.counted else None
    return Expectation(
        kind,
        stems(focus.group(1))[0] if focus else None,
        frozenset(told | words),
        noun=stems(asked.noun)[0] if asked.noun and asked.is_repeated and unit is None else None,
        counted=asked.counted and unit is None,
        measure=measure_of(question, asked.noun),
        unit=unit,
    )
