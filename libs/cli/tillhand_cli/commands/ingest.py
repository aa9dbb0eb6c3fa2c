"""`tillhand ingest`: files, folders and web pages into the knowledge base."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tillhand_cli import as_jobs
from tillhand_cli.context import CollectionOption, JsonOption, KeyFileOption, RagUrlOption
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.files import Found, Skipped, find
from tillhand_cli.output import Output, output
from tillhand_cli.sending import LARGEST_BYTES, Page, Summary, Target, send_all
from tillhand_cli.urls import is_url, parts_of

SHOWN: Final = 20

MaxBytesOption = Annotated[
    int, typer.Option(min=1, help="Refuse larger files unread; raise it together with the service's own limits.")
]

AsJobOption = Annotated[bool, typer.Option("--as-job", help="Let the service read by itself, and watch it.")]


def ingest(
    what: Annotated[
        list[str],
        typer.Argument(
            help="Files and folders to read, and addresses (http, https) to fetch, inside your network too.",
            metavar="PATH|URL...",
        ),
    ],
    collection: CollectionOption = "default",
    max_bytes: MaxBytesOption = LARGEST_BYTES,
    as_job: AsJobOption = False,
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read files, folders and web pages into the knowledge base.

    A file that is read again replaces what it gave before; an unchanged one costs nothing. One bad file
    never stops the others: it is listed with the reason, and the exit code is 1.

    An address is fetched by this command, from this machine, redirects followed; what it leads to is your choice.

    With --as-job the service reads by itself what it is allowed to: folders of its own machine (TILLHAND_INGEST_ROOTS)
    and public addresses, sitemaps (.xml) among them. It goes on when this command ends, and removes what vanished.
    """
    out = output(as_json=as_json)
    if as_job:
        _read_as_jobs(what, Target(collection, url, key_file), out)
        return
    items, skipped = _named(what)
    summary = Summary.without(skipped)
    try:
        if not items:
            raise CommandError("There is no file here that can be read.", code=ExitCode.USAGE)
        asyncio.run(send_all(items, Target(collection, url, key_file), summary, out, limit=max_bytes))
    finally:
        out.result({"collection": collection, **vars(summary)}, lambda console: _show(console, summary))
    if summary.refused:
        raise typer.Exit(ExitCode.PARTLY)


def _read_as_jobs(what: Sequence[str], target: Target, out: Output) -> None:
    jobs = asyncio.run(as_jobs.read_as_jobs(as_jobs.sources_of(what), target, out))
    out.result({"collection": target.collection, "ingestions": jobs}, lambda console: as_jobs.show(console, jobs))
    if not all(map(as_jobs.is_whole, jobs)):
        raise typer.Exit(ExitCode.PARTLY)


def _named(what: Sequence[str]) -> tuple[list[Found | Page], list[Skipped]]:
    addresses = list(dict.fromkeys(item for item in what if is_url(item)))
    for address in addresses:
        parts_of(address)
    found, skipped = find([Path(item) for item in what if not is_url(item)])
    return [*found, *map(Page, addresses)], skipped


def _show(console: Console, summary: Summary) -> None:
    rate = summary.chunks / summary.seconds if summary.seconds else 0.0
    left = f" {summary.unsent} not sent." if summary.unsent else ""
    console.print(
        f"Read {summary.files} files in {summary.seconds:.1f} s: {summary.documents} documents "
        f"({summary.created} new, {summary.updated} changed, {summary.unchanged} unchanged), "
        f"{summary.chunks} chunks, {rate:.0f} chunks/s.{left}",
        highlight=False,
    )
    _list(console, "refused", summary.refused)
    reasons = Counter(item["reason"] for item in summary.skipped)
    for reason, count in reasons.most_common():
        console.print(f"Skipped {count}: {reason}.", highlight=False, markup=False)


def _list(console: Console, word: str, items: Sequence[dict[str, str]]) -> None:
    if not items:
        return
    table = Table(title=f"{len(items)} {word}", title_justify="left", box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("why", overflow="fold")
    for item in items[:SHOWN]:
        table.add_row(Text(item["source"]), Text(item["reason"]))
    console.print(table)
    if len(items) > SHOWN:
        console.print(f"… and {len(items) - SHOWN} more; --json lists all.", highlight=False)
