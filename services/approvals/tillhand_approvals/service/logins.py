"""What happens where accounts are kept, recorded for that service: who signed in or failed to, and what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tillhand_approvals.ports.ledger import Ledger
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller

About = Literal["account", "key"]
ChangeAction = Literal[
    "added",
    "disabled",
    "enabled",
    "role_changed",
    "link_made",
    "password_changed",
    "created",
    "rotated",
    "revoked",
]
Reason = Literal["password", "unknown", "locked", "throttled", "expired", "second_factor", "other"]


@dataclass(frozen=True, slots=True)
class Login:
    """An attempt: by which account, and where it failed, why."""

    account: str
    succeeded: bool
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody has changed about an account, or about the key of this id."""

    about: About
    target: str
    action: ChangeAction
    role: str | None = None


class Logins:
    """Records attempts and changes. What people type as a name becomes a pseudonym: they type all kinds of things."""

    def __init__(self, *, ledger: Ledger, redactor: Redactor) -> None:
        self._ledger = ledger
        self._redactor = redactor

    async def record(self, caller: Caller, login: Login) -> int:
        """Record an attempt; the number of the record."""
        name = await self._redactor.pseudonym(caller.tenant, login.account)
        data = {"account": name, **({} if login.reason is None else {"reason": login.reason})}
        async with self._ledger.writing(caller.tenant) as unit:
            if login.succeeded:
                return await unit.append(caller.entry("login.succeeded", data))
            return await unit.append(caller.entry("login.failed", data))

    async def record_change(self, caller: Caller, change: Change) -> int:
        """Record a change, under whoever made it; the number of the record."""
        role = {} if change.role is None else {"role": change.role}
        if change.about == "key":
            entry = caller.entry("key.changed", {"key": change.target, "action": change.action, **role})
        else:
            name = await self._redactor.pseudonym(caller.tenant, change.target)
            entry = caller.entry("account.changed", {"account": name, "action": change.action, **role})
        async with self._ledger.writing(caller.tenant) as unit:
            return await unit.append(entry)
