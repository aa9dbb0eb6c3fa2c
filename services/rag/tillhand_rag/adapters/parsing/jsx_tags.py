"""Tags in MDX source: where they end, and what their properties say."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PROPERTY = re.compile(r"([A-Za-z_][\w:-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|\{\s*[\"'`]([^\"'`{}]*)[\"'`]\s*\})")
_INSIDE = re.compile(r"\"[^\"]*\"|'[^'\n]*'|=>|[{}>]|\n[ \t]*\n")
_LINE_END = re.compile(r"[ \t]*(?:\n|\Z)")
_MAX_CHARACTERS = 4_000
_MAX_INDENT = 200


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag in the source. `indent` is the white space before it when it begins its line, else None."""

    name: str
    closing: bool
    properties: dict[str, str]
    start: int
    end: int
    indent: str | None
    ends_line: bool


def read_tag(source: str, masked: str, start: int, name_end: int, name: str, *, closing: bool) -> Tag | None:
    """The tag that begins at `start`, or None when it does not end; `masked` is the source without its code."""
    end = _end(masked, name_end)
    if end is None:
        return None
    found = _PROPERTY.findall(source[name_end:end])
    return Tag(
        name=name,
        closing=closing,
        properties={key: first or second or third for key, first, second, third in found},
        start=start,
        end=end,
        indent=_indent(source, start),
        ends_line=_LINE_END.match(source, end) is not None,
    )


def _end(masked: str, position: int) -> int | None:
    """The position after the `>` that closes a tag: not one in a string or in a nested expression."""
    depth = 0
    for match in _INSIDE.finditer(masked, position, position + _MAX_CHARACTERS):
        mark = match[0]
        if mark == ">" and depth == 0:
            return match.end()
        if mark.isspace() and depth == 0:
            return None
        depth += {"{": 1, "}": -1}.get(mark, 0)
    return None


def _indent(source: str, start: int) -> str | None:
    before = source[max(start - _MAX_INDENT, 0) : start]
    line = before[before.rfind("\n") + 1 :]
    begins_line = "\n" in before or start <= _MAX_INDENT
    return line if begins_line and not line.strip() else None
