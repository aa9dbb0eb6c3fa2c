"""The text of a language model as it comes, cut into sentences with the sources that each one names.

A sentence is given out as soon as nothing that may still follow can change it. What stands between sentences never
leaves as it came: of the layout, line breaks and list marks are kept, and nothing else.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tillhand_rag.domain.layout import Kind
from tillhand_rag.domain.literals import literals_of
from tillhand_rag.domain.sentences import split_sentences
from tillhand_rag.domain.words import COMMON, stem_set

LONGEST_SENTENCE: Final = 2_000
"""Characters after which text without an end is taken for a sentence."""
DECLINED: Final = "NOT IN THE SOURCES"
"""What the prompt asks the model to write where the sources hold no answer."""

_NUMBERS = r"\d{1,4}(?:\s*(?:[,;]|[-\u2013]|and|&)\s*\^?\d{1,4})*"
_MARKER = re.compile(rf"[ \t]*[\[【]\s*(?:sources?|no\.?|#)?\s*\^?({_NUMBERS})\s*(?:†[^\]】]*)?[\]】]", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,4})\s*[-\u2013]\s*(\d{1,4})")
_UNFINISHED = re.compile(r"[ \t]*[\[【][^\]】\n]{0,40}\Z|(?:(?<=\n)|\A)[ \t]*(?:`{1,2}|~{1,2}|(?:```|~~~)[^\n]*)\Z")
"""A marker or a code fence that may still be coming."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*(?:\n|\Z)", re.MULTILINE)
_WHOLE_WORD = re.compile(r"\s*\S+\s")
_LIST_MARK = re.compile(r"(?:^|\n)[ \t>]*([-*+•]|\d{1,3}[.)])[ \t]+\Z")
_WIDEST_RANGE = 20

_FENCES = ("<<<", ">>>")
"""What a line of the prompt begins with that the model has copied instead of reading it."""
_CONNECTIVE = re.compile(
    r"\W*(?:here (?:is|are|'s)|according to|based on|as (?:stated|described|mentioned|noted)"
    r"|in (?:summary|short|conclusion)|to (?:summari[sz]e|sum up|answer)|sure|certainly|of course|hello|hi|dear|thank"
    r"|thanks|i hope|i'm (?:sorry|happy)|let me|please (?:note|let|feel)|note that|feel free|the (?:following|above)"
    r"|if you (?:have|need) (?:any|more|further)|(?:sources?|references?|citations?)(?:\W*$|\s*:)|(?:the )?answer\s*:"
    r"|(?:yes|no|ok(?:ay)?)\W*$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A sentence as the model wrote it, without its markers: `cites` are the numbers in them, each once, in order.

    `gap` is what parts it from what was written before: line breaks, a list mark, or a space.
    """

    text: str
    gap: str
    cites: tuple[int, ...]
    kind: Kind = "prose"

    @property
    def connective(self) -> bool:
        """Whether it only leads from one thing to the next and claims nothing that could be checked."""
        if self.text.startswith(_FENCES):
            return True
        if self.cites or self.declines:
            return False
        words = self.text.strip("*_ ")
        return (
            self.kind == "heading"
            or words.endswith(":")
            or _CONNECTIVE.match(words) is not None
            or not (stem_set(words) - COMMON or literals_of(words))
        )

    @property
    def declines(self) -> bool:
        """Whether the model says that the sources hold no answer."""
        return self.text.strip("*_.! ").upper() == DECLINED


class Splitter:
    """Takes pieces of text and gives out the sentences that have ended."""

    def __init__(self) -> None:
        self._pending = ""

    def feed(self, piece: str) -> list[Drafted]:
        """The sentences that have ended with this piece."""
        self._pending += piece
        if len(self._pending) > LONGEST_SENTENCE:
            return self.finish()
        marker = _UNFINISHED.search(self._pending)
        settled = self._pending[: marker.start()] if marker else self._pending
        if _FENCE.search(settled):
            self._pending = _FENCE.sub("\n", settled) + self._pending[len(settled) :]
            return self.feed("")
        sentences = list(_sentences(settled))
        ended = [one for one, following in pairwise(sentences) if following.begun]
        if ended:
            self._pending = self._pending[ended[-1].stop :]
        return [one.drafted for one in ended]

    def finish(self, *, whole: bool = True) -> list[Drafted]:
        """The sentences that are left; the last one is dropped where the text breaks off and is not `whole`."""
        left, self._pending = _FENCE.sub("\n", self._pending), ""
        sentences = [one.drafted for one in _sentences(left)]
        return sentences if whole else sentences[:-1]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A sentence, the place in the text behind it and its markers, and whether its first word is complete."""

    drafted: Drafted
    stop: int
    begun: bool


def _sentences(text: str) -> Iterator[_Cut]:
    plain = _Unmarked(text)
    found = split_sentences(plain.text)
    cites: list[list[int]] = [[] for _ in found]
    stops = [plain.origin(sentence.end) for sentence in found]
    starts = [sentence.start for sentence in found]
    for marker in plain.markers if found else ():
        owner = _owner(plain.text, starts, [sentence.end for sentence in found], marker.place)
        cites[owner] += marker.numbers
        stops[owner] = max(stops[owner], marker.stop)
    before = 0
    for sentence, numbers, stop in zip(found, cites, stops, strict=True):
        yield _Cut(
            Drafted(
                plain.text[sentence.start : sentence.end],
                _gap(plain.text[before : sentence.start]),
                tuple(dict.fromkeys(numbers)),
                sentence.kind,
            ),
            stop,
            _WHOLE_WORD.match(plain.text, sentence.start) is not None,
        )
        before = sentence.end


def _owner(text: str, starts: Sequence[int], ends: Sequence[int], place: int) -> int:
    """Which sentence a marker belongs to: the one that it stands in or behind, or before at the beginning of a line."""
    owner = max(0, bisect_right(starts, place - 1) - 1)
    opens_a_line = "\n" in text[ends[owner] : place] and text[place:].split("\n", 1)[0].strip()
    return owner + 1 if opens_a_line and owner + 1 < len(starts) else owner


def _gap(layout: str) -> str:
    """What of the layout between two sentences is kept."""
    breaks = min(layout.count("\n"), 2)
    mark = _LIST_MARK.search(layout)
    if mark:
        return "\n" * max(breaks, 1) + mark.group(1) + " "
    return "\n" * breaks or " "


@dataclass(frozen=True, slots=True)
class _Marker:
    """The numbers of a marker, its place in the text without markers, and where it ends in the text with them."""

    numbers: Sequence[int]
    place: int
    stop: int


class _Unmarked:
    """A text without its markers, which remembers where they stood."""

    def __init__(self, marked: str) -> None:
        parts: list[str] = []
        self.markers: list[_Marker] = []
        self._cuts: list[tuple[int, int]] = []
        read, length = 0, 0
        for match in _MARKER.finditer(marked):
            parts.append(marked[read : match.start()])
            length += match.start() - read
            read = match.end()
            self.markers.append(_Marker(_numbers(match.group(1)), length, match.end()))
            self._cuts.append((length, match.end() - length))
        self.text = "".join([*parts, marked[read:]])

    def origin(self, end: int) -> int:
        """Where a span of the text without markers ends in the text with them: before what is cut out there."""
        cut = bisect_right(self._cuts, (end - 1, len(self.text) * 10**6)) - 1
        return end + (self._cuts[cut][1] if cut >= 0 else 0)


def _numbers(written: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"[,;&]|and", written):
        ends = _RANGE.search(part)
        if ends and 0 <= int(ends[2]) - int(ends[1]) <= _WIDEST_RANGE:
            numbers += range(int(ends[1]), int(ends[2]) + 1)
        else:
            numbers += [int(digits) for digits in re.findall(r"\d+", part)]
    return numbers
