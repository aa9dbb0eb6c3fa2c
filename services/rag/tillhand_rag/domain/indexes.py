"""Indexes: what a part of the collections is embedded and cut with, and the generations that it goes through.

A generation is one folder with documents, vectors and words, all made by one `IndexSpec`. An index has a live
generation; a rebuild makes the next one beside it, and the one before stays until the rebuild after that, for a way
back.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

MAIN: Final = "main"
"""The index of every collection that is assigned to no other model."""


_UNREADABLE: Final = re.compile(r"[^a-z0-9]+")

CUTTING_RULES: Final = 1
"""Goes up when the same document would be cut or embedded differently than before: indexes then want a rebuild."""


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """How an index is made.

    `model` embeds; a long passage is cut at `chunk_tokens` (0: the model's limit), by the rules with this number.
    """

    model: str
    chunk_tokens: int = 0
    rules: int = CUTTING_RULES


@dataclass(frozen=True, slots=True)
class Generation:
    """One folder of an index. `name` is the folder's; `made_at` is RFC 3339 UTC."""

    name: str
    spec: IndexSpec
    made_at: str


@dataclass(frozen=True, slots=True)
class Placement:
    """The generations of an index: the one that serves, the one before it, and the one that a rebuild is making."""

    live: Generation
    previous: Generation | None = None
    building: Generation | None = None

    @property
    def generations(self) -> tuple[Generation, ...]:
        """All that there are, the live one first."""
        return tuple(each for each in (self.live, self.previous, self.building) if each is not None)


def index_name(model: str, default: str) -> str:
    """The name of the index of a model: readable, and another one for every other model."""
    if model == default:
        return MAIN
    readable = _UNREADABLE.sub("-", model.rsplit("/", 1)[-1].lower()).strip("-")[:40] or "model"
    return f"{readable}-{hashlib.sha256(model.encode()).hexdigest()[:8]}"
