"""What evaluations need of the outside: test collections in allowed folders, and an index that is thrown away."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from tillhand_common import private_files
from tillhand_rag.adapters.beir import BeirDocument, load_beir
from tillhand_rag.app.joining import IndexOpening
from tillhand_rag.domain.evaluation import InvalidData
from tillhand_rag.domain.filters import Condition
from tillhand_rag.domain.indexes import Generation, IndexSpec
from tillhand_rag.errors import InvalidFilter, InvalidTestCollection
from tillhand_rag.models.base import Filters
from tillhand_rag.ports.folders import Folders
from tillhand_rag.routes.dependencies import conditions
from tillhand_rag.service.evaluating import COLLECTION, Scratch, TestCollection
from tillhand_rag.service.indexes import Index
from tillhand_rag.service.preparing import Upload

SCRATCH: Final = "scratch"
_FILTERS: Final[TypeAdapter[Filters]] = TypeAdapter(Filters)


def conditions_from(filters: Mapping[str, Any]) -> Sequence[Condition]:
    """Filters in the wire's form as conditions. Raises `InvalidFilter`."""
    try:
        return conditions(_FILTERS.validate_python(filters))
    except ValidationError as error:
        raise InvalidFilter("A golden question has a filter that makes no sense.", field="filters") from error


class AllowedTestCollections:
    """Test collections below the folders that the server allows."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    async def load(self, path: str, split: str) -> TestCollection:
        """All of a folder. Raises `FolderNotAllowed` or `InvalidTestCollection`."""
        admitted = self._folders.admitted(path, collection=COLLECTION, every_collection=True, pattern=None, prefix="")
        try:
            data = await asyncio.to_thread(load_beir, Path(admitted.path), split)
        except (InvalidData, OSError) as error:
            reason = str(error) if isinstance(error, InvalidData) else "it cannot be read"
            raise InvalidTestCollection(reason.replace(f"{admitted.path}/", "")) from error
        return TestCollection([beir_upload(document) for document in data.documents], data.queries, data.qrels)


def beir_upload(document: BeirDocument, collection: str = COLLECTION) -> Upload:
    """A document of a test collection as an upload whose source is its id."""
    text = document.text or document.title
    return Upload(collection, document.id, text.encode(), "", "text/plain", title=document.title)


def scratch_below(root: Path, opening: IndexOpening, spec: IndexSpec) -> Scratch:
    """Opens empty indexes in `root`/scratch, made as `spec` says."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Index]:
        private_files.make_folder(root / SCRATCH)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=root / SCRATCH))
        try:
            index = await opening.at(folder, "scratch", Generation(folder.name, spec, ""))
            try:
                yield index
            finally:
                await index.close()
        finally:
            await asyncio.to_thread(shutil.rmtree, folder)

    def scratch() -> AbstractAsyncContextManager[Index]:
        return opened()

    return scratch


def sweep_scratch(root: Path) -> None:
    """Remove what a process left that died during an evaluation."""
    if (root / SCRATCH).is_dir():
        shutil.rmtree(root / SCRATCH)
