"""Folders of the server and web pages that the service reads by itself, as jobs that this command only watches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tillhand_cli.api import Api
from tillhand_cli.context import connect
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import Output
from tillhand_cli.sending import Target
from tillhand_cli.urls import is_url

LOOK_EVERY_S: Final = 0.5
OPEN: Final = frozenset(["queued", "running"])
SITEMAP: Final = ".xml"

Job = dict[str, Any]


def sources_of(what: Sequence[str]) -> list[dict[str, object]]:
    """What the service is asked to read: each folder, each sitemap, and all other addresses together.

    Raises CommandError for what is neither a folder nor an address.
    """
    addresses = list(dict.fromkeys(item for item in what if is_url(item)))
    pages = [url for url in addresses if not url.endswith(SITEMAP)]
    folders = [Path(item).absolute() for item in what if not is_url(item)]
    if other := next((folder for folder in folders if folder.is_file()), None):
        raise CommandError(f"{other} is a file; a job reads folders and addresses.", code=ExitCode.USAGE)
    sources: list[dict[str, object]] = [{"type": "folder", "path": str(folder)} for folder in folders]
    sources += [{"type": "sitemap", "url": url} for url in addresses if url.endswith(SITEMAP)]
    return sources + ([{"type": "urls", "urls": pages}] if pages else [])


async def read_as_jobs(sources: Sequence[dict[str, object]], target: Target, out: Output) -> list[Job]:
    """Start a job for each source and wait for all of them; breaking off leaves them to the service."""
    async with connect(target.url, target.key_file) as api:
        started = [
            await api.post("/v1/ingestions", {"collection": target.collection, "source": source}, holding="state")
            for source in sources
        ]
        with _progress(out) as progress:
            return [await _ended(api, job, progress) for job in started]


def is_whole(job: Job) -> bool:
    """Whether a job has read everything that it should."""
    return bool(job["state"] == "done" and not job["failures_total"])


def show(console: Console, jobs: Sequence[Job]) -> None:
    """Tell what became of each job."""
    for job in jobs:
        counts = job["progress"]
        console.print(
            f"{job['id']}: {job['state']}. {counts['done']} files or pages: {counts['created']} documents new, "
            f"{counts['updated']} changed, {counts['unchanged']} unchanged, {counts['removed']} removed, "
            f"{counts['refused']} refused.",
            highlight=False,
        )
        for failure in [*([job["error"]] if job["error"] else []), *job["failures"]]:
            console.print(f"  {failure['source']} {failure['detail']}", highlight=False, markup=False)


async def _ended(api: Api, job: Job, progress: Progress) -> Job:
    task = progress.add_task(job["id"], total=None)
    while job["state"] in OPEN:
        await asyncio.sleep(LOOK_EVERY_S)
        job = await api.get(f"/v1/ingestions/{job['id']}", holding="state")
        progress.update(task, completed=job["progress"]["done"], total=job["progress"]["found"])
    return job


def _progress(out: Output) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=out.err,
        disable=out.as_json or not out.err.is_terminal,
    )
