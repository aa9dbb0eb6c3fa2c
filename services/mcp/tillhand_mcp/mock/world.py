"""What the mock upstreams share: a shop, a clock, and a record of everything that was written to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tillhand_common.clock import Clock
from tillhand_mockshop.model import Shop

CLIENT_ID: Final = "mock-client"
CLIENT_SECRET: Final = "mock-secret"  # noqa: S105  # of a server that holds nothing
ACCESS_TOKEN: Final = "mock-token"  # noqa: S105  # of a server that holds nothing
BING_KEY: Final = "mock-bing-key"
GA4_PROPERTY: Final = "424242424"
SEARCH_CONSOLE_SITE: Final = "sc-domain:brackenlane.example"
BING_SITE: Final = "https://brackenlane.example/"


@dataclass(frozen=True, slots=True)
class Write:
    """One write that took effect: what a test counts. `key` is the idempotency key that came with it."""

    upstream: str
    operation: str
    key: str | None
    arguments: Mapping[str, Any]
    at: datetime


@dataclass(slots=True)
class World:
    """The state behind one mock server; each upstream keeps its own changes, `writes` lists them in order."""

    shop: Shop
    clock: Clock
    writes: list[Write] = field(default_factory=list)

    def wrote(self, upstream: str, operation: str, key: str | None, arguments: Mapping[str, Any]) -> None:
        """Put a write on record, once it has taken effect."""
        self.writes.append(Write(upstream, operation, key, arguments, self.clock.now()))
