"""Files: of a folder of the server, or uploaded with the request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from tillhand_rag.domain.ingestions import FolderSource, UploadsSource
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.ports.folders import FileContent, FolderEntry, Folders, Uploads
from tillhand_rag.service.ingesting.gathering import Content, Item, grouped


class FolderFiles:
    """The files of a folder. One that went away while the folder was read counts as there: the next run decides."""

    def __init__(self, folders: Folders, source: FolderSource, collection: str) -> None:
        self.total: int | None = None
        self.complete = False
        self.ignored = 0
        self._folders = folders
        self._source = source
        self._collection = collection

    async def batches(self) -> AsyncGenerator[Sequence[Item], None]:
        """The files, and what could not be listed. Raises `FolderNotAllowed`, `SourceUnavailable`."""
        listing = await self._folders.listing(self._source, self._collection)
        self.ignored = listing.ignored
        self.total = len(listing.entries) + len(listing.failures)
        if listing.failures:
            yield [Item(failure.source, failure, gone=True) for failure in listing.failures]
        for entries in grouped([(entry, entry.size) for entry in listing.entries]):
            contents = await self._folders.read(self._source, entries)
            yield [self._item(entry, content) for entry, content in zip(entries, contents, strict=True)]
        self.complete = listing.complete and await self._folders.unchanged(self._source, listing)

    def _item(self, entry: FolderEntry, content: FileContent | Failure) -> Item:
        outcome = content if isinstance(content, Failure) else _content(entry.name, content)
        return Item(self._source.prefix + entry.name, outcome)


class UploadedFiles:
    """The files that came with a request; nothing can vanish from them."""

    def __init__(self, uploads: Uploads, source: UploadsSource, job_id: str) -> None:
        self.total: int | None = len(source.files)
        self.complete = False
        self.ignored = 0
        self._uploads = uploads
        self._source = source
        self._job_id = job_id

    async def batches(self) -> AsyncGenerator[Sequence[Item], None]:
        """The files in their order."""
        sizes = await self._uploads.sizes(self._job_id, self._source.files)
        for numbers in grouped(list(enumerate(sizes))):
            contents = await self._uploads.read(self._job_id, numbers)
            yield [self._item(number, content) for number, content in zip(numbers, contents, strict=True)]

    def _item(self, number: int, content: FileContent | None) -> Item:
        file = self._source.files[number]
        if content is None:
            return Item(file.name, Failure(file.name, "file-unreadable", "The uploaded file is not there any more."))
        return Item(file.name, _content(file.name, content, file.media_type))


def _content(name: str, content: FileContent, media_type: str | None = None) -> Content:
    return Content(content.data, content.digest, name.rpartition("/")[2], media_type)
