"""Tables as lines that can be quoted one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tillhand_rag.adapters.parsing.canonical import one_line

_PAIR = 2
_FIGURE = re.compile(r"\d")
_HEADER_CHARACTERS = 60
_PUNCTUATION = ".,:;!?"


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """One line per row, each readable without the rows above it.

    Two columns read as `cell: cell` under their header; more read as `Header: cell; Header: cell`. Without a header the
    cells are joined by ` | `. Empty cells and empty rows leave no trace.
    """
    header = [cell_text(cell) for cell in header]
    body = [[cell_text(cell) for cell in row] for row in rows]
    width = max((len(row) for row in [header, *body]), default=0)
    if width <= _PAIR:
        return _kept([_pair(header), *(_pair(row) for row in body)])
    if not any(header):
        return _kept([" | ".join(cell for cell in row if cell) for row in body])
    return _kept([labelled_line(header, row) for row in body]) or _kept([" | ".join(filter(None, header))])


def labelled_line(header: Sequence[str], row: Sequence[str]) -> str:
    """`Column: value; Column: value` for the cells that hold something; cells beyond the header stand alone."""
    labels = [*header, *[""] * (len(row) - len(header))]
    return "; ".join(_labelled(label, cell) for label, cell in zip(labels, row, strict=False) if cell)


def looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: every cell is filled, short, distinct and without a figure."""
    first, *body = rows or [[]]
    names = [cell_text(cell).casefold() for cell in first]
    if not body or not all(names) or len(set(names)) < len(names) or any(_FIGURE.search(name) for name in names):
        return False
    return all(len(name) <= _HEADER_CHARACTERS for name in names)


def cell_text(text: str) -> str:
    """A cell's words on one line; lines that end without punctuation are set apart by semicolons."""
    joined = ""
    for line in filter(None, map(one_line, text.split("\n"))):
        joined += line if not joined else (" " if joined[-1] in _PUNCTUATION else "; ") + line
    return joined


def _pair(row: Sequence[str]) -> str:
    first, *rest = [cell for cell in row if cell] or [""]
    if not rest:
        return first
    return f"{first} {rest[0]}" if first.endswith(":") else f"{first}: {rest[0]}"


def _labelled(label: str, cell: str) -> str:
    return f"{label.rstrip(':')}: {cell}" if label else cell


def _kept(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line]
