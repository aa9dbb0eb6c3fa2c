"""Reads one proposal with all that a person needs to decide about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tillhand_dashboard.domain.accounts import DECIDING, Person
from tillhand_dashboard.domain.changes import Place, compared, edits, is_change
from tillhand_dashboard.domain.evidence import Evidence, sorted_out, span
from tillhand_dashboard.domain.inbox import DONE
from tillhand_dashboard.domain.proposal_values import Member, Shown, members, plain, shown
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.approvals import Approvals, ProposalView
from tillhand_dashboard.ports.knowledge import Knowledge

AROUND: Final = 600
"""Characters of a source that are shown on either side of what is quoted."""
_MOST_RECORDS: Final = 200
_SAID: Final = {
    "proposal.created": "proposed this",
    "proposal.escalated": "passed this on",
    "proposal.expired": "It expired",
    "proposal.cancelled": "withdrew this",
    "decision.made": "decided",
    "decision.undone": "took the decision back",
    "execution.started": "began to do it",
    "execution.finished": "finished",
    "execution.reported_late": "reported late",
    "execution.lost": "It is not known whether it was done",
    "note.added": "commented",
    "vault.viewed": "looked at what is withheld",
    "access.refused": "was refused",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    time: datetime
    who: str
    what: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """A proposal as its page shows it. `full`: what is withheld is shown, and the look was recorded.

    `roles` are those to which it can be passed on.
    """

    proposal: ProposalView
    arguments: Sequence[Member]
    cut: bool
    evidence: Evidence
    edits: Sequence[Place]
    why: Shown
    history: Sequence[Step]
    roles: Sequence[str] = ()
    full: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """What a citation quotes, in the text around it."""

    title: str
    before: str
    quote: str
    after: str
    matches: bool


async def read(approvals: Approvals, person: Person, proposal_id: str, *, full: bool = False) -> Result[Detail]:
    """One proposal, with its history as far as the person may see it."""
    found = await approvals.proposal(person, proposal_id, full=full)
    if isinstance(found, Failure):
        return found
    proposal = found.value
    seen: Mapping[str, Any] = proposal.full if full and proposal.full is not None else {}
    arguments, cut = members(seen.get("arguments", proposal.arguments))
    evidence = sorted_out(seen.get("evidence", proposal.evidence))
    why = shown(seen.get("justification", proposal.justification))
    history, roles = await _history(approvals, person, proposal), await _roles(approvals, person, proposal)
    return Found(Detail(proposal, arguments, cut, evidence, edits(proposal.changes), why, history, roles, bool(seen)))


async def comparison(approvals: Approvals, person: Person, place: tuple[str, int]) -> Result[str]:
    """The whole of what one piece of a proposal's evidence says would change, as text."""
    proposal_id, number = place
    found = await approvals.proposal(person, proposal_id)
    if isinstance(found, Failure):
        return found
    evidence = found.value.evidence
    if number >= len(evidence) or not is_change(evidence[number]):
        return Failure("refused", "This evidence says of no change.", "", "not-found", 404)
    return Found(plain(compared(evidence[number])))


async def passage(
    approvals: Approvals, knowledge: Knowledge, person: Person, place: tuple[str, int]
) -> Result[Passage]:
    """What a citation of a proposal's evidence quotes, at its place in the source as it is now."""
    proposal_id, number = place
    found = await approvals.proposal(person, proposal_id)
    if isinstance(found, Failure):
        return found
    evidence = found.value.evidence
    cited = evidence[number] if number < len(evidence) else {}
    if (where := span(cited)) is None:
        return Failure("refused", "This evidence names no place in a source.", "", "not-found", 404)
    document, collection, start, end = where
    first = max(0, start - AROUND)
    text = await knowledge.text(person, document, collection, first, end + AROUND)
    if isinstance(text, Failure):
        return text
    whole, offset = text.value.text, text.value.start
    quote = whole[start - offset : end - offset]
    matches = " ".join(quote.split()) == " ".join(str(cited.get("quote", "")).split())
    title = plain(str(cited.get("title") or cited.get("source") or document))
    return Found(Passage(title, plain(whole[: start - offset]), plain(quote), plain(whole[end - offset :]), matches))


async def _roles(approvals: Approvals, person: Person, proposal: ProposalView) -> Sequence[str]:
    """Whom the policy lets decide, or else every role there is; the one that it waits for already is no other."""
    if proposal.state != "pending" or not person.may("approvals:decide"):
        return ()
    roles = set(proposal.requirement.roles)
    if not roles:
        known = await approvals.roles(person)
        roles = {*DECIDING, *(() if isinstance(known, Failure) else known.value)}
    return sorted(roles - {proposal.assignee})


async def _history(approvals: Approvals, person: Person, proposal: ProposalView) -> Sequence[Step]:
    if person.may("audit:read"):
        records = await approvals.records(person, subject=proposal.id, limit=_MOST_RECORDS)
        if not isinstance(records, Failure) and records.value.items:
            return [_step(each) for each in records.value.items]
    steps = [Step(proposal.created_at, proposal.requester.id, "proposed this")]
    steps += [Step(each.time, each.actor, "approved") for each in proposal.votes]
    if (made := proposal.decision) is not None:
        steps.append(Step(made.time, made.actor, DONE.get(made.verb, made.verb), plain(made.note)))
    if proposal.outcome is not None:
        steps.append(Step(proposal.outcome.time, "", f"Outcome: {proposal.outcome.status.replace('_', ' ')}"))
    return steps


def _step(record: Mapping[str, Any]) -> Step:
    actor, data = record.get("actor") or {}, record.get("data") or {}
    kind = str(record["type"])
    verb = str(data.get("verb") or data.get("decision") or "")
    what = DONE.get(verb, _SAID[kind]) if kind == "decision.made" else _SAID.get(kind, kind.replace(".", " "))
    note = data.get("note") or data.get("text") or data.get("reason") or ""
    time = datetime.fromisoformat(str(record["time"]))
    return Step(time, str(actor.get("id", "")), plain(what), plain(str(note))[:2_000])
