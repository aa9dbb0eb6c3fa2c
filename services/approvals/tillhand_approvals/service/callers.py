"""On whose behalf something is done, as use cases need to know it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.domain.deciding import Decider
from tillhand_approvals.domain.happenings import Happening
from tillhand_approvals.domain.proposals import Json
from tillhand_approvals.ports.ledger import Entry, Unit, View


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody of a tenant, in one request."""

    tenant: str
    actor: Actor
    request_id: str | None = None

    def entry(self, type_: str, data: Json, subject: str | None = None) -> Entry:
        """What the record is to say about something that they did."""
        return Entry(type_, data, self.actor, subject, self.request_id)


async def with_roles(view: View, actor: Actor) -> Actor:
    """The actor with the roles that they are a member of, beside those that they bring along."""
    member = {role for role, members in (await view.roles()).items() if actor.id in members}
    return replace(actor, roles=actor.roles | member)


async def decider(view: View, caller: Caller, now: datetime, note: str) -> Decider:
    """The caller as a person who decides, with the roles of everybody who lets them decide in their place."""
    roles = await view.roles()
    lent = []
    for each in await view.delegations(caller.actor.id):
        held = frozenset(role for role in each.roles if each.giver in roles.get(role, frozenset()))
        lent.append(replace(each, roles=held))
    return Decider(await with_roles(view, caller.actor), now, tuple(lent), note)


async def record(unit: Unit, caller: Caller, subject: str, happenings: Collection[Happening]) -> None:
    """Add what happened to the record."""
    for each in happenings:
        await unit.append(caller.entry(each.type, each.data, subject))
