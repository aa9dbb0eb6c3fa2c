"""What speaks for and against a sentence's being a request to a language model, as named numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tillhand_rag.domain.injection import lexicon
from tillhand_rag.domain.injection.openings import TEXT, YOUR_CODE, YOUR_OUTPUT, Form, Opening, opening
from tillhand_rag.domain.layout import Kind
from tillhand_rag.domain.sentences import split_sentences
from tillhand_rag.domain.words import COMMON, stems

Evidence = Mapping[str, float]

_BARE: frozenset[Form | None] = frozenset({"question", "task"})
_TOLD: frozenset[Kind] = frozenset({"item", "row", "heading"})
_SIZES = {3: "3", 6: "6", 12: "12", 20: "20", 30: "30"}
_MANY_NEW = 4
_UNKNOWN = 0.5
"""How foreign a sentence is that stands alone."""
_YOUR_TEXT = re.compile(rf"\byour (?:[a-z]+ ){{0,2}}(?:{TEXT})\b")
_SYMBOLS = re.compile(r"[={}<>\[\];\\|#]|\w\(|[a-z]_[a-z]|::|->|\w\.\w+\.|\w:\w")
_OF = re.compile(r"\W{0,9}(?:[\w']+ ){1,4}?(?:the|an?) (?:[\w'-]+ ){1,4}(?:of|about|in|between|behind|on|for)\b")
_LINK = re.compile(r"\bhttps?://|\bwww\.|\b[a-z0-9-]{2,63}\.(?:com|net|org|xyz|io|info|biz|ru|cn|top)\b|\w@\w")
_QUOTE = re.compile(r"(?:^|\s)[\"'\u2018“«]\S")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LINE = re.compile(r"\n[ \t>]*(?=[\"'“\u2018(]?[^\W\d_a-z])")
_MARKS = {
    "link": _LINK,
    "quote": _QUOTE,
    "of": _OF,
    "your:output": YOUR_OUTPUT,
    "your:text": _YOUR_TEXT,
    "your:code": YOUR_CODE,
}
_CLASSES = {"machine": lexicon.MACHINES, "form": lexicon.FORMS, "work": lexicon.WORKS}
_VERBS = {"ask": lexicon.ASKING, "manual": lexicon.MANUAL, "deed": lexicon.DEEDS, "reshape": lexicon.RESHAPING}


@dataclass(frozen=True, slots=True)
class Request:
    """`text[start:end]`, a sentence in the form of a request, and the evidence on whether a language model is meant."""

    start: int
    end: int
    form: Form
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    kind: Kind
    text: str
    opening: Opening


def requests(text: str, context: str = "", *, lone: bool = False) -> list[Request]:
    """The sentences of a passage that have the form of a request, in order.

    `context` is more of the passage's own document (title, headings): words in it are not foreign. A question or a task
    that is all of the text, as in a title, is foreign to nothing; it counts only where `lone` says so.
    """
    sentences = list(_sentences(text))
    forms = {sentence.opening.form for sentence in sentences} - {None}
    if not forms or (len(sentences) == 1 and not lone and forms <= _BARE):
        return []
    passage = _Passage(sentences, context)
    return [
        Request(sentence.start, sentence.end, form, dict(passage.evidence(place)))
        for place, sentence in enumerate(sentences)
        if (form := sentence.opening.form)
    ]


def _sentences(text: str) -> Iterator[_Sentence]:
    """Sentences, cut once more where a line begins with a capital: what was inserted need not end with a stop."""
    for each in split_sentences(text):
        start = each.start
        for line in _LINE.finditer(text, each.start, each.end):
            if line.start() > start:
                yield _sentence(text, start, line.start(), each.kind)
                start = line.end()
        yield _sentence(text, start, each.end, each.kind)


def _sentence(text: str, start: int, end: int, kind: Kind) -> _Sentence:
    return _Sentence(start, end, kind, text[start:end], opening(text[start:end]))


class _Passage:
    """The sentences of a passage, each one seen against the others."""

    def __init__(self, sentences: Sequence[_Sentence], context: str) -> None:
        self._sentences = sentences
        self._contents = [frozenset(stems(each.text)) - COMMON for each in sentences]
        self._around = Counter(stem for content in self._contents for stem in content)
        self._around.update(frozenset(stems(context)) - COMMON)
        self._orders = sum(each.opening.orders for each in sentences)
        self._questions = sum(each.opening.question for each in sentences)

    def evidence(self, place: int) -> Iterator[tuple[str, float]]:
        """Named numbers from 0 to 1 about the sentence at this place."""
        sentence = self._sentences[place]
        yield "bias", 1.0
        yield from self._foreignness(place)
        yield from self._neighbours(place)
        yield from ((name, 1.0) for name in _flags(sentence))

    def _foreignness(self, place: int) -> Iterator[tuple[str, float]]:
        """How much of it the passage does not speak of otherwise."""
        content = self._contents[place] - set(stems(self._sentences[place].opening.verb))
        new = sum(self._around[stem] <= 1 for stem in content)
        alone = len(self._sentences) == 1 or not content
        fresh = _UNKNOWN if alone else new / len(content)
        yield "fresh", fresh
        yield f"new:{min(new, _MANY_NEW)}", 1.0
        if self._is_answered(place):
            yield "answered", 1.0
            yield "answered*fresh", fresh

    def _neighbours(self, place: int) -> Iterator[tuple[str, float]]:
        """Whether the sentences around it are orders or questions as well, as in a manual or an FAQ."""
        own = self._sentences[place].opening
        others = max(len(self._sentences) - 1, 1)
        beside = [self._sentences[at].opening for at in (place - 1, place + 1) if 0 <= at < len(self._sentences)]
        yield "plain", 1 - (self._orders - own.orders) / others
        yield "run", sum(each.orders for each in beside) / 2
        yield "faq", (self._questions - own.question) / others

    def _is_answered(self, place: int) -> bool:
        """Whether a statement follows the question."""
        if not self._sentences[place].opening.question or place + 1 == len(self._sentences):
            return False
        return not self._sentences[place + 1].opening.question


def _flags(sentence: _Sentence) -> Iterator[str]:
    read = sentence.opening
    words = _WORD.findall(read.lower)
    yield "size:" + next((name for most, name in _SIZES.items() if len(words) <= most), "more")
    if sentence.kind in _TOLD:
        yield f"kind:{sentence.kind}"
    yield from _opening_flags(read)
    yield from (name for name, pattern in _MARKS.items() if pattern.search(read.lower))
    if _SYMBOLS.search(sentence.text):
        yield "symbols"
    if read.lower.endswith((":", "!")):
        yield "end:" + read.lower[-1]
    yield from (name for name, some in _CLASSES.items() if not some.isdisjoint(words))
    yield from (f"says:{word}" for word in lexicon.PERSONS.intersection(words))


def _opening_flags(read: Opening) -> Iterator[str]:
    if read.orders:
        yield "verb:" + next(name for name, verbs in _VERBS.items() if read.verb in verbs)
    if read.verb in lexicon.INTERROGATIVES:
        yield "wh"
    if read.verb in lexicon.AUXILIARIES:
        yield "auxiliary"
    if read.address:
        yield f"address:{read.address}"
    if read.inside:
        yield "inside"
    if read.clause:
        yield "clause"
