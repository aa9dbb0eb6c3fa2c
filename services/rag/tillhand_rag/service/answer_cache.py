"""Answers that were given, kept in memory to be given again: bounded in bytes, number and age, least used first out.

Nothing is ever taken back by hand. The key holds all that an answer depends on, so an answer whose collection or
corrections have changed is simply never found again, and makes room in time.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, fields, is_dataclass

from tillhand_common.clock import Clock, SystemClock
from tillhand_rag.service.answers import Answered


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """How much is kept, and for how long; no entries, or no bytes, keep nothing."""

    max_bytes: int = 32 * 1024 * 1024
    max_entries: int = 4_096
    max_age_s: float = 3_600.0


@dataclass(frozen=True, slots=True)
class _Kept:
    answered: Answered
    weight: int
    at: float


class AnswerCache:
    """Belongs to one event loop."""

    def __init__(self, options: CacheOptions | None = None, clock: Clock | None = None) -> None:
        self._options = options or CacheOptions()
        self._clock = clock or SystemClock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self.weight = 0

    def __len__(self) -> int:
        """Answers kept."""
        return len(self._kept)

    def get(self, key: Hashable) -> tuple[Answered, float] | None:
        """The answer kept under this key and its age in seconds."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        age_s = self._clock.monotonic() - kept.at
        if age_s > self._options.max_age_s:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.answered, age_s

    def put(self, key: Hashable, answered: Answered) -> None:
        """Keep an answer, unless it takes more than all of the room."""
        self._drop(key)
        weight = _weight(key) + _weight(answered)
        if weight > self._options.max_bytes:
            return
        self._kept[key] = _Kept(answered, weight, self._clock.monotonic())
        self.weight += weight
        while self.weight > self._options.max_bytes or len(self._kept) > self._options.max_entries:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.weight -= kept.weight


def _weight(value: object) -> int:
    """The bytes that a value takes with all that it holds; what is held twice counts twice."""
    weight = sys.getsizeof(value)
    if is_dataclass(value) and not isinstance(value, type):
        return weight + sum(_weight(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, dict):
        return weight + sum(_weight(key) + _weight(item) for key, item in value.items())
    if isinstance(value, list | tuple | frozenset):
        return weight + sum(map(_weight, value))
    return weight
