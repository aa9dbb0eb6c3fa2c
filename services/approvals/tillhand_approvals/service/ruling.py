"""Who may decide what: policies, the kill switch, roles and delegations; each change is on record."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tillhand_approvals.domain.actors import Delegation
from tillhand_approvals.domain.canonical import digest_of
from tillhand_approvals.domain.policies import Facts, Past, Policies, Trial, judged, tried
from tillhand_approvals.domain.proposals import Proposal
from tillhand_approvals.errors import (
    DelegationNotFound,
    ErasedSubject,
    InvalidPeriod,
    InvalidPolicies,
    NotEligible,
    PoliciesChanged,
    SealBroken,
)
from tillhand_approvals.ports.documents import Documents
from tillhand_approvals.ports.ledger import Kept, Ledger, Switch, View, Wish
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.vault import Vault
from tillhand_common.clock import Clock, rfc3339

MOST_TRIED = 500
"""Proposals, the newest, on which policies are tried."""


@dataclass(frozen=True, slots=True)
class InForce:
    """Policies, with their version (0: those that come with the service), author and time."""

    policies: Policies
    body: Mapping[str, Any]
    version: int
    author: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What other policies would have changed; `skipped` proposals could not be tried, such as erased ones."""

    trial: Trial
    skipped: int


class Ruling:
    """Reads and writes the rules."""

    def __init__(self, *, ledger: Ledger, clock: Clock, documents: Documents, vault: Vault, redactor: Redactor) -> None:
        self._redactor = redactor
        self._ledger = ledger
        self._clock = clock
        self._documents = documents
        self._vault = vault

    async def policies(self, caller: Caller) -> InForce:
        """The policies in force."""
        async with self._ledger.reading(caller.tenant) as view:
            return self._in_force(await view.policies())

    async def versions(self, caller: Caller) -> list[InForce]:
        """All versions that people have written, newest first."""
        async with self._ledger.reading(caller.tenant) as view:
            return [self._in_force(each) for each in await view.policy_versions()]

    async def write(self, caller: Caller, body: Mapping[str, Any], expected: int | None = None) -> InForce:
        """Put policies in force for what is proposed, or edited, from now on.

        Raises `InvalidPolicies` naming each fault, or `PoliciesChanged` unless this version is in force.
        """
        policies = self._read(body)
        async with self._ledger.writing(caller.tenant) as unit:
            present = await unit.policies()
            version = 0 if present is None else present.version
            if expected is not None and expected != version:
                raise PoliciesChanged(extensions={"version": version})
            kept = Kept(self._documents.body(policies), caller.actor.id, self._clock.now(), version=version + 1)
            await unit.put_policies(kept)
            data = {"version": kept.version, "rules": len(policies.rules), "digest": digest_of(kept.body)}
            await unit.append(caller.entry("policy.changed", data))
        return self._in_force(kept)

    async def try_out(self, caller: Caller, body: Mapping[str, Any]) -> Tried:
        """What these policies would have said of the newest proposals. Nothing changes. Raises `InvalidPolicies`.

        What proposals hold as it came can be found out by conditions, so whoever asks is recorded first.
        """
        policies = self._read(body)
        async with self._ledger.writing(caller.tenant) as unit:
            await unit.append(caller.entry("policy.tried", {"digest": digest_of(self._documents.body(policies))}))
        async with self._ledger.reading(caller.tenant) as view:
            present = self._in_force(await view.policies()).policies
            tools = {each.name: self._documents.tool(each.body) for each in await view.tools()}
            page = await view.proposals(Wish(limit=MOST_TRIED))
            past = []
            for proposal in page.proposals:
                arguments = await self._arguments(view, proposal)
                tool = tools.get(proposal.tool)
                if arguments is None or tool is None:
                    continue
                facts = Facts(
                    tool=tool.name,
                    writes=tool.writes,
                    risk=proposal.risk,
                    requester=proposal.requester.id,
                    kind=proposal.requester.kind,
                    arguments=arguments,
                    amount=tool.amount_of(arguments),
                    time=proposal.created_at,
                )
                past.append(Past(proposal.id, facts, judged(present, facts)))
        return Tried(tried(policies, past), len(page.proposals) - len(past))

    async def _arguments(self, view: View, proposal: Proposal) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = await self._vault.opened(view, proposal.id, f"arguments:{proposal.digest}")
        except (ErasedSubject, SealBroken):
            return None
        return found

    async def switch(self, caller: Caller) -> Switch:
        """The kill switch."""
        async with self._ledger.reading(caller.tenant) as view:
            return await view.switch()

    async def turn(self, caller: Caller, *, stopped: bool, note: str) -> Switch:
        """Stop all execution, or let it go on; turning it to where it stands is recorded too."""
        note = (await self._redactor.redact(caller.tenant, {"note": note})).value["note"] if note else ""
        turned = Switch(stopped, caller.actor.id, self._clock.now())
        async with self._ledger.writing(caller.tenant) as unit:
            await unit.put_switch(turned)
            await unit.append(caller.entry("switch.changed", {"stopped": stopped, "note": note}))
        return turned

    async def roles(self, caller: Caller) -> Mapping[str, frozenset[str]]:
        """The members of each role."""
        async with self._ledger.reading(caller.tenant) as view:
            return await view.roles()

    async def put_role(self, caller: Caller, role: str, members: Collection[str]) -> None:
        """Name the members of a role; nobody left removes it.

        Raises `NotEligible` for somebody who adds themselves to a role that others have.
        """
        async with self._ledger.writing(caller.tenant) as unit:
            present = (await unit.roles()).get(role, frozenset())
            if present and caller.actor.id in members and caller.actor.id not in present:
                raise NotEligible("Nobody gives themselves a role that others have.", field="body.members")
            await unit.put_role(role, members)
            await unit.append(caller.entry("role.changed", {"role": role, "members": sorted(set(members))}))

    async def delegations(self, caller: Caller) -> Sequence[Delegation]:
        """All delegations."""
        async with self._ledger.reading(caller.tenant) as view:
            return await view.delegations()

    async def delegate(
        self, caller: Caller, taker: str, roles: frozenset[str], begins_at: datetime | None, ends_at: datetime
    ) -> Delegation:
        """Let somebody decide in the caller's place, in roles that the caller has.

        Raises `NotEligible`, or `InvalidPeriod` where it would end before it begins.
        """
        begins_at = begins_at or self._clock.now()
        if ends_at <= max(begins_at, self._clock.now()):
            raise InvalidPeriod("It has to end after it begins, and in the future.", field="body.ends_at")
        made = Delegation(secrets.token_hex(16), caller.actor.id, taker, roles, begins_at, ends_at)
        async with self._ledger.writing(caller.tenant) as unit:
            own = {role for role, members in (await unit.roles()).items() if caller.actor.id in members}
            if not roles <= own | caller.actor.roles:
                raise NotEligible("Nobody lends a role that they do not have.", field="body.roles")
            await unit.put_delegation(made)
            data = {"delegation": made.id, "taker": taker, "roles": sorted(roles), "ends_at": rfc3339(ends_at)}
            await unit.append(caller.entry("delegation.made", data))
        return made

    async def revoke(self, caller: Caller, delegation_id: str) -> None:
        """End a delegation now: its giver, or its taker. Raises `DelegationNotFound`."""
        async with self._ledger.writing(caller.tenant) as unit:
            found = [each for each in await unit.delegations() if each.id == delegation_id]
            if not found or caller.actor.id not in (found[0].giver, found[0].taker):
                raise DelegationNotFound
            await unit.put_delegation(replace(found[0], revoked_at=self._clock.now()))
            await unit.append(caller.entry("delegation.revoked", {"delegation": delegation_id}))

    def _read(self, body: Mapping[str, Any]) -> Policies:
        policies, faults = self._documents.policies(body)
        if policies is None:
            listed = [{"pointer": each.pointer, "message": each.message} for each in faults]
            raise InvalidPolicies(
                f"{faults[0].pointer or '/'} {faults[0].message}", field="body", extensions={"faults": listed}
            )
        return policies

    def _in_force(self, kept: Kept | None) -> InForce:
        if kept is None:
            built_in = self._documents.built_in()
            return InForce(built_in, self._documents.body(built_in), 0, "tillhand", None)
        return InForce(self._documents.kept(kept.body), kept.body, kept.version, kept.author, kept.time)
