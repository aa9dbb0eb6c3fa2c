"""How a sentence opens: what it asks for, of whom, and which form of request that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tillhand_rag.domain.injection import lexicon

Form = Literal["reply", "code", "question", "task"]
"""`reply` names the reply, `code` code that follows; `question` asks, `task` orders. Statements have no form."""

LONGEST = 600
"""Characters of a sentence that are read."""


def _any(words: frozenset[str]) -> str:
    return "|".join(sorted(words))


OUTPUT = _any(lexicon.OUTPUTS)
TEXT = _any(lexicon.TEXTS)
_ADDRESSES = {
    "polite": r"(?:can|could|would|will|might) you\b(?: please| kindly| also)*",
    "want": r"i (?:want|need|would like|expect|order|command|ask) you to\b",
    "must": r"you (?:must|should|need to|have to|are to|are required to|will|shall)\b(?: now| also)?",
    "urge": r"(?:make|be) sure (?:to|you|that you)\b|(?:do not|don't|never) (?:forget|hesitate|fail|neglect) to\b"
    r"|remember to\b|feel free to\b|try to\b|consider\b|keep in mind to\b",
    "never": r"do not\b|don't\b|never\b",
    "always": r"always\b",
    "together": r"let's\b|let us\b",
}
_PREFACE = re.compile(
    rf"[\W_]*(?:(?:{_any(lexicon.FRAMING)})\b[\W_]*){{0,4}}"
    r"(?P<inside>(?:in|within|for|at the end of) (?:your|the|this|each|every|all) "
    rf"(?:\w+ )?(?:{OUTPUT}|{TEXT})\b[\W_]*)?"
    rf"(?:{'|'.join(f'(?P<{name}>{pattern})' for name, pattern in _ADDRESSES.items())})?"
    r"\W*(?:(?!(?:app|comp|imp|multip|rep|re|supp)ly\b)[a-z]+ly\b\W*)?"
)
_CLAUSE = re.compile(r"[\W_]*(?:after|as|at|before|by|for|from|if|in|on|once|to|when|while|with)\b[^,.!?:;]{2,80},\s+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_NEXT = re.compile(r" +[\"'\u2018“(]?([\w']+)")
YOUR_OUTPUT = re.compile(rf"\b(?P<handled>(?:{_any(lexicon.HANDLING)}) )?your (?:[a-z]+ ){{0,2}}(?:{OUTPUT})\b")
_THE_OUTPUT = re.compile(rf"\b(?:the|this|each|every|any|all|its) (?:[a-z]+ ){{0,2}}(?:{OUTPUT})\b")
YOUR_CODE = re.compile(rf"\byour (?:[a-z]+ ){{0,2}}(?:{_any(lexicon.CODES)})\b|\bthe code you\b")
_SNIPPET = re.compile(
    r"\b(?:following|subsequent|below|next|above|this) (?:[a-z]+ ){0,2}(?:code|snippet|script|excerpt|block|section)\b"
)
_CLOSING = "\"'”\u2019)*_» "


@dataclass(frozen=True, slots=True)
class Opening:
    """A sentence in lower case with its opening taken apart.

    `verb` is the first word behind what leads in to it: words like "please", a `clause` like "to go on,", a mention of
    the reply (`inside`), an `address` like "can you". `orders` says whether it is the verb of an order.
    """

    lower: str
    verb: str
    address: str
    inside: bool
    clause: bool
    orders: bool
    question: bool
    form: Form | None


def opening(sentence: str) -> Opening:
    """The opening of a sentence."""
    lower = sentence[:LONGEST].lower().replace("\u2019", "'")
    preface = _preface(lower, 0)
    address, inside = _address(preface), bool(preface["inside"])
    clause = None if address or inside else _CLAUSE.match(lower)
    if clause:
        preface = _preface(lower, clause.end())
        address = _address(preface)
    first = _WORD.search(lower, preface.end())
    verb = first.group() if first else ""
    object_ = _NEXT.match(lower, first.end()) if first else None
    following = object_[1] if object_ else ""
    orders = verb in lexicon.VERBS and (following not in lexicon.NO_OBJECT if following else _stops(lower, first))
    question = lower.rstrip(_CLOSING).endswith("?")
    said = lower[clause.end() :] if clause else lower
    form = _form(said, asked=bool(orders or address), shaped=_is_shaped(verb, following))
    if form is None:
        form = _plain_form(verb, address, orders=orders, question=question)
    return Opening(lower, verb, address, inside, clause is not None, orders and not question, question, form)


def _preface(lower: str, start: int) -> re.Match[str]:
    found = _PREFACE.match(lower, start)
    assert found is not None  # noqa: S101  # every part of the pattern is optional
    return found


def _address(preface: re.Match[str]) -> str:
    return preface.lastgroup if preface.lastgroup in _ADDRESSES else ""


def _stops(lower: str, verb: re.Match[str] | None) -> bool:
    return verb is not None and not lower[verb.end() :].strip(".!\"' ")


def _is_shaped(verb: str, following: str) -> bool:
    """Whether this looks like an order, whatever the verb."""
    return following in lexicon.OBJECTS and verb not in lexicon.NO_VERB and not verb.endswith(("s", "ed", "ing"))


def _form(said: str, *, asked: bool, shaped: bool) -> Form | None:
    """The form of a sentence that speaks of the reply or of code."""
    yours = "your " in said and any(not found["handled"] for found in YOUR_OUTPUT.finditer(said))
    if _SNIPPET.search(said) and (asked or yours or YOUR_CODE.search(said)):
        return "code"
    if yours and (asked or shaped):
        return "reply"
    return "reply" if asked and _THE_OUTPUT.search(said) else None


def _plain_form(verb: str, address: str, *, orders: bool, question: bool) -> Form | None:
    if question:
        return "question" if address or verb in lexicon.INTERROGATIVES or verb in lexicon.AUXILIARIES else None
    if address in {"want", "polite"} or (orders and address != "together"):
        return "task"
    return None
