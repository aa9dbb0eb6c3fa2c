"""Where a list stands, as its address says: what is chosen, in which order, and from which row on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class State:
    """A path and its parameters. What is not set, or is as by default, is in no address."""

    path: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """What is chosen; nothing where it is not."""
        return self.values.get(name, "")

    def url(self, **changes: str) -> str:
        """The same list with something changed; it begins anew at its first row unless `cursor` is given."""
        merged = {**self.values, "cursor": "", **changes}
        asked = urlencode(sorted((name, value) for name, value in merged.items() if value))
        return f"{self.path}?{asked}" if asked else self.path

    def sorted_by(self, key: str, usual: str = "") -> Literal["ascending", "descending", "none"]:
        """How the list is ordered by a column, where `usual` is its order without a choice."""
        order = self["sort"] or usual
        if order.lstrip("-") != key:
            return "none"
        return "descending" if order.startswith("-") else "ascending"

    def turned(self, key: str, usual: str = "", *, numeric: bool = False) -> str:
        """Where the heading of a column leads: numbers come largest first, and turn round at the second time."""
        now = self.sorted_by(key, usual)
        descending = numeric if now == "none" else now == "ascending"
        return self.url(sort=f"{'-' if descending else ''}{key}")
