"""Who acts: people, agents and services, the roles of people, and what they let others do in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

ActorKind = Literal["person", "agent", "service", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody within a tenant. `id` is what self-approval compares, so it is the same in every session."""

    id: str
    kind: ActorKind
    roles: frozenset[str] = frozenset()


SYSTEM: Final = Actor("system", "system")
"""Time itself: expiry, escalation, leases that were lost."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """One person lets another decide in their place, in some of their roles, for some time."""

    id: str
    giver: str
    taker: str
    roles: frozenset[str]
    begins_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is in force: from its beginning, until just before its end."""
        return self.begins_at <= now < self.ends_at and (self.revoked_at is None or now < self.revoked_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """In which roles somebody decides: their own, and by delegation those of `giver`."""

    actor: Actor
    role: str | None
    giver: str | None = None


def standing(
    actor: Actor, wanted: frozenset[str], delegations: Iterable[Delegation], now: datetime, *, barred: frozenset[str]
) -> Standing | None:
    """As whom somebody may decide where one of these roles is wanted; their own role comes first.

    No roles wanted means that every person may. `barred` are people in whose place nobody decides here: who proposed,
    and who has decided already. None: there is no way.
    """
    if not wanted:
        return Standing(actor, None)
    own = sorted(wanted & actor.roles)
    if own:
        return Standing(actor, own[0])
    for each in sorted(delegations, key=lambda delegation: delegation.id):
        lent = sorted(wanted & each.roles)
        if each.taker == actor.id and each.holds(now) and each.giver not in barred and lent:
            return Standing(actor, lent[0], each.giver)
    return None
