"""The audit log as it is read: dense, ordered by commit, one for each tenant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


class Row(NamedTuple):
    """A record as it is kept: `line` is all of it, in canonical JSON."""

    sequence: int
    type: str
    subject: str | None
    line: str
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Which records are asked for: those after a number, up to `limit`, perhaps of some types, a subject, a time."""

    after: int = 0
    limit: int = 100
    types: Collection[str] = ()
    subject: str | None = None
    since: datetime | None = None
    before: datetime | None = None


class Records(Protocol):
    """The records of all tenants."""

    async def head(self, tenant: str) -> int:
        """The number of the last record, 0 before the first."""
        ...

    async def after(self, tenant: str, sequence: int, limit: int) -> Sequence[Row]:
        """The records that follow this number, in order, at most `limit`: a gap never precedes a later record."""
        ...


class Log(Records, Protocol):
    """The records as they are searched, too."""

    async def page(self, tenant: str, search: Search) -> Sequence[Row]:
        """The records that are asked for, in order."""
        ...

    async def tenants(self) -> Sequence[tuple[str, int, str]]:
        """Every tenant that has a record, with the number and the hash of the last."""
        ...
