"""What analytics keeps of its own: no source can be asked for it again, or not so often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from tillhand_analytics.domain.provenance import Mode, Source


@dataclass(frozen=True, slots=True)
class Report:
    """What a source told of one day: a line of JSON."""

    content: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Purchase:
    """A row of a purchase order to a supplier: a SKU. `received_on` is None until it is there."""

    id: str
    supplier: str
    sku: str
    ordered_on: date
    promised_on: date | None
    received_on: date | None
    ordered: int
    received: int


@dataclass(frozen=True, slots=True)
class Lying:
    """What of a SKU could be sold at one location."""

    variant_id: str
    location: str
    available: int


class Keeper(Protocol):
    """Keeps it. What is real and what is made up is kept apart, by its mode."""

    async def reports(self, source: Source, mode: Mode, first: date, last: date) -> Mapping[date, Report]:
        """Reports of some days, both in it."""
        ...

    async def keep_reports(self, source: Source, mode: Mode, reports: Mapping[date, Report]) -> None:
        """Keep reports, in the place of what was there for their days."""
        ...

    async def refunds(self, mode: Mode, ids: Collection[str]) -> Mapping[str, bytes]:
        """Refunds by their ids, as lines of JSON; those that are not kept are left out."""
        ...

    async def keep_refunds(self, mode: Mode, refunds: Mapping[str, bytes]) -> None:
        """Keep refunds; they never change."""
        ...

    async def note_stock(self, mode: Mode, day: date, stock: Sequence[Lying]) -> None:
        """Note what lies where on a day; the last note of a day is the one that counts."""
        ...

    async def forget_stock(self, before: date, at_most: int) -> int:
        """Forget rows of stock noted before a day, in every mode, at most so many at once. Returns how many went."""
        ...

    async def sold_out(self, mode: Mode, first: date, last: date) -> Mapping[date, tuple[str, ...]]:
        """The variants of which nothing was left, for each day on which stock was noted."""
        ...

    async def purchases(self, mode: Mode) -> Sequence[Purchase]:
        """All purchases, by day and id."""
        ...

    async def keep_purchases(self, mode: Mode, purchases: Sequence[Purchase]) -> None:
        """Keep purchases, in the place of rows with the same id and SKU."""
        ...

    async def aclose(self) -> None:
        """Let go of the file."""
        ...
