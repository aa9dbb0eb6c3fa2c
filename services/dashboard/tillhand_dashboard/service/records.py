"""Searches the audit log; by actor, too, which the approvals do not: pages are read until enough are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.recording import PAGE, Recorded, Wanted, recorded
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.approvals import Approvals
from tillhand_dashboard.ports.views import Row

READ_AT_ONCE: Final = 500
MOST_PAGES: Final = 10
"""Pages that one search by actor reads; the next one goes on from there."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Records in their order, and the number after which the search goes on; None where it has seen all."""

    records: Sequence[Recorded]
    next_after: int | None


async def listed(approvals: Approvals, person: Person, wanted: Wanted, newest: int) -> Result[Listed]:
    """A page of what is wanted. Without a number to begin at and a filter it is the newest page."""
    after = wanted.after
    if after is None:
        after = 0 if wanted.is_narrowed else max(0, newest - PAGE)
    if wanted.actor:
        return await _by_actor(approvals, person, wanted, after)
    found = await approvals.records(person, after=after, limit=PAGE, **wanted.search)
    if isinstance(found, Failure):
        return found
    return _readable([*found.value.items], found.value.next_after)


async def _by_actor(approvals: Approvals, person: Person, wanted: Wanted, after: int) -> Result[Listed]:
    rows: list[Row] = []
    for _ in range(MOST_PAGES):
        found = await approvals.records(person, after=after, limit=READ_AT_ONCE, **wanted.search)
        if isinstance(found, Failure):
            return found
        rows += [row for row in found.value.items if (row.get("actor") or {}).get("id") == wanted.actor]
        if len(rows) > PAGE:
            return _readable(rows[:PAGE], int(rows[PAGE - 1]["sequence"]))
        if found.value.next_after is None:
            return _readable(rows, None)
        after = found.value.next_after
    return _readable(rows, after)


def _readable(rows: Sequence[Row], next_after: int | None) -> Result[Listed]:
    try:
        return Found(Listed([recorded(row) for row in rows], next_after))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Failure("unreadable", "The record: an answer of another kind came.", "Are both of the same version?")
