"""What one mock server keeps beside its world: scripts, requests and budgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from tillhand_mcp.mock.arrivals import Arrival
from tillhand_mcp.mock.faults import Faults
from tillhand_mcp.mock.misbehaving import KEPT_REQUESTS
from tillhand_mcp.mock.quotas import Quotas
from tillhand_mcp.mock.world import World


@dataclass(frozen=True, slots=True)
class Mock:
    """A server's state; `requests` are the last ones that arrived, oldest first."""

    world: World
    faults: Faults
    requests: deque[Arrival]
    quotas: Quotas
    resets: tuple[Callable[[], object], ...]

    @classmethod
    def over(cls, world: World, resets: Sequence[Callable[[], object]] = ()) -> Self:
        """Return the state of a server that has just begun."""
        return cls(world, Faults(), deque(maxlen=KEPT_REQUESTS), Quotas(world.clock), tuple(resets))

    def reset(self) -> None:
        """Forget everything that has happened."""
        self.world.writes.clear()
        self.faults.clear()
        self.requests.clear()
        self.quotas.reset()
        for each in self.resets:
            each()
