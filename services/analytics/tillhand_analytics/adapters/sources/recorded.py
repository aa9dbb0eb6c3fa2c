"""Recordings: the files of each source in a folder, with a list of them that tells when and how they were read."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from tillhand_analytics.adapters.normalising.assembling import normalised, rows_of
from tillhand_analytics.adapters.normalising.files import OF_SOURCE, Window
from tillhand_analytics.adapters.sources.reading import SourceRead
from tillhand_analytics.adapters.sources.traffic_reading import Taken
from tillhand_analytics.domain.gates import Gate
from tillhand_analytics.domain.provenance import SOURCES
from tillhand_analytics.errors import SourceUnavailable
from tillhand_analytics.ports.sources import Loaded
from tillhand_common import private_files

LIST: Final = "recording.json"
VERSION: Final = 1
NOTHING: Final = "The recording holds nothing of it."


def write(folder: Path, taken: Taken) -> Mapping[str, int]:
    """Record what was read; the list is written last, so that half a recording is none. Returns bytes by file."""
    sizes: dict[str, int] = {}
    sources: dict[str, Any] = {}
    for source, read in taken.reads.items():
        for name, content in read.files.items():
            private_files.write(folder / name, content)
            sizes[name] = len(content)
        sources[source] = {
            "recorded_from": read.mode,
            "fetched_at": read.fetched_at.isoformat(),
            "complete_through": None if read.complete_through is None else read.complete_through.isoformat(),
            "truncated": read.truncated,
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in read.files.items()},
        }
    told = {
        "version": VERSION,
        "first_day": taken.window.first_day.isoformat(),
        "last_day": taken.window.last_day.isoformat(),
        "sources": sources,
    }
    private_files.write(folder / LIST, orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return sizes


def read(folder: Path) -> Taken:
    """What was recorded, byte for byte. Raises `SourceUnavailable` where a file is missing or another than it was."""
    try:
        told = orjson.loads((folder / LIST).read_bytes())
        if told["version"] != VERSION:
            raise SourceUnavailable(f"recording: version {told['version']} is not known here.")
        window = Window(date.fromisoformat(told["first_day"]), date.fromisoformat(told["last_day"]))
        found = told["sources"]
        return Taken(window, {source: _read(folder, found[source]) for source in SOURCES if source in found})
    except OSError as error:
        raise SourceUnavailable(f"recording: {error.strerror or 'it cannot be read'}: {error.filename}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SourceUnavailable(f"recording: {LIST} holds something else than was agreed.") from error


def _read(folder: Path, told: Mapping[str, Any]) -> SourceRead:
    known = {name for names in OF_SOURCE.values() for name in names}
    files = {}
    for name, digest in told["files"].items():
        if name not in known:
            raise SourceUnavailable("recording: it names a file that no source has.")
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise SourceUnavailable(f"recording: {name} is not what was recorded.")
        files[name] = content
    last = told["complete_through"]
    return SourceRead(
        files,
        "recorded",
        datetime.fromisoformat(told["fetched_at"]),
        None if last is None else date.fromisoformat(last),
        truncated=bool(told["truncated"]),
    )


class RecordedSources:
    """Replays a recording, which does not change: it is read once."""

    has_token: Final = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: Loaded | None = None

    async def load(self) -> Loaded:
        """The shop as it was recorded. Raises `SourceUnavailable`."""
        if self._loaded is None:
            self._loaded = await asyncio.to_thread(self._read)
        return self._loaded

    def _read(self) -> Loaded:
        taken = read(self._folder)
        if "shopify" not in taken.reads:
            raise SourceUnavailable("recording: it holds nothing of the shop itself.")
        shop = normalised(taken.files, taken.window)
        return Loaded(shop, tuple(each.stamp(source, rows_of(shop, source)) for source, each in taken.reads.items()))

    async def gates(self) -> tuple[Gate, ...]:
        """Nothing is asked for; what was recorded stands in."""
        there = set(SOURCES) if self._loaded is None else {stamp.source for stamp in self._loaded.stamps}
        return tuple(
            Gate(source, "absent", "recorded") if source in there else Gate(source, "absent", None, NOTHING)
            for source in SOURCES
        )

    async def aclose(self) -> None:
        """Holds nothing."""
