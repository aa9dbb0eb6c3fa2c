"""Catalogue changes on their way into the knowledge base, and product names to whoever redacts.

What has changed since the last round is asked for, and once a day everything, so that what was deleted is noticed too.
A round that fails leaves its mark where it was: the next one does it again, which changes nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from pydantic import BaseModel, Field, ValidationError

from tillhand_common import private_files
from tillhand_common.approvals_client import Refused
from tillhand_common.clock import Clock
from tillhand_common.problems import Problem
from tillhand_mcp.ports.catalogue import Catalogue, Listed, Names, Shelves

EVERYTHING_EVERY: Final = timedelta(days=1)
OVERLAP: Final = timedelta(seconds=1)
"""Moments of the upstream are whole seconds: what changed within the last one is asked for again."""
LONGEST_NAME: Final = 200
MOST_NAMES: Final = 20_000

_log = structlog.get_logger(__name__)


class Mark(BaseModel):
    """How far the last round came: the newest change, when all was looked at, and what each product is called."""

    changed_at: datetime | None = None
    whole_at: datetime | None = None
    names: dict[str, list[str]] = Field(default_factory=dict)
    places: list[str] = Field(default_factory=list)


@dataclass(slots=True)
class _Round:
    """What a round has seen."""

    mark: Mark
    seen: set[str]
    moved: int = 0


class CatalogueSync:
    """One shop, one knowledge base; without `shelves` only names are learned."""

    def __init__(
        self, *, catalogue: Catalogue, shelves: Shelves | None, names: Names, clock: Clock, file: Path, every_s: float
    ) -> None:
        self._catalogue = catalogue
        self._shelves = shelves
        self._names = names
        self._clock = clock
        self._file = file
        self._every_s = every_s
        self.last_success_at: datetime | None = None
        self.failure = ""

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                moved = await self.once()
                self.failure, self.last_success_at = "", self._clock.now()
                if moved:
                    _log.info("catalogue_synchronised", products=moved)
            except (Problem, Refused) as error:
                self._wait(error, str(error))
            except Exception as error:  # noqa: BLE001  # the boundary of a task that has to go on, such as on a full disk
                self._wait(error, "It broke off.")
            await self._clock.sleep(self._every_s)

    def _wait(self, error: Exception, told: str) -> None:
        self.failure = told
        _log.warning("catalogue_waits", reason=type(error).__name__)

    async def once(self) -> int:
        """One round; how many products it has put somewhere or taken away. Raises what the ports do."""
        mark = await asyncio.to_thread(self._read)
        now = self._clock.now()
        whole = mark.whole_at is None or now - mark.whole_at >= EVERYTHING_EVERY
        since = None if whole or mark.changed_at is None else mark.changed_at - OVERLAP
        going = _Round(mark.model_copy(deep=True), set())
        async for page in self._catalogue.changed(since):
            await self._take(page, going)
        if whole:
            await self._forget([name for name in going.mark.names if name not in going.seen], going)
            going.mark.whole_at = now
            going.mark.places = list(await self._catalogue.places())
        if (going.mark.names, going.mark.places) != (mark.names, mark.places):
            await self._names.learn(called(going.mark))
        await asyncio.to_thread(self._write, going.mark)
        return going.moved

    async def _take(self, page: Sequence[Listed], going: _Round) -> None:
        sold = [each for each in page if each.on_sale]
        if sold and self._shelves is not None:
            await self._shelves.put(sold)
            going.moved += len(sold)
        for each in page:
            going.mark.changed_at = max(going.mark.changed_at or each.updated_at, each.updated_at)
        for each in sold:
            going.seen.add(each.id)
            going.mark.names[each.id] = [each.title, each.vendor, each.product_type]
        await self._forget([each.id for each in page if not each.on_sale and each.id in going.mark.names], going)

    async def _forget(self, ids: Sequence[str], going: _Round) -> None:
        if ids and self._shelves is not None:
            await self._shelves.drop(ids)
            going.moved += len(ids)
        for name in ids:
            del going.mark.names[name]

    def _read(self) -> Mark:
        try:
            return Mark.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return Mark()
        except ValidationError:
            _log.warning("catalogue_begins_anew", reason="the mark cannot be read")
            return Mark()

    def _write(self, mark: Mark) -> None:
        private_files.write(self._file, mark.model_dump_json().encode())


def called(mark: Mark) -> list[str]:
    """All names, each once, the longest cut."""
    every = {name[:LONGEST_NAME] for each in (*mark.names.values(), mark.places) for name in each if name}
    return sorted(every)[:MOST_NAMES]
