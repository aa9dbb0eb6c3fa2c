"""`tillhand ingest`: files and folders into the knowledge base."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from tillhand_cli.api import Api
from tillhand_cli.context import CollectionOption, JsonOption, KeyFileOption, RagUrlOption, connect
from tillhand_cli.errors import CommandError, ExitCode, ServiceProblem
from tillhand_cli.files import Found, Skipped, find
from tillhand_cli.output import Output, output

CONCURRENCY: Final = 4
"""Uploads at a time: enough to fill the embedder's batches, few enough to leave the service to others."""
SHOWN: Final = 20


@dataclass
class Summary:
    """What became of the files."""

    files: int = 0
    documents: int = 0
    chunks: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, batch: dict[str, Any]) -> None:
        """Count what the service says that one upload became."""
        self.files += 1
        self.documents += len(batch["documents"])
        self.chunks += sum(document["chunks"] for document in batch["documents"])
        self.created += batch["created"]
        self.updated += batch["updated"]
        self.unchanged += batch["unchanged"]


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to read.", metavar="PATH...")],
    collection: CollectionOption = "default",
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read files and folders into the knowledge base.

    A file that is read again replaces what it gave before; an unchanged one costs nothing. One bad file
    never stops the others: it is listed with the reason, and the exit code is 1.
    """
    out = output(as_json=as_json)
    found, skipped = find(paths)
    if not found:
        raise CommandError("There is no file here that can be read.", code=ExitCode.USAGE)
    summary = asyncio.run(send_all(found, skipped, collection=collection, url=url, key_file=key_file, out=out))
    out.result({"collection": collection, **vars(summary)}, lambda console: _show(console, summary))
    if summary.refused:
        raise typer.Exit(ExitCode.PARTLY)


async def send_all(
    found: Sequence[Found],
    skipped: Sequence[Skipped],
    *,
    collection: str,
    url: str | None,
    key_file: Path | None,
    out: Output,
) -> Summary:
    """Send every file and say what became of it. Raises CommandError when the service is gone or denies."""
    summary = Summary(skipped=[{"source": item.source, "reason": item.reason} for item in skipped])
    started = time.monotonic()
    waiting = iter(found)
    with _progress(out) as progress:
        task = progress.add_task("reading", total=len(found))
        async with connect(url, key_file) as api, asyncio.TaskGroup() as group:

            async def worker() -> None:
                for file in waiting:
                    await _send(api, file, collection, summary)
                    progress.update(task, advance=1, description=f"{summary.documents} documents")

            for _ in range(min(CONCURRENCY, len(found))):
                group.create_task(worker())
    summary.seconds = round(time.monotonic() - started, 3)
    summary.refused.sort(key=lambda item: item["source"])
    return summary


async def _send(api: Api, file: Found, collection: str, summary: Summary) -> None:
    try:
        data = await asyncio.to_thread(file.path.read_bytes)
        fields = {"collection": collection, "source": file.source}
        summary.add(await api.upload("/v1/documents", filename=file.path.name, data=data, fields=fields))
    except OSError as error:
        summary.refused.append({"source": file.source, "reason": error.strerror or "cannot be read"})
    except ServiceProblem as problem:
        if problem.code is not ExitCode.USAGE:
            raise
        summary.refused.append({"source": file.source, "reason": problem.message, "type": problem.slug})


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


def _show(console: Console, summary: Summary) -> None:
    rate = summary.chunks / summary.seconds if summary.seconds else 0.0
    console.print(
        f"Read {summary.files} files in {summary.seconds:.1f} s: {summary.documents} documents "
        f"({summary.created} new, {summary.updated} changed, {summary.unchanged} unchanged), "
        f"{summary.chunks} chunks, {rate:.0f} chunks/s.",
        highlight=False,
    )
    _list(console, "refused", summary.refused)
    reasons = Counter(item["reason"] for item in summary.skipped)
    for reason, count in reasons.most_common():
        console.print(f"Skipped {count}: {reason}.", highlight=False)


def _list(console: Console, word: str, items: Sequence[dict[str, str]]) -> None:
    if not items:
        return
    table = Table(title=f"{len(items)} {word}", title_justify="left", box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("why", overflow="fold")
    for item in items[:SHOWN]:
        table.add_row(item["source"], item["reason"])
    console.print(table)
    if len(items) > SHOWN:
        console.print(f"… and {len(items) - SHOWN} more; --json lists all.", highlight=False)
