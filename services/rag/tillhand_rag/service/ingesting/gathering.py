"""What a source gives, piece by piece, whichever kind of source it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from tillhand_rag.domain.jobs import Failure

T = TypeVar("T")

MOST_TOGETHER: Final = 32
MOST_BYTES_TOGETHER: Final = 4 * 1024 * 1024
"""So much is read, embedded and stored at a time: it bounds memory, what a crash undoes, and how long others wait."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file or page as it came. `digest` is the SHA-256 (hex) of its bytes."""

    data: bytes
    digest: str
    filename: str
    media_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The web server says that it is what we have."""


@dataclass(frozen=True, slots=True)
class Item:
    """One name of a source, and what is there. `gone`: what was stored under this name may be removed."""

    name: str
    outcome: Content | Unchanged | Failure
    gone: bool = False


class Gatherer(Protocol):
    """Goes through a source once. `total` is how much there is, None while that cannot be known.

    `complete` holds after the last batch: whether a name that did not come has vanished. `ignored` counts files that
    were left out on purpose.
    """

    total: int | None
    complete: bool
    ignored: int

    def batches(self) -> AsyncGenerator[Sequence[Item], None]:
        """Everything, a little at a time, in an order that is the same each time. Raises `SourceUnavailable`."""
        ...


def grouped(sized: Sequence[tuple[T, int]]) -> Iterator[list[T]]:
    """Groups of things with their sizes, in order, each within the bounds on number and bytes."""
    group: list[T] = []
    held = 0
    for thing, size in sized:
        if group and (len(group) >= MOST_TOGETHER or held + size > MOST_BYTES_TOGETHER):
            yield group
            group, held = [], 0
        group.append(thing)
        held += size
    if group:
        yield group
