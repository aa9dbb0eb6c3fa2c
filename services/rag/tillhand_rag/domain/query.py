"""What can be asked of the knowledge base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from tillhand_rag.domain.filters import Filter

Mode = Literal["hybrid", "dense", "keyword"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, and where."""

    text: str
    collection: str
    mode: Mode = "hybrid"
    where: Filter = ()
    top_k: int = 10
