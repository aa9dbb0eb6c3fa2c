"""Pipe tables as kramdown and hand-written pages have them, in the one form that CommonMark's parsers know."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*")
_RULE = re.compile(r"[ \t]*\|[ \t:|=]*-[ \t:|=-]*")
_ESCAPED = re.compile(r"\\\|")
_FEWEST_ROWS = 2


def regular_tables(text: str) -> str:
    """`text` with a rule of the right width below the first row of each pipe table, whatever stood there before."""
    lines: list[str] = []
    table: list[str] = []
    for line in [*text.split("\n"), ""]:
        if _ROW.fullmatch(line) or _RULE.fullmatch(line):
            table.append(line)
            continue
        lines.extend(_regular(table))
        table = []
        lines.append(line)
    return "\n".join(lines[:-1])


def _regular(table: Sequence[str]) -> list[str]:
    rows = [line for line in table if not _RULE.fullmatch(line)]
    if len(table) < _FEWEST_ROWS or not rows:
        return list(table)
    indent = rows[0][: len(rows[0]) - len(rows[0].lstrip())]
    width = max(_ESCAPED.sub("", row).strip().strip("|").count("|") + 1 for row in rows)
    has_header = len(table) > 1 and not _RULE.fullmatch(table[0]) and _RULE.fullmatch(table[1]) is not None
    header = rows.pop(0) if has_header else f"{indent}|{'  |' * width}"
    missing = width - (_ESCAPED.sub("", header).strip().strip("|").count("|") + 1)
    return [header.rstrip() + "  |" * missing, f"{indent}|{'---|' * width}", *rows]
