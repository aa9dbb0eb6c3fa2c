"""Text that agents or customers wrote, as pieces that are safe and honest to show; a template writes each one escaped.

What cannot be seen, or be told from something else, becomes a mark with its name; long runs without a space may break;
addresses become links with their host beside them. Nothing here is HTML, and nothing is dropped in silence. The work
grows with what is shown, not with what came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tillhand_dashboard.domain.characters import VISIBLE, boundary, hidden, is_accent, name
from tillhand_dashboard.domain.links import Caution, links_in

LIMIT: Final = 20_000
"""Characters that are shown where nothing else is said."""
UNBROKEN: Final = 40
"""Characters after which a run without a space may break."""
MOST_ACCENTS: Final = 8
"""Accents on one character; the others would be drawn over the lines around it."""
_RUN: Final = re.compile(rf"\S{{{UNBROKEN + 1},}}")
_LINES: Final = str.maketrans("\n\t", "  ")


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that are what they look like, with line feeds and tabs."""

    text: str
    kind: ClassVar[str] = "text"


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters that cannot be seen, `count` of one kind in a row: `label` their name, `code` as in U+202E."""

    label: str
    code: str
    count: int = 1
    kind: ClassVar[str] = "mark"


@dataclass(frozen=True, slots=True)
class Link:
    """An address to follow; `parts` are its text, which may break between them."""

    href: str
    host: str
    parts: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()
    kind: ClassVar[str] = "link"


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a line may break."""

    kind: ClassVar[str] = "break"


Segment = Text | Mark | Link | Break


@dataclass(frozen=True, slots=True)
class PlainText:
    """The pieces of a text, and how many of its characters are not among them."""

    segments: tuple[Segment, ...]
    left_out: int = 0

    @property
    def hidden(self) -> int:
        """How many characters were there that nobody could have seen."""
        return sum(each.count for each in self.segments if isinstance(each, Mark))

    @property
    def spelled(self) -> str:
        """All of it as one plain text, for attributes: marks as [U+202E], an ellipsis where something is left out."""
        return "".join(map(_spelled, self.segments)) + ("\u2026" if self.left_out else "")


def plain_text(text: str, *, limit: int = LIMIT, lines: bool = True, links: bool = True) -> PlainText:
    """The pieces of at most `limit` characters of a text; without `lines`, line feeds and tabs become spaces."""
    end = len(text) if len(text) <= limit else boundary(text, limit)
    found: list[Segment] = []
    for piece in _told_apart(text[:end].replace("\r\n", "\n")):
        if isinstance(piece, Mark):
            found.append(piece)
        else:
            found += _pieces(piece if lines else piece.translate(_LINES), links=links)
    return PlainText(tuple(found), len(text) - end)


def _told_apart(text: str) -> Iterator[str | Mark]:
    """Runs of visible characters, and marks between them."""
    visible: list[str] = []
    mark: Mark | None = None
    for character, label in _characters(text):
        if mark is not None and (label is None or mark.code != _code(character)):
            yield mark
            mark = None
        if label is None:
            visible.append(character)
            continue
        if visible:
            yield "".join(visible)
            visible.clear()
        mark = Mark(label, _code(character), mark.count + 1 if mark else 1)
    if visible:
        yield "".join(visible)
    if mark is not None:
        yield mark


def _characters(text: str) -> Iterator[tuple[str, str | None]]:
    """Each character, or a run of plain ones, with what it is called if it cannot be seen."""
    at = accents = 0
    while at < len(text):
        plain = VISIBLE.match(text, at)
        if plain is not None:
            yield plain.group(), None
            at, accents = plain.end(), 0
            continue
        accents = accents + 1 if is_accent(text[at]) else 0
        label = hidden(text, at)
        yield text[at], name(text[at]) if label is None and accents > MOST_ACCENTS else label
        at += 1


def _pieces(text: str, *, links: bool) -> Iterator[Segment]:
    start = 0
    for link in links_in(text) if links else ():
        yield from _broken(text[start : link.start])
        yield Link(link.href, link.host, tuple(_parts(link.href)), link.cautions)
        start = link.end
    yield from _broken(text[start:])


def _broken(text: str) -> Iterator[Segment]:
    """Text, with breaks in what is long and has no space."""
    start = 0
    for run in _RUN.finditer(text):
        for part in _parts(run.group())[:-1]:
            end = max(start, run.start()) + len(part)
            yield Text(text[start:end])
            yield Break()
            start = end
    if start < len(text):
        yield Text(text[start:])


def _parts(run: str) -> list[str]:
    """A run in parts that are about as long as lines may be, none of which ends within a character."""
    parts, start = [], 0
    while len(run) - start > UNBROKEN:
        end = boundary(run, start + UNBROKEN)
        parts.append(run[start:end])
        start = end
    return [*parts, run[start:]]


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _spelled(segment: Segment) -> str:
    if isinstance(segment, Text):
        return segment.text
    if isinstance(segment, Mark):
        return f"[{segment.code}]" if segment.count == 1 else f"[{segment.code} \u00d7{segment.count}]"
    return "".join(segment.parts) if isinstance(segment, Link) else ""
