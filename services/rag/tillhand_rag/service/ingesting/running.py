"""One run of an ingestion: reads what has changed, a little at a time, and leaves a trace that a next run goes by."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, Protocol

from tillhand_common.problems import Problem
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.ports.manifest import Manifest, Taken
from tillhand_rag.ports.store import DocumentRecord
from tillhand_rag.service.ingesting.counting import Telling, taken_of
from tillhand_rag.service.ingesting.gathering import Content, Gatherer, Item, Unchanged
from tillhand_rag.service.ingesting.knowing import Known
from tillhand_rag.service.ingestion import Ingested
from tillhand_rag.service.preparing import Upload

AT_ONCE: Final = 2
"""One group is being embedded while the next one is parsed."""
STRIKES: Final = 3
"""A file is given up when the process died so often while it alone was read."""


class Ingesting(Protocol):
    """Stores many uploads; see `Ingestion`."""

    async def ingest_all(self, uploads: Sequence[Upload]) -> Ingested: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with."""

    ingestion: Ingesting
    manifest: Manifest


class Run:
    """Takes everything that a gatherer gives. `seen` are the names that the source still has.

    What was being stored when a process died is taken alone the next time, since it may be what the process died of.
    """

    def __init__(self, tools: Tools, known: Known, telling: Telling, job_id: str) -> None:
        self.seen: set[str] = set()
        self._suspects: set[str] = set()
        self._tools = tools
        self._known = known
        self._lane, self._collection = known.lane, known.collection
        self._telling = telling
        self._job_id = job_id

    async def take_all(self, gatherer: Gatherer) -> None:
        """Read the source once. Raises what the first group that failed has raised."""
        self._suspects.update(await self._tools.manifest.begun(self._lane))
        places = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as tasks, aclosing(gatherer.batches()) as batches:
                async for items in batches:
                    self._found(gatherer.total)
                    if self._suspects:
                        await self._take_apart(items)
                        continue
                    await places.acquire()
                    task = tasks.create_task(self._take(items))
                    task.add_done_callback(lambda _: places.release())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        self._found(gatherer.total)

    async def _take_apart(self, items: Sequence[Item]) -> None:
        """Take each suspect while nothing else is under way, and then the others."""
        for item in items:
            if item.name in self._suspects:
                self._suspects.discard(item.name)
                await self._take([item], alone=True)
        others = [item for item in items if item.name not in self.seen]
        if others:
            await self._take(others)

    def _found(self, total: int | None) -> None:
        if self._telling.counts.found != total:
            self._telling.counts.found = total
            self._telling.tell("reading")

    async def _take(self, items: Sequence[Item], *, alone: bool = False) -> None:
        self.seen.update(item.name for item in items if not item.gone)
        contents = {item.name: item.outcome for item in items if isinstance(item.outcome, Content)}
        same = [item.name for item in items if isinstance(item.outcome, Unchanged)]
        known = await self._tools.manifest.taken(self._lane, [*contents, *same])
        intact = await self._known.intact(list(known.values()))
        changed = {name: it for name, it in contents.items() if name not in intact or intact[name].digest != it.digest}
        changed = self._without_fatal(changed, known)
        if changed:
            await self._store(changed, known, alone=alone)
        for name in [*contents, *same]:
            if name in intact and name not in changed:
                self._telling.counts.add_known(known[name], self._job_id)
        for item in items:
            if isinstance(item.outcome, Failure):
                self._telling.refuse(item.outcome)
        self._telling.counts.done += len(items)
        await self._telling.passed("reading", achieved=bool(changed))

    async def _store(self, changed: Mapping[str, Content], known: Mapping[str, Taken], *, alone: bool) -> None:
        """Store what has changed. That it was about to is noted before, so that a crash leaves nothing unaccounted."""
        before = await self._before(list(changed), known)
        await self._begin(changed, before, known, strike=alone)
        names = list(changed)
        try:
            done = await self._tools.ingestion.ingest_all(
                [_upload(self._collection, name, changed[name]) for name in names]
            )
        except (Problem, asyncio.CancelledError):
            await self._begin(changed, before, known, strike=False)  # whatever it was, nobody died of it
            raise
        refused = {names[at]: problem for at, problem in done.refused.items()}
        for name, problem in refused.items():
            self._telling.refuse(Failure(name, problem.slug, problem.detail))
        records: dict[str, dict[str, DocumentRecord]] = defaultdict(dict)
        for record in done.records:
            records[record.source][record.document_id] = record
        taken = [
            self._taken(name, content, records[name], before.get(name, {}))
            for name, content in changed.items()
            if name not in refused
        ]
        for each in taken:
            self._telling.counts.add(each)
        as_before = [known[name] for name in refused if name in known and known[name].documents]
        unknown = [name for name in refused if name not in known or not known[name].documents]
        await self._tools.manifest.settle(self._lane, self._collection, [*taken, *as_before], forget=unknown)

    async def _begin(
        self,
        changed: Mapping[str, Content],
        before: Mapping[str, Mapping[str, str]],
        known: Mapping[str, Taken],
        *,
        strike: bool,
    ) -> None:
        begun = [
            Taken(
                name,
                "",
                before.get(name, {}),
                job=self._job_id,
                begun=content.digest,
                strikes=_strikes(known.get(name), content) + strike,
            )
            for name, content in changed.items()
        ]
        await self._tools.manifest.settle(self._lane, self._collection, begun)

    def _without_fatal(self, changed: dict[str, Content], known: Mapping[str, Taken]) -> dict[str, Content]:
        """What can be read without dying of it, as far as that is known; the rest is refused."""
        fatal = [name for name, content in changed.items() if _strikes(known.get(name), content) >= STRIKES]
        for name in fatal:
            detail = f"The service died {STRIKES} times while it read this; it will be tried again when it changes."
            self._telling.refuse(Failure(name, "document-fatal", detail))
        return {name: content for name, content in changed.items() if name not in fatal}

    async def _before(self, names: Sequence[str], known: Mapping[str, Taken]) -> dict[str, Mapping[str, str]]:
        """What was stored of each name before this job, also where an attempt of it died while it was at it."""
        stored = await self._known.stored(names)
        died = {name for name in names if name in known and known[name].begun and known[name].job == self._job_id}
        return {name: known[name].documents if name in died else stored.get(name, {}) for name in names}

    def _taken(
        self, name: str, content: Content, records: Mapping[str, DocumentRecord], before: Mapping[str, str]
    ) -> Taken:
        return replace(
            taken_of(name, records, before, self._job_id),
            digest=content.digest,
            recipe=self._known.recipe,
            etag=content.etag,
            last_modified=content.last_modified,
        )


def _strikes(known: Taken | None, content: Content) -> int:
    return known.strikes if known is not None and known.begun == content.digest else 0


def _upload(collection: str, name: str, content: Content) -> Upload:
    return Upload(collection, name, content.data, content.filename, content.media_type)
