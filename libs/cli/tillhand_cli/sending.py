"""Files and web pages on their way into the knowledge base."""

from __future__ import annotations

import asyncio
import mimetypes
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tillhand_cli.api import Api
from tillhand_cli.context import connect
from tillhand_cli.errors import ServiceProblem, Unreachable, Unusable
from tillhand_cli.fetch import ANY_BYTES, Fetched, fetch
from tillhand_cli.files import Found, Skipped
from tillhand_cli.output import Output

CONCURRENCY: Final = 4
"""Uploads at a time: enough to fill the embedder's batches, few enough to leave the service to others."""
LARGEST_BYTES: Final = 32 * 1024 * 1024
"""What the service takes unless told otherwise (TILLHAND_MAX_DOCUMENT_BYTES and TILLHAND_MAX_BODY_BYTES)."""
CONCERNS_ALL: Final = frozenset([401, 403, 503])
"""Answers that every further file would get as well."""


@dataclass(frozen=True, slots=True)
class Page:
    """An address on the web whose content is sent; it is its own source."""

    source: str


@dataclass
class Summary:
    """What became of the files; `unsent` counts those that were left when the work was broken off."""

    files: int = 0
    documents: int = 0
    chunks: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    unsent: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    @classmethod
    def without(cls, skipped: Sequence[Skipped]) -> Summary:
        """The summary before the first file is sent."""
        return cls(skipped=[{"source": item.source, "reason": item.reason} for item in skipped])

    def add(self, batch: dict[str, Any]) -> None:
        """Count what the service says that one upload became."""
        self.files += 1
        self.documents += len(batch["documents"])
        self.chunks += sum(document["chunks"] for document in batch["documents"])
        self.created += batch["created"]
        self.updated += batch["updated"]
        self.unchanged += batch["unchanged"]

    def refuse(self, source: str, reason: str, **more: str) -> None:
        """Note a file that did not become a document."""
        self.refused.append({"source": source, "reason": reason, **more})


@dataclass(frozen=True, slots=True)
class Target:
    """Where the files go."""

    collection: str = "default"
    url: str | None = None
    key_file: Path | None = None


async def send_all(
    items: Sequence[Found | Page], target: Target, summary: Summary, out: Output, *, limit: int = LARGEST_BYTES
) -> None:
    """Send every file and note in the summary what became of it, also when the work ends early.

    Only what concerns every file ends it: CommandError (alone or in a group) when the service is gone, not ready, or
    denies.
    """
    started = time.monotonic()
    waiting = iter(items)
    try:
        with _progress(out) as progress:
            task = progress.add_task("reading", total=len(items))
            async with connect(target.url, target.key_file) as api, asyncio.TaskGroup() as group:

                async def worker() -> None:
                    for item in waiting:
                        await _send(api, item, target.collection, summary, limit)
                        progress.update(task, advance=1, description=f"{summary.documents} documents")

                for _ in range(min(CONCURRENCY, len(items))):
                    group.create_task(worker())
    finally:
        summary.seconds = round(time.monotonic() - started, 3)
        summary.refused.sort(key=lambda item: item["source"])
        summary.unsent = len(items) - summary.files - len(summary.refused)


async def _send(api: Api, item: Found | Page, collection: str, summary: Summary, limit: int) -> None:
    fields = {"collection": collection, "source": item.source}
    try:
        file = await _loaded(item, limit)
        sent = (file.filename, file.data, file.media_type)
        summary.add(await api.upload("/v1/documents", file=sent, fields=fields, holding="documents"))
    except Unusable as reason:
        summary.refuse(item.source, str(reason))
    except ServiceProblem as problem:
        if problem.status in CONCERNS_ALL:
            raise
        summary.refuse(item.source, problem.message, type=problem.slug)
    except Unreachable:
        if not await api.answers():
            raise
        summary.refuse(item.source, "the service broke the connection off, as it does when a file is too large")


async def _loaded(item: Found | Page, limit: int) -> Fetched:
    if isinstance(item, Page):
        return await fetch(item.source, limit=limit)
    return await asyncio.to_thread(_read, item.path, limit)


def _read(path: Path, limit: int) -> Fetched:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Unusable("is no regular file")
        if found.st_size > limit:
            raise Unusable(f"is larger than the {limit} bytes that the service takes")
        data = path.read_bytes()
    except OSError as error:
        raise Unusable(error.strerror or "cannot be read") from error
    return Fetched(path.name, data, mimetypes.guess_type(path.name)[0] or ANY_BYTES)


def _progress(out: Output) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=out.err,
        disable=out.as_json or not out.err.is_terminal,
    )
