"""Making an index anew beside the live one, and going back: searches and writes go on all the while.

The next generation is filled from the live one until nothing differs, judged by the golden questions, and takes over in
a moment in which nobody writes. The generation before stays; going back fills it with what has changed since, the same
way. Whatever dies halfway leaves the live generation as it is, and a folder that the next start sweeps away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.domain.indexes import Generation, IndexSpec, Placement
from tillhand_rag.errors import GoldensFailed, IndexNotFound, NothingToRollBack, RebuildUnderWay
from tillhand_rag.ports.indexes import Placements
from tillhand_rag.service.indexes import Index, Indexes
from tillhand_rag.service.mirroring import Mirrored, mirror

Progress = Callable[[str, int, int], None]
"""Hears of the phase, the documents passed and how many there are."""

CLOSE_ENOUGH: Final = 64
"""So few documents that differ are copied while writers wait; with more, another round is made first."""
MOST_ROUNDS: Final = 8
_EPSILON: Final = 1e-9

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GoldenFigures:
    """How an index did on the golden questions."""

    questions: int
    passed: int

    @property
    def rate(self) -> float:
        """The share that it answered rightly, 0 to 1; 1 when none were asked."""
        return self.passed / self.questions if self.questions else 1.0


class GoldenCheck(Protocol):
    """Puts the golden questions of an index's collections to it."""

    async def figures(self, index: Index) -> GoldenFigures: ...


class Opening(Protocol):
    """Opens a generation of an index, making its folder where there is none."""

    async def __call__(self, name: str, generation: Generation) -> Index: ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild or a way back did. `moved` are collections that came from another index."""

    index: str
    generation: str
    before: str
    documents: int
    moved: Sequence[str]
    goldens: GoldenFigures
    goldens_before: GoldenFigures
    seconds: float


class Rebuilding:
    """Rebuilds, rolls back and moves. `wanted` are the specs that the settings ask for, by index.

    `turn` is held by whoever replaces an index, one at a time.
    """

    def __init__(
        self,
        *,
        indexes: Indexes,
        placements: Placements,
        opening: Opening,
        goldens: GoldenCheck,
        wanted: dict[str, IndexSpec],
        clock: Clock,
        tolerance: float,
        turn: asyncio.Lock,
    ) -> None:
        self._indexes = indexes
        self._placements = placements
        self._opening = opening
        self.goldens = goldens
        self._wanted = wanted
        self._clock = clock
        self._tolerance = tolerance
        self._turn = turn

    def placement(self, name: str) -> Placement:
        """Where an index stands. Raises `IndexNotFound`."""
        try:
            return self._placements.placements[name]
        except KeyError:
            raise IndexNotFound("There is no such index.", field="index") from None

    def previous(self, name: str) -> Generation:
        """The generation before. Raises `IndexNotFound` or `NothingToRollBack`."""
        previous = self.placement(name).previous
        if previous is None:
            raise NothingToRollBack("The index has no earlier generation.", field="index")
        return previous

    def wanted(self, name: str) -> IndexSpec:
        """What the settings ask an index to be made with; what it is made with when they no longer name it."""
        return self._wanted.get(name, self.placement(name).live.spec)

    async def misplaced(self) -> list[str]:
        """Collections that live in another index than the settings assign them to."""
        found = []
        for index in self._indexes.all():
            names = [each.name for each in await index.store.collections()]
            found += [each for each in names if self._indexes.home(each) != index.name]
        return sorted(found)

    async def rebuild(self, name: str, *, force: bool = False, progress: Progress = lambda *_: None) -> Rebuilt:
        """Make the index anew as the settings ask, and let it serve.

        Raises `IndexNotFound`, `RebuildUnderWay`, and `GoldensFailed` when it does worse on the golden questions and
        `force` was not given: then the live one goes on serving.
        """
        placement = self.placement(name)
        async with self._alone():
            moved = await self._move_in(name, progress)
            fresh = self._placements.next_generation(name, self.wanted(name), rfc3339(self._clock.now()))
            self._placements.place(name, replace(placement, building=fresh))
            try:
                return await self._replaced(name, fresh, moved, force=force, progress=progress)
            finally:
                await self._forget_building(name)

    async def rollback(self, name: str, *, progress: Progress = lambda *_: None) -> Rebuilt:
        """Let the generation before serve again, with everything that was written since.

        Raises `IndexNotFound`, `NothingToRollBack` or `RebuildUnderWay`.
        """
        previous = self.previous(name)
        async with self._alone():
            await self._indexes.released()
            return await self._replaced(name, previous, [], force=True, progress=progress)

    def _alone(self) -> asyncio.Lock:
        if self._turn.locked():
            raise RebuildUnderWay("An index is being rebuilt; wait until that is done.")
        return self._turn

    async def _replaced(
        self, name: str, generation: Generation, moved: Sequence[str], *, force: bool, progress: Progress
    ) -> Rebuilt:
        started = time.perf_counter()
        live = self._indexes.named(name)
        fresh = await self._opening(name, generation)
        try:
            done = await self._filled(live, fresh, progress)
            progress("checking", 0, 0)
            before, after = await self._checked(live, fresh, force=force)
            async with self._indexes.quiet(name):
                done += await mirror(live, fresh, await self._collections(live, fresh))
                self._placements.place(name, Placement(live=generation, previous=live.generation))
                self._indexes.replace(fresh)
        except BaseException:
            await fresh.close()
            raise
        self._indexes.retire(live)
        _log.info("index_replaced", index=name, generation=generation.name, before=live.generation.name)
        return Rebuilt(
            index=name,
            generation=generation.name,
            before=live.generation.name,
            documents=done.written,
            moved=moved,
            goldens=after,
            goldens_before=before,
            seconds=round(time.perf_counter() - started, 3),
        )

    async def _checked(self, live: Index, fresh: Index, *, force: bool) -> tuple[GoldenFigures, GoldenFigures]:
        before, after = await self.goldens.figures(live), await self.goldens.figures(fresh)
        if after.rate < before.rate - self._tolerance - _EPSILON and not force:
            raise GoldensFailed(
                f"The new index answers {after.passed} of {after.questions} golden questions, the live one "
                f"{before.passed} of {before.questions}. It was not put in place."
            )
        return before, after

    async def _filled(self, live: Index, fresh: Index, progress: Progress) -> Mirrored:
        """Copy until next to nothing differs, or writers turn out to be as quick as we are."""
        done = Mirrored()
        for _ in range(MOST_ROUNDS):
            passed, total = 0, sum(each.documents for each in await live.store.collections())

            def moved_on(count: int, total: int = total) -> None:
                nonlocal passed
                passed += count
                progress("embedding", passed, max(total, passed))

            differed = await mirror(live, fresh, await self._collections(live, fresh), moved_on)
            done += differed
            if differed.total <= CLOSE_ENOUGH:
                break
        return done

    async def _collections(self, live: Index, fresh: Index) -> list[str]:
        """What lives in this index, and what the fresh one holds of what no longer does."""
        names = {each.name for index in (live, fresh) for each in await index.store.collections()}
        return sorted(names)

    async def _move_in(self, name: str, progress: Progress) -> list[str]:
        """Bring over the collections that are assigned to this index and live elsewhere."""
        home = self._indexes.named(name)
        moved = []
        for collection in await self.misplaced():
            if self._indexes.home(collection) != name:
                continue
            source = self._indexes.of(collection)
            progress("moving", 0, 0)
            await mirror(source, home, [collection])
            async with self._indexes.quiet(source.name):
                await mirror(source, home, [collection])
                await source.removal.collection(collection)
            moved.append(collection)
        return moved

    async def _forget_building(self, name: str) -> None:
        """After a rebuild, done or not: only what is live, and what was before, stays on disk."""
        placement = self._placements.placements[name]
        if placement.building is not None:
            self._placements.place(name, replace(placement, building=None))
        await asyncio.to_thread(self._placements.sweep)
