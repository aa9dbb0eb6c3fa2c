"""The form of a sentence: a definition of what is asked for, a step of a procedure, or a remark about the document.

Read from how the sentence begins, for there documentation says what it is about to do. The words are those that manuals
and help pages of shops begin their sentences with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from tillhand_rag.domain.words import stems

_ARTICLE = r"(?:(?:an?|the|each|every|your|our)\s+)?"
_ASKS_MEANING = re.compile(
    rf"\W*(?:what(?:'s|\u2019s| is| are)(?: meant by)? {_ARTICLE}(?P<is>[^?]+?)"
    rf"|what (?:does|do) {_ARTICLE}(?P<does>[^?]+?) (?:mean|do|stand for|refer to|represent)"
    rf"|(?:define|explain) {_ARTICLE}(?P<define>[^?]+?))"
    r"(?:,? (?:in|on|at|for|with|within) [^?]*)?\W*",
    re.IGNORECASE,
)
"""A question for the meaning of a term. Where the term stands ("in this shop") is no part of it."""
_PLAINLY = re.compile(
    r"\W*(?:what(?:'s|\u2019s| is| are) (?:meant by )?(?!(?:the|your|our|my|one|some|other)\b)(?:an? )?"
    r"(?:[\w-]+\s?){1,3}"
    r"|what (?:does|do) (?:an? |the )?(?:[\w-]+\s?){1,3} (?:mean|stand for))\W*",
    re.IGNORECASE,
)
_BY_USE = re.compile(r"\b(?:called|used|known|made|(?<!stand )for|\w+ing)\W*$", re.IGNORECASE)
"""How questions end that ask for more than what something is: "what is balm used for"."""
_LONGEST_TERM = 4
"""Words of a term: longer ones are descriptions, and ask for a fact."""
_OPENING = re.compile(rf"[\W_]*{_ARTICLE}", re.IGNORECASE)
_FIELD_NAME = re.compile(r"[^:;.!?]{1,40}:\s+(?=\S)")
_DONE_TO = r"(?!us|call|nam|bas|defin|design|intend)\w+ed|written|made|found"
_NO_PARTICIPLE = rf"(?!(?:\w+ly\s+)?(?:{_DONE_TO}|not|now|only|also|available)\b)"
_DEFINING = re.compile(
    r"[\"'\u2019”*_]*\s*(?:\([^)]*\)\s*)?(?:in [^\W_]+ )?"
    r"(?:[:;—\u2013]\s*\S|-\s+\S"
    r"|is(?:\s+\w+ly)?\s+(?:an?|the|any|one|used|where|when|what|how|your|similar|known|called|defined|like)\b"
    rf"|are\s+{_NO_PARTICIPLE}"
    r"|(?:means?|refers? to|stands? for|represents?|describes?|denotes?|defines?|determines?|identif(?:y|ies)"
    r"|(?:can |also |automatically )?"
    r"(?:allows?|lets?|enables?|helps?|gives?|provides?|presents?|makes?|contains?|appl(?:y|ies)))\b)",
    re.IGNORECASE,
)
"""What follows the term where it is defined. "Is made" and the like say what is done with the thing, not what it is."""
_BRACKETED = re.compile(r"\(([^\W_]+)\)")
_WORD = re.compile(r"[^\W_]+")

_READING_MATTER = "article|guide|page|tutorial|topic|chapter|video"
_REMARK = re.compile(
    r"\W*(?:(?:to )?(?:learn|read|find out) (?:how|more|about)\b|(?:you can )?watch (?:this|the|a|our)\b|see also\b"
    r"|(?:also )?(?:see|refer to) [^.]*$"
    r"|for (?:(?:more|further|additional|complete|detailed|other) |(?:a (?:list|description)|an example)\b)"
    r"|for [^.,]*, (?:please )?(?:see|refer to|read)\b"
    rf"|(?:in|on) this (?:section|document|{_READING_MATTER})\b"
    rf"|(?:this|the following) (?:sections?|steps|examples?|instructions|{_READING_MATTER})\b"
    r"|these (?:steps|instructions) (?:show|describe|explain)\b|follow (?:the|these) (?:steps|instructions)\b"
    r"|(?:figure|table|video|screenshot|image)(?: \d+)?:)",
    re.IGNORECASE,
)

_IMPERATIVE = re.compile(
    r"[\"'*_\s]*(?:(?:on|in|from|at|under|to|for|if|when|once|after|before|next|then|first|finally|optionally|now)\b"
    r"[^.!?:;]{0,120}?,\s+)?(?:then |please |simply |optionally,? )?"
    r"(?:access|add|allow|apply|ask|assign|attach|bring|call|change|check|choose|clean|clear|click|complete|confirm"
    r"|configure|copy|create|define|deselect|disable|download|drag|edit|enable|enter|expand|export|fill|find|generate"
    r"|give|go|head|hold|import|insert|install|lift|locate|log|loosen|make|mark|measure|navigate|open|pack|paste|pay"
    r"|place|press|print|pull|push|put|release|remove|repeat|replace|return|run|save|scroll|select|send|set|sign|specify"
    r"|squeeze|start|submit|switch|take|tap|tighten|turn|type|unpack|upload|use|verify|visit|wash|write) "
    r"(?!(?:is|are|was|can|will|may)\b)",
    re.IGNORECASE,
)


@lru_cache(maxsize=1_024)
def defined_term(question: str) -> tuple[str, ...]:
    """The stems of the term whose meaning is asked for; none where the question asks for something else."""
    asked = _ASKS_MEANING.fullmatch(question)
    term = stems(next(filter(None, asked.groups()), "")) if asked else []
    return tuple(term) if len(term) <= _LONGEST_TERM else ()


@lru_cache(maxsize=1_024)
def asks_definition(question: str) -> bool:
    """Whether the question plainly asks what something is, or what its name means: nothing else answers it."""
    return _PLAINLY.fullmatch(question) is not None and _BY_USE.search(question) is None


def defines(sentence: str, term: Sequence[str]) -> bool:
    """Whether the sentence begins by saying what the term is or does, or is the term's entry in a table or glossary.

    An abbreviation is also defined where it stands in brackets behind what it abbreviates.
    """
    if not term:
        return False
    field = _FIELD_NAME.match(sentence)
    starts = [0, field.end()] if field else [0]
    return any(_defines(sentence, start, term) for start in starts) or any(
        stems(bracketed) == list(term) for bracketed in _BRACKETED.findall(sentence)
    )


def _defines(sentence: str, start: int, term: Sequence[str]) -> bool:
    opening = _OPENING.match(sentence, start)
    words = list(_WORD.finditer(sentence, opening.end() if opening else start))[: len(term)]
    named = stems(" ".join(word.group() for word in words)) == list(term)
    return named and _DEFINING.match(sentence, words[-1].end()) is not None


@lru_cache(maxsize=4_096)
def is_remark(sentence: str) -> bool:
    """Whether the sentence speaks of the document, and where to read on, instead of its matter."""
    return _REMARK.match(sentence) is not None


@lru_cache(maxsize=4_096)
def is_step(sentence: str) -> bool:
    """Whether the sentence tells the reader to do something. A value behind its name ("Print mode: HTML") does not."""
    field = _FIELD_NAME.match(sentence)
    return _IMPERATIVE.match(sentence) is not None and not is_remark(sentence) and field is None
