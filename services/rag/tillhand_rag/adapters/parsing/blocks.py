"""Blocks of a marked-up document, written into the canonical text: the one place that decides how they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillhand_rag.adapters.parsing.canonical import CanonicalText, Join, lines
from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.adapters.parsing.tables import table_lines

_INDENT = "  "
BULLET = "-"


@dataclass(slots=True)
class _List:
    """An open list: the number of its next item, or None for bullets."""

    next_number: int | None


@dataclass(slots=True)
class _Item:
    """An open list item: what stands before its first line, until that line is written."""

    marker: str


class BlockWriter:
    """Writes headings, paragraphs, lists, tables and code as readable plain text.

    Headings are their words, list items begin with `- ` or `1. ` and stay together, code is verbatim.
    """

    def __init__(self, limits: ParserLimits) -> None:
        self.out = CanonicalText(limits)
        self._lists: list[_List] = []
        self._items: list[_Item] = []
        self._in_block = False

    def heading(self, level: int, words: str) -> None:
        """A heading; inside a list item it is a line like any other."""
        if self._items:
            self.paragraph(words)
        else:
            self.out.heading(level, words)

    def paragraph(self, text: str) -> None:
        """A paragraph. Line feeds in `text` are line breaks; runs of other white space are one space."""
        kept = [" ".join(line.split()) for line in lines(text).split("\n")]
        self._write([line for line in kept if line])

    def code(self, text: str) -> None:
        """Code, verbatim but for its common indentation."""
        self._write(_dedented(lines(text)))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table, one line per row."""
        self._write(table_lines(header, rows))

    def open_list(self, start: int | None = None) -> None:
        """A list begins: numbered from `start`, or with bullets."""
        if not self._lists:
            self._in_block = False
        self._lists.append(_List(start))

    def close_list(self) -> None:
        """The innermost list ends."""
        if self._lists:
            self._lists.pop()
        if not self._lists:
            self._in_block = False

    def open_item(self) -> None:
        """An item begins."""
        marker = f"{BULLET} "
        if self._lists and self._lists[-1].next_number is not None:
            marker = f"{self._lists[-1].next_number}. "
            self._lists[-1].next_number += 1
        self._items.append(_Item(marker))

    def close_item(self) -> None:
        """The innermost item ends."""
        if self._items:
            self._items.pop()

    def _write(self, block: Sequence[str]) -> None:
        if not block:
            return
        prefix, hanging = self._indentation()
        text = "\n".join(f"{hanging if number else prefix}{line}" if line else "" for number, line in enumerate(block))
        join: Join = "\n" if self._items and self._in_block else "\n\n"
        self.out.add(text, join)
        self._in_block = bool(self._items)

    def _indentation(self) -> tuple[str, str]:
        """What stands before the first and before each further line of a block at this depth."""
        if not self._items:
            return "", ""
        hanging = _INDENT * len(self._items)
        item = self._items[-1]
        prefix = _INDENT * (len(self._items) - 1) + item.marker if item.marker else hanging
        item.marker = ""
        return prefix, hanging


def _dedented(text: str) -> list[str]:
    split = text.split("\n")
    common = min((len(line) - len(line.lstrip(" ")) for line in split if line), default=0)
    return [line[common:] for line in split]
