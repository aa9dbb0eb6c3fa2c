"""The indentation that MDX authors give to what stands inside a component, taken away again.

Markdown reads four spaces as code or as a sentence going on; inside a component they only show what it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_OPENING = re.compile(r"\s*<([A-Z][\w.]*|div|section|details|center)(?=[\s/>]|$)")
_CLOSING = re.compile(r"\s*</(?:[A-Z][\w.]*|div|section|details|center)\s*>\s*$")


@dataclass(slots=True)
class _Component:
    """An open component: its indentation, the shift of those around it, and its own once that is known."""

    indent: int
    above: int = 0
    shift: int | None = None

    @property
    def total(self) -> int:
        """How far a line inside is moved, by this component and by those around it."""
        return self.above + (self.shift or 0)


def dedented(source: str) -> str:
    """`source` with the content of every component at the component's own indentation."""
    lines: list[str] = []
    stack: list[_Component] = []
    fence = ""
    in_tag = False
    for line in source.split("\n"):
        if fence or in_tag:
            lines.append(_moved(line, stack))
            in_tag = in_tag and not _ends_tag(line, stack)
            fence = "" if fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]) else fence
            continue
        if _CLOSING.match(line) and "<" not in line.strip()[1:]:
            if stack:
                stack.pop()
            lines.append(_moved(line, stack))
            continue
        _measure(line, stack)
        lines.append(_moved(line, stack))
        if opened := _FENCE.match(line):
            fence = opened[1]
        elif (tag := _OPENING.match(line)) and f"</{tag[1]}" not in line:
            stack.append(_Component(_indent(line), above=stack[-1].total if stack else 0))
            in_tag = not _ends_tag(line, stack)
    return "\n".join(lines)


def _ends_tag(line: str, stack: list[_Component]) -> bool:
    """Whether an opening tag ends with this line; one that closes itself holds nothing."""
    stripped = line.rstrip()
    if not stripped.endswith(">") or stripped.endswith("=>"):
        return False
    if stripped.endswith("/>"):
        stack.pop()
    return True


def _measure(line: str, stack: list[_Component]) -> None:
    if stack and stack[-1].shift is None and line.strip():
        stack[-1].shift = max(_indent(line) - stack[-1].indent, 0)


def _moved(line: str, stack: list[_Component]) -> str:
    return line[min(stack[-1].total, _indent(line)) :] if stack else line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
