"""Which files of a folder a pattern means.

`*`, `?` and `[...]` stay inside one name, `**` stands for any number of folders. A pattern without a slash is about the
file's name, wherever it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

ANY_FOLDERS: Final = "**"


def matches(path: str, pattern: str) -> bool:
    """Whether a pattern means this path; both relative, with forward slashes."""
    wanted = pattern.split("/") if "/" in pattern else [ANY_FOLDERS, pattern]
    return _fits(path.split("/"), [part for part in wanted if part])


def _fits(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Step by step through the pattern: `reached` says up to which names the parts so far can reach."""
    reached = {0}
    for part in wanted:
        if part == ANY_FOLDERS:
            reached = set(range(min(reached, default=len(names) + 1), len(names) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(names) and fnmatchcase(names[at], part)}
    return len(names) in reached
