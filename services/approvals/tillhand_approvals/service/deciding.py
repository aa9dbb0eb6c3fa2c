"""People decide: in one transaction with the record of it, so that of many at once one has effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tillhand_approvals.domain import deciding
from tillhand_approvals.domain.deciding import Decider, Rules
from tillhand_approvals.domain.happenings import Change
from tillhand_approvals.domain.lifecycle import DECIDED
from tillhand_approvals.domain.proposals import Json, Proposal
from tillhand_approvals.errors import ProposalNotFound, TooLateToUndo
from tillhand_approvals.ports.ledger import Ledger, Unit, View
from tillhand_approvals.ports.observer import Observer, Unobserved
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller, decider, record
from tillhand_approvals.service.editing import Editing, Prepared
from tillhand_common.clock import Clock

Verb = Literal["approve", "reject", "edit", "revise", "escalate", "undo", "settle"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants: `digest` is of the arguments that were looked at, `note` a reason or instructions."""

    verb: Verb
    digest: str | None = None
    note: str = ""
    arguments: Json | None = None
    role: str = ""
    outcome: Literal["executed", "failed"] = "failed"


class Deciding:
    """Carries out what people decide."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        clock: Clock,
        redactor: Redactor,
        editing: Editing,
        rules: Rules,
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer or Unobserved()
        self._ledger = ledger
        self._clock = clock
        self._redactor = redactor
        self._editing = editing
        self._rules = rules

    async def decide(self, caller: Caller, proposal_id: str, order: Order) -> Proposal:
        """The proposal after this decision. Raises what `domain.deciding` raises, or `ProposalNotFound`."""
        note = (await self._redactor.redact(caller.tenant, {"note": order.note})).value["note"] if order.note else ""
        prepared = await self._prepared(caller, proposal_id, order)
        async with self._ledger.writing(caller.tenant) as unit:
            proposal = await found(unit, proposal_id)
            person = await decider(unit, caller, self._clock.now(), note)
            change = await self._change(unit, proposal, person, order, prepared)
            await unit.replace(change.proposal)
            await record(unit, caller, proposal_id, change.happenings)
        if change.proposal.state in DECIDED:
            self._observer.decided(order.verb, (person.now - proposal.created_at).total_seconds())
        return change.proposal

    async def cancel(self, caller: Caller, proposal_id: str, note: str) -> Proposal:
        """The proposal, withdrawn by who proposed it or by a person. Raises `AlreadyDecided` or `ProposalNotFound`."""
        redacted = (await self._redactor.redact(caller.tenant, {"note": note})).value["note"] if note else ""
        async with self._ledger.writing(caller.tenant) as unit:
            proposal = await found(unit, proposal_id)
            if caller.actor.kind != "person" and caller.actor.id != proposal.requester.id:
                raise ProposalNotFound
            change = deciding.cancel(proposal, caller.actor, self._clock.now(), redacted)
            await unit.replace(change.proposal)
            await record(unit, caller, proposal_id, change.happenings)
        return change.proposal

    async def _prepared(self, caller: Caller, proposal_id: str, order: Order) -> Prepared | None:
        """Edited arguments, checked and redacted before anything is locked."""
        if order.verb != "edit" or order.arguments is None:
            return None
        async with self._ledger.reading(caller.tenant) as view:
            proposal = await found(view, proposal_id)
            return await self._editing.prepare(view, proposal, order.arguments)

    async def _change(
        self, unit: Unit, proposal: Proposal, person: Decider, order: Order, prepared: Prepared | None
    ) -> Change:
        if prepared is not None:
            edited = await self._editing.judged(unit, proposal, prepared)
            change = deciding.edit(proposal, person, order.digest or "", edited, self._rules)
            await self._editing.keep(unit, proposal, prepared)
            return change
        if order.verb == "undo":
            tool = await unit.tool(proposal.tool)
            if tool is None or str(tool.body["version"]) != proposal.tool_version:
                raise TooLateToUndo("The tool has changed since; propose it anew.")
        steps: dict[str, Callable[[], Change]] = {
            "approve": lambda: deciding.approve(proposal, person, order.digest or "", self._rules),
            "reject": lambda: deciding.reject(proposal, person, self._rules),
            "revise": lambda: deciding.revise(proposal, person, self._rules),
            "escalate": lambda: deciding.escalate(proposal, person, order.role),
            "undo": lambda: deciding.undo(proposal, person),
            "settle": lambda: deciding.settle(proposal, person, order.outcome),
        }
        return steps[order.verb]()


async def found(view: View, proposal_id: str) -> Proposal:
    """The proposal with this id. Raises `ProposalNotFound`."""
    proposal = await view.proposal(proposal_id)
    if proposal is None:
        raise ProposalNotFound
    return proposal
