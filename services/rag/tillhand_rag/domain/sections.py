"""Sections of a document: what stands under each heading, and which small ones belong together."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from tillhand_rag.domain.documents import ParsedDocument

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`text[start:end]`: a heading and what stands under it before the next heading, trimmed.

    `path` names the heading and those above it. `body` is where the text below the heading starts; it equals `end` when
    there is none. The text before the first heading is a section with an empty path.
    """

    path: Path
    start: int
    body: int
    end: int


def sections(parsed: ParsedDocument) -> list[Section]:
    """The sections of a document in order; together they hold every character that is not white space."""
    text = parsed.text
    headings = sorted(parsed.headings, key=lambda heading: heading.start)
    found: list[Section] = []
    starts = [heading.start for heading in headings] + [len(text)]
    _append(found, text, (), 0, 0, starts[0])
    open_headings: list[tuple[int, str]] = []
    for heading, (start, end) in zip(headings, pairwise(starts), strict=True):
        while open_headings and open_headings[-1][0] >= heading.level:
            open_headings.pop()
        open_headings.append((heading.level, heading.title))
        path = tuple(title for _, title in open_headings)
        line_end = text.find("\n", start, end)
        _append(found, text, path, start, end if line_end < 0 else line_end, end)
    return found


def _append(found: list[Section], text: str, path: Path, start: int, body: int, end: int) -> None:
    start, end = trimmed(text, start, end)
    if start < end:
        found.append(Section(path, start, trimmed(text, min(max(body, start), end), end)[0], end))


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends; empty at `end` when there is nothing else."""
    piece = text[start:end]
    stripped = piece.strip()
    if not stripped:
        return end, end
    start += len(piece) - len(piece.lstrip())
    return start, start + len(stripped)


def grouped(found: Sequence[Section], is_small: Callable[[int, int], bool]) -> list[list[Section]]:
    """Sections that share their passages.

    A heading without text goes with the section below it. Neighbours that `is_small(start, end)` calls small go
    together in groups of two to five. Where such a group begins is read from the headings around it alone, so that
    an edit in one section never moves the groups of the others.
    """
    units = _with_bare_headings(found)
    small = [is_small(unit[0].start, unit[-1].end) for unit in units]
    marks = [zlib.crc32("\x1f".join(unit[0].path).encode()) for unit in units]
    groups: list[list[Section]] = []
    first: Section | None = None
    for index, unit in enumerate(units):
        joins = first is not None and small[index] and small[index - 1] and _belongs(unit[0], first)
        if joins and not _is_valley(marks, small, index):
            groups[-1].extend(unit)
        else:
            groups.append(list(unit))
            first = unit[0]
    return groups


def common_path(found: Sequence[Section], start: int, end: int) -> Path:
    """The deepest heading path that holds for all of the text in the span, bare headings left out."""
    inside = [section for section in found if section.start < end and start < section.end]
    with_body = [section for section in inside if section.body < section.end and section.body < end] or inside[-1:]
    path = with_body[0].path if with_body else ()
    for section in with_body[1:]:
        path = _shared(path, section.path)
    return path


def _with_bare_headings(found: Sequence[Section]) -> list[list[Section]]:
    units: list[list[Section]] = []
    waiting: list[Section] = []
    for section, following in zip_longest(found, found[1:]):
        waiting.append(section)
        bare = section.body == section.end
        if bare and following is not None and _shared(section.path, following.path) == section.path:
            continue
        units.append(waiting)
        waiting = []
    return units


def _belongs(section: Section, first: Section) -> bool:
    """Whether a section stands beside or below the first one of a group, not above it."""
    above = first.path[:-1]
    return section.path[: len(above)] == above


def _is_valley(marks: Sequence[int], small: Sequence[bool], index: int) -> bool:
    """Whether the mark is lower than both neighbours': true for about every third, and known from three marks alone."""
    after = marks[index + 1] if index + 1 < len(marks) and small[index + 1] else None
    return after is not None and marks[index] < marks[index - 1] and marks[index] < after


def _shared(one: Path, other: Path) -> Path:
    length = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]
