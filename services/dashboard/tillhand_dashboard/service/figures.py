"""Figures of analytics in the shape that pages show: rows of written cells, and where they come from."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from pydantic import Field, ValidationError

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.figures import Column
from tillhand_dashboard.domain.origins import NOWHERE, Origin, Read
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.analytics import Analytics
from tillhand_dashboard.ports.views import Row, Table, Value, View

MOST_ROWS: Final = 1_000
"""Rows that analytics gives at once."""
MOST_PAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Ask:
    """A table that a page shows: where it is, in which columns, and in which order where nobody says another."""

    path: str
    columns: Sequence[Column]
    sort: str = ""
    limit: int = 25
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows of a table, and where they come from."""

    ask: Ask
    rows: Sequence[Row]
    total: int
    next_cursor: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Single:
    """One answer that is no table."""

    value: Row
    origin: Origin


class Figures:
    """Asks analytics."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def tables(self, person: Person, *asks: Ask) -> list[Result[Shown]]:
        """Several tables, beside one another."""
        return await asyncio.gather(*(self.table(person, ask) for ask in asks))

    async def table(self, person: Person, ask: Ask, cursor: str = "") -> Result[Shown]:
        """A page of a table."""
        found = await self._page(person, ask, cursor, ask.limit)
        if isinstance(found, Failure):
            return found
        return Found(_shown(ask, found.value, found.value.items))

    async def whole(self, person: Person, ask: Ask) -> Result[Shown]:
        """All rows of a table, as far as `MOST_PAGES` reach."""
        found = await self._page(person, ask, "", MOST_ROWS)
        if isinstance(found, Failure):
            return found
        page, rows = found.value, [*found.value.items]
        while page.next_cursor and len(rows) < MOST_PAGES * MOST_ROWS:
            found = await self._page(person, ask, page.next_cursor, MOST_ROWS)
            if isinstance(found, Failure):
                return found
            page = found.value
            rows.extend(page.items)
        return Found(_shown(ask, page, rows))

    async def value(self, person: Person, path: str, **parameters: Any) -> Result[Single]:  # noqa: ANN401  # as the route takes them
        """An answer that is no table."""
        return single(await self._analytics.value(person, path, **parameters))

    async def sku(self, person: Person, sku: str) -> Result[Single]:
        """All that is known of one SKU."""
        return single(await self._analytics.sku(person, sku))

    async def _page(self, person: Person, ask: Ask, cursor: str, limit: int) -> Result[Table]:
        parameters = {**ask.parameters, "sort": ask.sort, "cursor": cursor, "limit": limit}
        return await self._analytics.table(person, ask.path, **parameters)


def single(found: Result[Value]) -> Result[Single]:
    """An answer that is no table, with where it comes from."""
    if isinstance(found, Failure):
        return found
    value = found.value.value
    return Found(Single(value if isinstance(value, Mapping) else {"value": value}, origin(found.value.provenance)))


def _shown(ask: Ask, page: Table, rows: Sequence[Row]) -> Shown:
    return Shown(ask, rows, page.total, page.next_cursor, origin(page.provenance))


class _Method(View):
    name: str = ""
    version: str = ""


class _Window(View):
    first_day: date
    last_day: date
    time_zone: str = ""


class _Read(View):
    source: str
    mode: str = ""
    fetched_at: datetime | None = None
    complete_through: date | None = None
    rows: int = 0
    stale: bool = False
    truncated: bool = False


class _Provenance(View):
    mode: str = ""
    sources: Sequence[_Read] = ()
    window: _Window | None = None
    currency: str = ""
    digest: str = ""
    method: _Method = _Method()
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    computed_at: datetime | None = None


def origin(provenance: Row) -> Origin:
    """Where a figure comes from; `NOWHERE` where that is told in another way than we know."""
    try:
        read = _Provenance.model_validate(provenance)
    except ValidationError:
        return NOWHERE
    window = read.window
    days = "" if window is None else f"{window.first_day} to {window.last_day} ({window.time_zone})"
    given = ((name.replace("_", " "), str(value)) for name, value in read.parameters.items() if value is not None)
    return Origin(
        mode=read.mode,
        sources=[Read(**each.model_dump()) for each in read.sources],
        window=days,
        currency=read.currency,
        digest=read.digest,
        method=read.method.name,
        version=read.method.version,
        parameters=tuple(given),
        computed_at=read.computed_at,
    )
