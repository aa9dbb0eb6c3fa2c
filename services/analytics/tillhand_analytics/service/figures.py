"""Calculates figures from the current shop, once for each question, and says where each comes from."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np

from tillhand_analytics.domain.provenance import Method, Parameter, Provenance, Source, Stamp, digest_of, mode_of
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.ports.observing import Observer
from tillhand_analytics.ports.sources import Loaded
from tillhand_analytics.service.reading import Reading
from tillhand_common.clock import Clock

T = TypeVar("T")
KEPT: Final = 256
"""Answers that are kept, of the latest shop only."""
_Key = tuple[str, str, tuple[tuple[str, Parameter], ...]]


# What one question has calculated again already; None where what is known will do.
_Anew: TypeAlias = dict[_Key, "asyncio.Future[Figure[Any]]"] | None


@dataclass(frozen=True, slots=True)
class Figure(Generic[T]):
    """A value, and where it comes from."""

    value: T
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked: a name that is unique in the service, the sources that it rests on, its method, and how.

    `compute` is a pure function of the shop, and of the answers to `needs` in their order; it runs in a thread. What
    has the same name and parameters is calculated once for a shop, however many ask at a time.
    """

    name: str
    uses: Collection[Source]
    method: Method
    compute: Callable[..., T]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    needs: tuple[Question[Any], ...] = ()


class Figures:
    """Answers questions."""

    def __init__(self, reading: Reading, clock: Clock, observer: Observer) -> None:
        self._reading = reading
        self._clock = clock
        self._observer = observer
        self._kept: OrderedDict[_Key, asyncio.Future[Figure[Any]]] = OrderedDict()

    async def of(self, question: Question[T], *, again: bool = False) -> Figure[T]:
        """The answer; calculated `again`, with all that it needs, even if it is known.

        Raises `SourceUnavailable`, and what `compute` raises.
        """
        return await self._at(question, await self._reading.current(), {} if again else None)

    async def _at(self, question: Question[T], loaded: Loaded, anew: _Anew) -> Figure[T]:
        _require(question, loaded)
        key = (loaded.digest, question.name, tuple(sorted(question.parameters.items())))
        known = self._kept.get(key) if anew is None else anew.get(key)
        if known is None:
            known = self._begin(key, question, loaded, anew)
        elif known.done():
            self._observer.figure(question.name, "cached", 0.0)
        self._kept.move_to_end(key)
        figure: Figure[T] = await asyncio.shield(known)
        return Figure(figure.value, self._provenance(question, loaded, figure.provenance))

    def _begin(self, key: _Key, question: Question[T], loaded: Loaded, anew: _Anew) -> asyncio.Future[Figure[T]]:
        current = self._reading.loaded or loaded
        for old in [each for each in self._kept if each[0] not in {loaded.digest, current.digest}]:
            del self._kept[old]
        task: asyncio.Future[Figure[T]] = asyncio.ensure_future(self._computed(question, loaded, anew))
        if anew is not None:
            anew[key] = task
        task.add_done_callback(lambda done: self._forget_failure(key, done))
        self._kept[key] = task
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return task

    def _forget_failure(self, key: _Key, done: asyncio.Future[Figure[Any]]) -> None:
        """Whoever asked may have gone away: a failure is not kept, and one that nobody reads is no news."""
        if (done.cancelled() or done.exception() is not None) and self._kept.get(key) is done:
            del self._kept[key]

    async def _computed(self, question: Question[T], loaded: Loaded, anew: _Anew) -> Figure[T]:
        needed = [(await self._at(each, loaded, anew)).value for each in question.needs]
        began = self._clock.monotonic()
        try:
            value = await asyncio.to_thread(question.compute, loaded.shop, *needed)
        except BaseException:
            self._observer.figure(question.name, "failed", self._clock.monotonic() - began)
            raise
        self._observer.figure(question.name, "computed", self._clock.monotonic() - began)
        return Figure(value, self._provenance(question, loaded, None))

    def _provenance(self, question: Question[T], loaded: Loaded, computed: Provenance | None) -> Provenance:
        """Of the shop as it stands now; when it was calculated, as it was."""
        stamps = tuple(stamp for stamp in loaded.stamps if stamp.source in question.uses)
        return Provenance(
            mode=mode_of(stamps or loaded.stamps),
            sources=stamps,
            first_day=_day(loaded.shop.first_day),
            last_day=_last_day(loaded.shop, stamps),
            time_zone=loaded.shop.time_zone,
            currency=loaded.shop.currency,
            digest=digest_of(f"{stamp.source}:{stamp.digest}" for stamp in stamps),
            method=question.method,
            computed_at=self._clock.now() if computed is None else computed.computed_at,
            parameters=question.parameters,
        )


def _require(question: Question[Any], loaded: Loaded) -> None:
    """A source with credentials that gave nothing is no source of zeros. Raises `SourceUnavailable`."""
    for source in question.uses:
        if (problem := loaded.lacking.get(source)) is not None:
            raise type(problem)(problem.detail)


def _day(value: np.datetime64) -> date:
    day: date = value.astype("datetime64[D]").item()
    return day


def _last_day(shop: Shop, stamps: tuple[Stamp, ...]) -> date:
    """The last day for which all sources are whole."""
    ends = [stamp.complete_through for stamp in stamps if stamp.complete_through is not None]
    return min([_day(shop.last_day), *ends])
