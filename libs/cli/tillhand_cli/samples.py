"""The sample shop: read into an empty knowledge base, and into no other, until all of it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tillhand_cli.api import open_api
from tillhand_cli.context import api_key, data_dir
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.files import find
from tillhand_cli.output import Output
from tillhand_cli.sending import Summary, Target, send_all

UNFINISHED: Final = "samples.unfinished"
"""A file in the data folder for as long as the samples are not all sent.

It is written before the first one, so that it tells a store that was left half loaded from one that somebody filled
without samples. The former gets all of them again, which changes nothing where one is there already.
"""


async def read_samples(folder: Path, url: str, out: Output) -> Summary | None:
    """What became of the samples; None when the knowledge base has no need of them.

    Raises CommandError (alone or in a group) when the service is gone; the next call then goes on.
    """
    unfinished = data_dir() / UNFINISHED
    if unfinished.exists():
        out.note("Completing the sample shop, whose reading was broken off …")
    elif await _is_empty(url):
        out.note("Reading the sample shop into the empty knowledge base …")
    else:
        return None
    _set(unfinished, there=True)
    summary = await _send(folder, url, out)
    _set(unfinished, there=False)
    return summary


async def _is_empty(url: str) -> bool:
    async with open_api(url, api_key(None)) as api:
        held = await api.get("/v1/collections", holding="items")
    return not any(collection["documents"] for collection in held["items"])


async def _send(folder: Path, url: str, out: Output) -> Summary:
    found, skipped = find([folder])
    summary = Summary.without(skipped)
    await send_all(found, Target(url=url), summary, out)
    out.note(f"  {summary.documents} documents, {summary.chunks} chunks in {summary.seconds:.1f} s")
    for item in summary.refused:
        out.note(f"  refused {item['source']}: {item['reason']}")
    return summary


def _set(mark: Path, *, there: bool) -> None:
    try:
        if there:
            mark.touch(mode=0o600)
        else:
            mark.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(f"{mark} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error
