"""A collection as searches see it: its catalog in memory and its keyword index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Final

from tillhand_rag.domain.filters import Filter
from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports.store import Candidate
from tillhand_rag.store.catalog import Catalog, Scored
from tillhand_rag.store.keyword_index import KeywordIndex

NAMED_WORTH: Final = 2
"""Naming a document in the query takes as long as looking so many chunks deeper, and passing over those of others."""
_DEEPER: Final = 4


@dataclass(slots=True, eq=False)
class Shelf:
    """One collection. `sequence` is the last change that the catalog shows; `words`, while `sound`, shows it too.

    `shown` is the last one that both have come to show.
    """

    key: int
    catalog: Catalog
    words: KeywordIndex
    sequence: int = 0
    sound: bool = True
    shown: int = field(init=False)

    def __post_init__(self) -> None:
        self.shown = self.sequence

    def keyword(self, query: str, where: Filter, limit: int) -> list[Candidate]:
        """The best chunks by BM25 whose document passes, best first.

        Raises `StoreUnavailable` when the index is found to be damaged; the next write builds it anew.
        """
        try:
            found = self._found(query, where, limit)
        except (ValueError, OSError) as error:
            self.sound = False
            raise StoreUnavailable("The keyword index cannot be read.") from error
        return [*starmap(Candidate, found)]

    def known(self, words: Sequence[str]) -> frozenset[str]:
        """Those of these words that its documents hold. Raises `StoreUnavailable` when the index cannot tell."""
        try:
            return self.words.known(words)
        except (ValueError, OSError) as error:
            raise StoreUnavailable("The keyword index cannot be read.") from error

    def _found(self, query: str, where: Filter, limit: int) -> list[Scored]:
        if not where:
            return self.catalog.passing(where, self.words.search(query, limit))
        share = self.catalog.share(where)
        if not share.chunks:
            return []
        depth = _depth(limit, share.chunks / share.total)
        if NAMED_WORTH * len(share.documents) <= depth:
            return self.catalog.passing(where, self.words.search(query, limit, share.documents.tolist()))
        return self._deep(query, where, limit, depth)

    def _deep(self, query: str, where: Filter, limit: int, depth: int) -> list[Scored]:
        while True:
            hits = self.words.search(query, depth)
            found = self.catalog.passing(where, hits)
            if len(found) >= limit or len(hits) < depth:
                return found[:limit]
            depth *= _DEEPER


def _depth(limit: int, share: float) -> int:
    """How deep to look for `limit` chunks when this share of all passes: the expectation and three deviations more."""
    return math.ceil((limit + 3.0 * math.sqrt(limit * (1.0 - share))) / share)
