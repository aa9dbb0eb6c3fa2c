"""HTML tables: data as a grid, layout as what it lays out."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from tillhand_rag.adapters.parsing.tables import cell_text, looks_like_header

Table = tuple[list[str], list[list[str]]]

_LAYOUT = "table, h1, h2, h3, h4, h5, h6, pre, article, section, form"
_MAX_SPAN = 20
_SPAN = re.compile(r"[1-9][0-9]{0,3}")
_BREAKING = frozenset({"br", "p", "div", "li", "ul", "ol", "dd", "dt"})
_UNREAD = frozenset({"script", "style", "template", "svg", "noscript"})


def read_table(node: LexborNode, *, guess_header: bool = False) -> Table | None:
    """The header (empty when there is none) and the rows of a data table; None for one that lays out a page.

    With `guess_header` a first row that is not marked as a header is one when it looks like one.
    """
    if node.attributes.get("role") == "presentation" or any(inner != node for inner in node.css(_LAYOUT)):
        return None
    rows = [row for row in node.css("tr") if _cells(row)]
    grid = _grid(rows)
    if max((len(row) for row in grid), default=0) == 1:
        # A single column is a box around text.
        return None
    if rows and (_is_header(rows[0]) or (guess_header and looks_like_header(grid))):
        return grid[0], grid[1:]
    return [], grid


def _cells(row: LexborNode) -> list[LexborNode]:
    return [cell for cell in row.iter() if cell.tag in {"td", "th"}]


def _is_header(row: LexborNode) -> bool:
    in_head = row.parent is not None and row.parent.tag == "thead"
    return in_head or all(cell.tag == "th" for cell in _cells(row))


def _grid(rows: list[LexborNode]) -> list[list[str]]:
    """Cell texts by row; a cell that spans rows is repeated in each, one that spans columns leaves the rest empty."""
    grid: list[list[str]] = []
    spanning: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        for cell in _cells(row):
            _fill(line, spanning)
            text = _text(cell)
            if (down := _span(cell, "rowspan")) > 1:
                spanning[len(line)] = (down - 1, text)
            line.extend([text, *[""] * (_span(cell, "colspan") - 1)])
        _fill(line, spanning)
        grid.append(line)
    return grid


def _fill(line: list[str], spanning: dict[int, tuple[int, str]]) -> None:
    while (column := len(line)) in spanning:
        left, text = spanning.pop(column)
        line.append(text)
        if left > 1:
            spanning[column] = (left - 1, text)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return min(int(value), _MAX_SPAN) if _SPAN.fullmatch(value) else 1


def _text(cell: LexborNode) -> str:
    pieces: list[str] = []
    stack = list(reversed(list(cell.iter(include_text=True))))
    while stack:
        node = stack.pop()
        if node.is_text_node:
            pieces.append((node.text_content or "").replace("\n", " "))
        elif node.tag not in _UNREAD:
            if node.tag in _BREAKING:
                pieces.append("\n")
            stack.extend(reversed(list(node.iter(include_text=True))))
    return cell_text("".join(pieces))
