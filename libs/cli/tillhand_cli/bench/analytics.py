"""Analytics under load: figures that are known already, and the same ones calculated anew."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from tillhand_cli.bench.plan import Kind, Planned, Request, shuffled
from tillhand_cli.bench.settings import Say, Settings
from tillhand_common.http import UpstreamClient

AGAIN: Final = {"cache-control": "no-cache"}
ROUTES: Final = (
    ("skus", "/v1/inventory/skus"),
    ("at-risk", "/v1/inventory/at-risk"),
    ("reorder", "/v1/inventory/reorder"),
    ("kpis", "/v1/sales/kpis"),
    ("findings", "/v1/seo/findings"),
)
KNOWN: Final = tuple(Kind(f"{name}-cached", "GET", path, "cached", 2) for name, path in ROUTES)
ANEW: Final = tuple(Kind(f"{name}-recomputed", "GET", path, "recomputed", 1) for name, path in ROUTES)
KINDS: Final = (*KNOWN, *ANEW)


class Analytics:
    """The figures that an operator looks at most. Nothing is put in."""

    def __init__(self, settings: Settings) -> None:
        self._seed = settings.seed

    @asynccontextmanager
    async def planned(self, client: UpstreamClient, say: Say) -> AsyncIterator[Planned]:  # noqa: ARG002  # asks nothing
        """What to ask it."""
        yield Plan(self._seed)


class Plan:
    """Requests for figures, in an order that the seed decides."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # an order to repeat, no secret

    @property
    def kinds(self) -> Sequence[Kind]:
        """All sorts that it asks."""
        return KINDS

    def warm_up(self, count: int) -> list[Request]:
        """Every figure once, and a mix of so many on top."""
        return [_request(kind) for kind in KNOWN] + self.mix(count)

    def mix(self, count: int) -> list[Request]:
        """So many requests, each kind as often as its share says."""
        return [_request(kind) for kind in shuffled(self._random, count, KINDS)]


def _request(kind: Kind) -> Request:
    return Request(kind, kind.template, headers=AGAIN if kind in ANEW else {})
