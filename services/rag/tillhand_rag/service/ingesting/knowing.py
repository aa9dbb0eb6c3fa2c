"""What is known of a source: what it gave, and whether that is still stored as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from tillhand_rag.domain.documents import is_derived
from tillhand_rag.ports.fetching import Validators
from tillhand_rag.ports.manifest import Manifest, Taken
from tillhand_rag.ports.store import DocumentRecord

_PAGE = 500


class Stored(Protocol):
    """What an ingestion asks of the store; see `KnowledgeStore`."""

    async def of_sources(self, collection: str, sources: Sequence[str]) -> Sequence[str]: ...

    async def versions(self, collection: str, document_ids: Sequence[str]) -> dict[str, str]: ...

    async def records(self, collection: str, document_ids: Sequence[str]) -> Sequence[DocumentRecord]: ...


class Known:
    """One source's manifest beside the store. `recipe` names the rules by which files become documents now."""

    def __init__(self, *, manifest: Manifest, store: Stored, collection: str, lane: str, recipe: str) -> None:
        self.lane = lane
        self.collection = collection
        self.recipe = recipe
        self._manifest = manifest
        self._store = store

    async def intact(self, taken: Sequence[Taken]) -> dict[str, Taken]:
        """Those of which every document is stored in the version that they gave, by the rules of now."""
        ids = [document for each in taken for document in each.documents]
        versions = await self._store.versions(self.collection, ids) if ids else {}
        return {
            each.name: each
            for each in taken
            if each.digest
            and each.recipe == self.recipe
            and each.documents
            and all(versions.get(document) == version for document, version in each.documents.items())
        }

    async def validators(self, names: Sequence[str]) -> dict[str, Validators]:
        """What web servers said of those pages that are stored as they were read."""
        intact = await self.intact(list((await self._manifest.taken(self.lane, names)).values()))
        return {
            name: Validators(taken.etag, taken.last_modified)
            for name, taken in intact.items()
            if taken.etag or taken.last_modified
        }

    async def all_validators(self) -> dict[str, Validators]:
        """The same of everything that the source ever gave."""
        names = await self._manifest.names(self.lane)
        found: dict[str, Validators] = {}
        for start in range(0, len(names), _PAGE):
            found |= await self.validators(names[start : start + _PAGE])
        return found

    async def stored(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """The documents that are stored of each of these names, with their versions; not those that clients named."""
        ids = [name for name in await self._store.of_sources(self.collection, names) if is_derived(name)]
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for record in await self._store.records(self.collection, ids) if ids else ():
            found[record.source][record.document_id] = record.version
        return found
