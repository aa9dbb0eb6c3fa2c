"""Agents propose: checked, judged by the policies, redacted, sealed, and kept in one transaction with its record."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tillhand_approvals.domain.canonical import digest_of
from tillhand_approvals.domain.executing import allowed_in_advance
from tillhand_approvals.domain.policies import Verdict
from tillhand_approvals.domain.proposals import RISKS, Json, Proposal, Risk
from tillhand_approvals.domain.redaction.hiding import without
from tillhand_approvals.errors import (
    IdempotencyConflict,
    PolicyDenies,
    ProposalNotFound,
    ToolNotRegistered,
    WrongState,
)
from tillhand_approvals.ports.judging import Call, Judge
from tillhand_approvals.ports.ledger import Kept, Ledger, Unit, View
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.deciding import found
from tillhand_approvals.service.editing import registered, valid
from tillhand_approvals.service.vault import ENTIRE, IDENTITY, Vault
from tillhand_common.clock import Clock


@dataclass(frozen=True, slots=True)
class Proposed:
    """What an agent proposes, as it came."""

    tool: str
    arguments: Json
    justification: str = ""
    evidence: tuple[Json, ...] = ()
    risk: Risk | None = None
    expires_in: timedelta | None = None
    on_behalf_of: str | None = None
    revises: str | None = None
    known: tuple[str, ...] = ()
    """Names and addresses of people that are known to be such: taken out wherever they stand."""


@dataclass(frozen=True, slots=True)
class _Redacted:
    arguments: Json
    justification: str
    evidence: tuple[Json, ...]
    subject: str | None


class Proposing:
    """Takes proposals in."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        clock: Clock,
        judge: Judge,
        redactor: Redactor,
        vault: Vault,
        execute_within: timedelta,
        new_id: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._judge = judge
        self._redactor = redactor
        self._vault = vault
        self._execute_within = execute_within
        self._new_id = new_id

    async def propose(
        self, caller: Caller, proposed: Proposed, idempotency_key: str | None = None
    ) -> tuple[Proposal, bool]:
        """The proposal, and whether it is new: the same key brings the same one again.

        Raises `ToolNotRegistered`, `InvalidArguments`, `PolicyDenies` (the refusal is on record),
        `IdempotencyConflict`, or, of a proposal that this one revises, `ProposalNotFound` or `WrongState`.
        """
        digest = digest_of({"proposed": _as_json(proposed)})
        async with self._ledger.reading(caller.tenant) as view:
            tool = await registered(view, proposed.tool)
            valid(self._judge, tool, proposed.arguments)
            known = await self._known(view, caller, idempotency_key, digest)
        if known is not None:
            return known, False
        redacted = await self._redact(caller.tenant, tool, proposed)
        async with self._ledger.writing(caller.tenant) as unit:
            if (await registered(unit, proposed.tool)).body != tool.body:
                raise ToolNotRegistered("The tool has just become another; propose it anew.", field="body.tool")
            known = await self._known(unit, caller, idempotency_key, digest)
            if known is not None:
                return known, False
            verdict = self._judge.verdict(await unit.policies(), self._call(caller, tool, proposed))
            if verdict.action != "deny":
                return await self._create(
                    unit, caller, tool, proposed, redacted, verdict, (idempotency_key, digest)
                ), True
            denial = {"tool": proposed.tool, "rule": verdict.requirement.rule, "arguments": redacted.arguments}
            await unit.append(caller.entry("proposal.denied", denial))
        raise PolicyDenies(verdict.requirement.reason, field="body.tool", extensions={"rule": verdict.requirement.rule})

    async def _known(self, view: View, caller: Caller, key: str | None, digest: str) -> Proposal | None:
        made = None if key is None else await view.made_with(caller.actor.id, key)
        if made is None:
            return None
        if made[0] != digest:
            raise IdempotencyConflict(field="header.Idempotency-Key")
        return await found(view, made[1])

    async def _redact(self, tenant: str, tool: Kept, proposed: Proposed) -> _Redacted:
        subject = self._judge.subject(tool, proposed.arguments)
        whole = {
            "arguments": proposed.arguments,
            "justification": proposed.justification,
            "evidence": list(proposed.evidence),
        }
        value = (await self._redactor.redact(tenant, whole)).value
        name = None if subject is None else await self._redactor.pseudonym(tenant, subject)
        if subject is not None and name is not None:
            value = without(value, subject, name)
        for each in proposed.known:
            value = without(value, each, "[PERSON]")
        return _Redacted(value["arguments"], value["justification"], tuple(value["evidence"]), name)

    def _call(self, caller: Caller, tool: Kept, proposed: Proposed) -> Call:
        risk = max(self._judge.risk(tool), proposed.risk or RISKS[0], key=RISKS.index)
        return Call(tool, proposed.arguments, risk, caller.actor, self._clock.now())

    async def _create(
        self,
        unit: Unit,
        caller: Caller,
        tool: Kept,
        proposed: Proposed,
        redacted: _Redacted,
        verdict: Verdict,
        key: tuple[str | None, str],
    ) -> Proposal:
        now = self._clock.now()
        if proposed.revises is not None:
            await self._expect_revisable(unit, caller, proposed.revises)
        proposal = self._made(caller, tool, proposed, redacted, verdict, now)
        await unit.create(proposal, *key)
        await self._seal(unit, proposal, tool, proposed)
        await unit.append(caller.entry("proposal.created", _told(proposal), proposal.id))
        return proposal

    def _made(
        self, caller: Caller, tool: Kept, proposed: Proposed, redacted: _Redacted, verdict: Verdict, now: datetime
    ) -> Proposal:
        digest = digest_of(proposed.arguments)
        proposal = Proposal(
            id=self._new_id(),
            tenant=caller.tenant,
            tool=tool.name,
            tool_version=str(tool.body["version"]),
            executor=tool.author,
            arguments=redacted.arguments,
            digest=digest,
            proposed_digest=digest,
            risk=self._call(caller, tool, proposed).risk,
            requester=replace(caller.actor, roles=frozenset()),
            requirement=verdict.requirement,
            created_at=now,
            updated_at=now,
            expires_at=now + min(verdict.expires_in, proposed.expires_in or verdict.expires_in),
            justification=redacted.justification,
            evidence=redacted.evidence,
            subject=redacted.subject,
            on_behalf_of=proposed.on_behalf_of,
            revises=proposed.revises,
        )
        return allowed_in_advance(proposal, now, self._execute_within) if verdict.action == "allow" else proposal

    async def _expect_revisable(self, unit: Unit, caller: Caller, proposal_id: str) -> None:
        revised = await found(unit, proposal_id)
        if revised.requester.id != caller.actor.id:
            raise ProposalNotFound(field="body.revises")
        if revised.state != "revise_requested":
            raise WrongState("Nobody has asked for it to be revised.", field="body.revises")

    async def _seal(self, unit: Unit, proposal: Proposal, tool: Kept, proposed: Proposed) -> None:
        subject = proposal.subject or proposal.id
        whole = {"justification": proposed.justification, "evidence": list(proposed.evidence)}
        await self._vault.keep(unit, proposal.id, f"arguments:{proposal.digest}", subject, proposed.arguments)
        await self._vault.keep(unit, proposal.id, ENTIRE, subject, whole)
        identity = self._judge.subject(tool, proposed.arguments)
        if proposal.subject is not None and identity != proposal.subject:  # a pseudonym says nothing about itself
            await self._vault.keep(unit, subject, IDENTITY, subject, identity)


def _as_json(proposed: Proposed) -> Json:
    return {
        "tool": proposed.tool,
        "arguments": proposed.arguments,
        "justification": proposed.justification,
        "evidence": list(proposed.evidence),
        "risk": proposed.risk,
        "expires_in_s": None if proposed.expires_in is None else proposed.expires_in.total_seconds(),
        "on_behalf_of": proposed.on_behalf_of,
        "revises": proposed.revises,
    }


def _told(proposal: Proposal) -> Json:
    """What the record says of a new proposal."""
    wanted = proposal.requirement
    return {
        "tool": proposal.tool,
        "tool_version": proposal.tool_version,
        "arguments": proposal.arguments,
        "digest": proposal.digest,
        "risk": proposal.risk,
        "justification": proposal.justification,
        "evidence": list(proposal.evidence),
        "state": proposal.state,
        "revision": proposal.revision,
        "policy": {
            "rule": wanted.rule,
            "version": wanted.policy_version,
            "author": wanted.author,
            "approvals": wanted.approvals,
            "roles": sorted(wanted.roles),
        },
    }
