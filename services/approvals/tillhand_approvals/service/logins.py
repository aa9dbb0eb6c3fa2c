"""Who has signed in elsewhere, and who has failed to: recorded for the service that keeps the accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tillhand_approvals.ports.ledger import Ledger
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller

Reason = Literal["password", "unknown", "locked", "throttled", "expired", "second_factor", "other"]


@dataclass(frozen=True, slots=True)
class Login:
    """An attempt: by which account, and where it failed, why."""

    account: str
    succeeded: bool
    reason: Reason | None = None


class Logins:
    """Records attempts. An account that is no id of an actor becomes a pseudonym: people type all kinds of things."""

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
