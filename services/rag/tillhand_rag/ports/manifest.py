"""What every source gave, name by name, so that nothing unchanged is read twice and nothing that vanished stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file or page became: its documents with their versions, in the job that last changed something.

    `digest` is the SHA-256 of its bytes, and empty while nobody knows whether they were stored: then `documents` are
    those that were there before. `recipe` names the rules that it was read by. `etag` and `last_modified` are what a
    web server said of it. `begun` is the digest of what somebody began to store and has not come to the end of;
    `strikes` counts how often the process died while it did that and nothing else.
    """

    name: str
    digest: str
    documents: Mapping[str, str]
    recipe: str = ""
    job: str = ""
    chunks: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    etag: str | None = None
    last_modified: str | None = None
    begun: str = ""
    strikes: int = 0


class Manifest(Protocol):
    """Keeps what sources gave, by `lane`, durably. Each method raises `StoreUnavailable`."""

    async def taken(self, lane: str, names: Sequence[str]) -> dict[str, Taken]:
        """What is known of these names."""
        ...

    async def names(self, lane: str) -> Sequence[str]:
        """Every name that the source has given."""
        ...

    async def begun(self, lane: str) -> Sequence[str]:
        """The names of which somebody began to store something and has not come to the end of it."""
        ...

    async def settle(self, lane: str, collection: str, taken: Sequence[Taken], *, forget: Sequence[str] = ()) -> None:
        """Keep these, and forget others, together."""
        ...

    async def forget(self, lane: str) -> None:
        """Forget everything of a source."""
        ...

    async def forget_collection(self, collection: str) -> None:
        """Forget everything of a collection that is no more."""
        ...
