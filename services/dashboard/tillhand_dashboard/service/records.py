"""Searches the audit log; by actor, too, which the approvals do not: pages are read until enough are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.recording import PAGE, VERIFIED, Recorded, Wanted, recorded
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.approvals import Approvals, ReportView
from tillhand_dashboard.ports.views import Row

READ_AT_ONCE: Final = 500
MOST_PAGES: Final = 10
"""Pages that one search by actor reads; the next one goes on from there."""
_NOT_THERE: Final = Failure("refused", "No verification is recorded under this number.", "Verify anew.", status=404)


@dataclass(frozen=True, slots=True)
class Listed:
    """Records in their order. `next_after` is the number after which an ascending list goes on, `next_before` that
    before which a descending one does; None where all were seen.
    """

    records: Sequence[Recorded]
    next_after: int | None = None
    next_before: int | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """A verification as the record keeps it: what was found, and under which record."""

    report: ReportView
    record: Recorded


async def listed(approvals: Approvals, person: Person, wanted: Wanted, newest: int) -> Result[Listed]:
    """A page of what is wanted: the newest records first, unless the search leaves some out or begins at a number."""
    if not wanted.is_narrowed and wanted.after is None and newest:
        end = newest if wanted.before is None else min(newest, wanted.before - 1)
        return await _descending(approvals, person, end)
    after = wanted.after or 0
    if wanted.actor:
        return await _by_actor(approvals, person, wanted, after)
    found = await approvals.records(person, after=after, limit=PAGE, **wanted.search)
    if isinstance(found, Failure):
        return found
    return _readable([*found.value.items], found.value.next_after)


async def arrived(approvals: Approvals, person: Person, seen: int, newest: int) -> Result[Listed]:
    """What was recorded after a number, the newest first; a page of it at most."""
    return await _descending(approvals, person, newest, after=seen)


async def verification(approvals: Approvals, person: Person, number: int) -> Result[Verified]:
    """What a verification has found that was recorded under this number."""
    found = await approvals.records(person, after=max(0, number - 1), limit=1)
    if isinstance(found, Failure):
        return found
    for row in found.value.items:
        if row.get("sequence") == number and row.get("type") == VERIFIED:
            try:
                return Found(Verified(ReportView.model_validate(row.get("data")), recorded(row)))
            except (ValidationError, KeyError, TypeError, ValueError, AttributeError):
                break
    return _NOT_THERE


async def _descending(approvals: Approvals, person: Person, end: int, *, after: int = 0) -> Result[Listed]:
    begin = max(after, end - PAGE)
    if end <= begin:
        return Found(Listed((), descending=True))
    found = await approvals.records(person, after=begin, limit=end - begin)
    if isinstance(found, Failure):
        return found
    readable = _readable([*found.value.items][::-1], None)
    if isinstance(readable, Failure):
        return readable
    return Found(Listed(readable.value.records, next_before=begin + 1 if begin else None, descending=True))


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
