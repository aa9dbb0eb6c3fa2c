"""What a question asks about: "spoke length" in "which spoke length do I need", "cheques" in "do you take cheques"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Final

from tillhand_rag.domain.words import stems

_WORD: Final = re.compile(r"[^\W_]+")
_PHRASE: Final = re.compile(
    r"\bhow (?P<count>many|much) (?!(?:is|are|was|were|do|does|did|will|would|can|could)\b)"
    r"(?:of the |different |more |other |total )*(?P<counted>[^?.,;:()]*)"
    r"|\b(?:what(?:'s|\u2019s)?|which)\b\s+(?:(?:is|are|was|were|the|an?|of|type|kind|sort|name|other)\s+)*"
    r"(?P<named>[^?.,;:()]*)",
    re.IGNORECASE,
)
_ENDS: Final = frozenset(
    "is are was were be been do does did can could will would shall should may might must has have had to of in "
    "on at for by with from about that who if when than as per into after before between during until without and "
    "or not i we you he she they it my our your their his her its this these those there a an the need needs go "
    "goes mean means weigh weighs stand stands work works fit fits suit suits cover covers take takes cost costs "
    "get gets come comes apply applies happen happens last lasts use uses charge charges say says tell tells out "
    "up off back any again online also where through".split()
)
"""Words that end what is asked about: the question goes on."""
_FOLLOWED: Final = re.compile(r"\w+s (?:an?|the|my|our|your|their|his|her|its|into|to)\b", re.IGNORECASE)
"""What tells that a word was a verb: its object begins."""
_NO_NOUN: Final = re.compile(
    r"\w{2,}(?<!e)ed|happening|being|wearing|given|took|went|made|some|one|now|wrong|else|useful|\w+ly"
    r"|\w*(?:low|high|long|short|larg|great|small|new|old|few)er"
)
_OFFERED: Final = re.compile(
    r"\W*(?:(?:do|does|did|can|could|may|will|would|should) (?:i|you|we|one|they|it|(?:the|an?) \w+) "
    r"(?:also |still |please |ever )?\w+|(?:is|are) there)\s+"
    r"(?:(?:an?|the|any|some|my|your|our|out|back|up|off|in|used|new|old|complete)\s+)*(?P<named>[^?.,;:()]*)",
    re.IGNORECASE,
)
"""A question for yes or no, and what it is about: "toilet" in "is there a toilet for customers"."""
_LONGEST: Final = 4
_HOW: Final = re.compile(r"\bhow (tall|wide|thick|deep|loud|bright|heavy|hot|cold|tight|expensive)\b", re.IGNORECASE)
_OPEN: Final = frozenset(
    stems(
        "time year date day month hour number amount percentage percent kind type sort name way thing things value "
        "price cost person people place reason cause part parts area term word event example purpose role position "
        "status title fact two three other one group member century decade work effect result level form size "
        "difference company organization entity body team party leader player language nation sport topic nickname "
        "period theory class section aspect goal duty origin location evidence"
    )
)
"""Nouns that an answer need not repeat: it gives the year, and does not call it one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """`words` are those asked about, lower-cased, the last of them the noun or the adjective; `counted`: how many."""

    words: tuple[str, ...] = ()
    counted: bool = False

    @property
    def noun(self) -> str | None:
        """The word that tells most: "length" in "which spoke length"."""
        return self.words[-1] if self.words else None

    @property
    def is_repeated(self) -> bool:
        """Whether an answer repeats the noun, or says it in other words."""
        return self.noun is not None and (self.counted or stems(self.noun)[0] not in _OPEN)


@lru_cache(maxsize=1_024)
def subject(question: str) -> Subject:
    """What the question asks about, as far as its words tell."""
    how = _HOW.search(question)
    asked = _PHRASE.search(question)
    if how and (asked is None or how.start() < asked.start()):
        return Subject((how.group(1).lower(),))
    if asked is None:
        offered = _OFFERED.match(question)
        return Subject(tuple(_words(offered["named"]))) if offered else Subject()
    counted = asked["count"] is not None
    return Subject(
        tuple(_words(asked["counted"] if counted else asked["named"])), counted and asked["count"].lower() == "many"
    )


def _words(phrase: str) -> list[str]:
    phrase = phrase.lower().replace("'s ", " ").replace("\u2019s ", " ")
    words = takewhile(lambda word: word not in _ENDS, _WORD.findall(phrase))
    return _without_verb(list(words)[:_LONGEST], phrase)


def _without_verb(words: list[str], phrase: str) -> list[str]:
    """The words up to the noun: "fluid" in "fluid goes into the brake", "artist" in "artist provided the woodcuts"."""
    kept = list(words)
    while kept and _NO_NOUN.fullmatch(kept[-1]):
        kept.pop()
    if len(kept) > 1 and kept[-1].endswith("s") and _FOLLOWED.match(phrase[phrase.find(kept[-1]) :]):
        kept.pop()
    return kept
