"""Arguments that a person has changed: checked, redacted, digested anew, and judged by the policies again."""

from __future__ import annotations

from dataclasses import dataclass

from tillhand_approvals.domain.canonical import digest_of
from tillhand_approvals.domain.changes import patch, redacted_patch
from tillhand_approvals.domain.deciding import Edit
from tillhand_approvals.domain.proposals import RISKS, Json, Proposal
from tillhand_approvals.domain.redaction.hiding import without
from tillhand_approvals.errors import ErasedSubject, InvalidArguments, PolicyDenies, ToolNotRegistered
from tillhand_approvals.ports.judging import Call, Judge
from tillhand_approvals.ports.ledger import Kept, Unit, View
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.vault import IDENTITY, Vault
from tillhand_common.clock import Clock


@dataclass(frozen=True, slots=True)
class Prepared:
    """Edited arguments as they were typed, and in their redacted form; `changes` is the patch, redacted."""

    arguments: Json
    digest: str
    redacted: Json
    changes: tuple[Json, ...]
    subject: tuple[str, str] | None = None
    """Whom it concerns now, and the pseudonym."""


class Editing:
    """Takes edited arguments in."""

    def __init__(self, *, judge: Judge, redactor: Redactor, vault: Vault, clock: Clock) -> None:
        self._judge = judge
        self._redactor = redactor
        self._vault = vault
        self._clock = clock

    async def prepare(self, view: View, proposal: Proposal, arguments: Json) -> Prepared:
        """Check and redact edited arguments. Raises `ToolNotRegistered`, `InvalidArguments` or `ErasedSubject`."""
        tool = await registered(view, proposal.tool)
        valid(self._judge, tool, arguments)
        digest = digest_of(arguments)
        before = await self._vault.opened(view, proposal.id, f"arguments:{proposal.proposed_digest}")
        redacted = (await self._redactor.redact(view.tenant, {"arguments": arguments})).value["arguments"]
        identity = self._judge.subject(tool, arguments)
        subject = None
        if identity is not None:
            subject = identity, await self._redactor.pseudonym(view.tenant, identity)
            redacted = without(redacted, *subject)
        changes = tuple(redacted_patch(patch(before, arguments), redacted))
        return Prepared(arguments, digest, redacted, changes, subject)

    async def judged(self, view: View, proposal: Proposal, prepared: Prepared) -> Edit:
        """What the policies ask for the edited arguments.

        Raises `PolicyDenies`, `ToolNotRegistered`, or what is true again since they were prepared: `InvalidArguments`
        where the tool has changed, `ErasedSubject` where the proposal was erased.
        """
        tool = await registered(view, proposal.tool)
        valid(self._judge, tool, prepared.arguments)
        if await view.sealed(proposal.id, f"arguments:{proposal.proposed_digest}") is None:
            raise ErasedSubject
        risk = max(proposal.risk, self._judge.risk(tool), key=RISKS.index)
        call = Call(tool, prepared.arguments, risk, proposal.requester, self._clock.now())
        verdict = self._judge.verdict(await view.policies(), call)
        if verdict.action == "deny":
            raise PolicyDenies(verdict.requirement.reason, extensions={"rule": verdict.requirement.rule})
        return Edit(prepared.redacted, prepared.digest, risk, verdict.requirement, prepared.changes)

    async def keep(self, unit: Unit, proposal: Proposal, prepared: Prepared) -> None:
        """Keep the edited arguments as they were typed, under the key of whom they concern now."""
        subject = proposal.subject or proposal.id
        if prepared.subject is not None:
            identity, subject = prepared.subject
            if identity != subject:
                await self._vault.keep(unit, subject, IDENTITY, subject, identity)
        await self._vault.keep(unit, proposal.id, f"arguments:{prepared.digest}", subject, prepared.arguments)


async def registered(view: View, name: str) -> Kept:
    """The tool of this name. Raises `ToolNotRegistered`: what nobody registered is denied."""
    tool = await view.tool(name)
    if tool is None:
        raise ToolNotRegistered(field="body.tool")
    return tool


def valid(judge: Judge, tool: Kept, arguments: Json) -> None:
    """Raise `InvalidArguments` unless the tool's schema takes these."""
    faults = judge.faults(tool, arguments)
    if faults:
        listed = [{"pointer": fault.pointer, "message": fault.message} for fault in faults]
        raise InvalidArguments(
            f"{faults[0].pointer or '/'} {faults[0].message}", field="body.arguments", extensions={"faults": listed}
        )
