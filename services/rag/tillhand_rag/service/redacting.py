"""Texts of people, redacted before they are kept: what cannot be redacted is withheld."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog

from tillhand_rag.domain.redaction import Redaction
from tillhand_rag.errors import StoreUnavailable
from tillhand_rag.ports.insight import Vocabulary
from tillhand_rag.service.indexes import Indexes

_log = structlog.get_logger(__name__)


class IndexedVocabulary:
    """A `Vocabulary`: the words of the index that a collection lives in."""

    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes

    async def known(self, collection: str, words: Sequence[str]) -> frozenset[str]:
        """Those of these words that the documents hold in some form. Raises `StoreUnavailable`."""
        async with self._indexes.reading(collection) as index:
            return await index.store.known(collection, words)


class Redacting:
    """Redacts texts by their form, and by the words of the collection that they were written about."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    async def texts(self, written: Sequence[tuple[str, str]]) -> list[str | None]:
        """Each text, given with its collection, redacted; None for one that has to be withheld."""
        redactions = await asyncio.to_thread(lambda: [Redaction(text) for _, text in written])
        words: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for (collection, _), redaction in zip(written, redactions, strict=True):
            words[collection].update(dict.fromkeys(redaction.doubtful))
        known = {collection: await self._known(collection, list(asked)) for collection, asked in words.items()}
        redacted: list[str | None] = []
        for (collection, _), redaction in zip(written, redactions, strict=True):
            vocabulary = known[collection]
            redacted.append(None if vocabulary is None else redaction.text(vocabulary))
        return redacted

    async def _known(self, collection: str, words: Sequence[str]) -> frozenset[str] | None:
        try:
            return await self._vocabulary.known(collection, words)
        except StoreUnavailable:
            _log.warning("redaction_without_vocabulary", collection=collection)
            return None
