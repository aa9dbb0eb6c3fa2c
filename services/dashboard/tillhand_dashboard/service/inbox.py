"""Reads the approvals inbox: pages of proposals, searched and grouped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.inbox import Wanted
from tillhand_dashboard.domain.proposal_values import plain, told
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.approvals import Approvals, CountsView, ProposalPage, ProposalView

PAGE: Final = 50
MOST_SEARCHED: Final = 1_000
"""Proposals through which a search goes; it says when there are more."""
_STEP: Final = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A proposal in the list: what it is about in a line, and why."""

    proposal: ProposalView
    about: str
    why: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the page shows. `searched` counts what a search went through, 0 without one."""

    counts: Result[CountsView]
    groups: Sequence[tuple[str, Sequence[Entry]]]
    tools: Sequence[str]
    failure: Failure | None = None
    next_cursor: str | None = None
    searched: int = 0

    @property
    def number(self) -> int:
        """How many are shown."""
        return sum(len(entries) for _, entries in self.groups)


async def read(approvals: Approvals, person: Person, wanted: Wanted) -> Inbox:
    """The inbox as somebody wants it. What it takes is asked for at once."""
    counts, tools, (page, searched) = await asyncio.gather(
        approvals.counts(person), approvals.tools(person), _page(approvals, person, wanted)
    )
    names = [] if isinstance(tools, Failure) else sorted(str(each["name"]) for each in tools.value)
    if isinstance(page, Failure):
        return Inbox(counts, (), names, page)
    entries = [Entry(each, told(each.arguments), plain(each.justification[:200])) for each in page.items]
    return Inbox(counts, _grouped(entries, wanted), names, None, page.next_cursor, searched)


async def _page(approvals: Approvals, person: Person, wanted: Wanted) -> tuple[ProposalPage | Failure, int]:
    """A page of the list, and how many a search went through for it, 0 without one."""
    filters = {
        "state": list(wanted.states),
        "tool": [wanted.tool] if wanted.tool else [],
        "risk": [wanted.risk] if wanted.risk else [],
        "order": wanted.order,
    }
    if not wanted.q:
        asked = await approvals.proposals(person, **filters, limit=PAGE, cursor=wanted.cursor or None)
        return (asked if isinstance(asked, Failure) else asked.value), 0
    found = await _searched(approvals, person, wanted.q, filters)
    if isinstance(found, Failure):
        return found, min(MOST_SEARCHED, _STEP)
    return ProposalPage(items=found[0], next_cursor=None), found[1]


async def _searched(
    approvals: Approvals, person: Person, q: str, filters: Mapping[str, Any]
) -> tuple[Sequence[ProposalView], int] | Failure:
    found: list[ProposalView] = []
    seen, cursor, words = 0, None, q.lower().split()
    while seen < MOST_SEARCHED:
        page = await approvals.proposals(person, **filters, limit=_STEP, cursor=cursor)
        if isinstance(page, Failure):
            return page
        seen += len(page.value.items)
        found += [each for each in page.value.items if _holds(each, words)]
        if (cursor := page.value.next_cursor) is None:
            break
    return found[:_STEP], seen


def _holds(proposal: ProposalView, words: Sequence[str]) -> bool:
    parts = (proposal.id, proposal.tool, proposal.requester.id, proposal.subject, proposal.justification)
    text = " ".join([*filter(None, parts), str(proposal.arguments)[:20_000]]).lower()
    return all(word in text for word in words)


def _grouped(entries: Sequence[Entry], wanted: Wanted) -> Sequence[tuple[str, Sequence[Entry]]]:
    if not wanted.group:
        return [("", entries)] if entries else []

    def of(entry: Entry) -> str:
        proposal = entry.proposal
        named = {"tool": proposal.tool, "agent": proposal.requester.id, "customer": proposal.subject or "no customer"}
        return plain(named[wanted.group])

    return [(name, list(those)) for name, those in groupby(sorted(entries, key=of), key=of)]
