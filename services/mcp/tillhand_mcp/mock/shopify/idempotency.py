"""Keys under which writes are done once, however often they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tillhand_common.clock import Clock

KEPT_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Done:
    """What was done under a key, and what was answered."""

    fingerprint: str
    payload: Mapping[str, Any]
    at: float


class Keys:
    """The keys of one app. Those `at_work` belong to requests that have not been answered yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._done: dict[str, Done] = {}
        self.at_work: set[str] = set()

    def find(self, key: str) -> Done | None:
        """Return what was done under a key, unless that is too long ago."""
        done = self._done.get(key)
        return done if done and self._clock.monotonic() - done.at < KEPT_S else None

    def keep(self, key: str, fingerprint: str, payload: Mapping[str, Any]) -> None:
        """Remember what was done under a key."""
        self._done[key] = Done(fingerprint, payload, self._clock.monotonic())

    def begin(self, keys: Iterable[str]) -> tuple[set[str], frozenset[str]]:
        """Take keys for one request; returns those it got and those that another one is at work under."""
        wanted = set(keys)
        busy = frozenset(wanted & self.at_work)
        mine = wanted - busy
        self.at_work |= mine
        return mine, busy

    def end(self, mine: set[str]) -> None:
        """Let go of the keys of a request."""
        self.at_work -= mine


def fingerprint(operation: str, arguments: Mapping[str, Any]) -> str:
    """Return what two calls have in common when they ask for the same."""
    return json.dumps([operation, arguments], sort_keys=True, default=str)
