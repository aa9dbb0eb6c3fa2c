"""Accounts as those who manage them see them, and the links by which people sign in for the first time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from tillhand_common.clock import Clock
from tillhand_common.problems import Conflict, InvalidInput
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import NAME, ROLES, Account
from tillhand_dashboard.ports.accounts import AccountStore, SessionStore
from tillhand_dashboard.service.sessions import digest

LINK_LASTS: Final = timedelta(hours=24)
FIRST: Final = "operator"
"""The account of the first start."""


class Accounts:
    """Makes accounts, bars them, and hands out sign-in links."""

    def __init__(self, accounts: AccountStore, sessions: SessionStore, clock: Clock) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._clock = clock

    async def all(self) -> Sequence[Account]:
        """Every account, by name."""
        return await self._accounts.all()

    async def add(self, name: str, role: str, *, subject: str = "") -> Account:
        """Make an account without a password. Raises `InvalidInput`, `Conflict`."""
        if NAME.fullmatch(name) is None:
            raise InvalidInput("A name is made of a-z, 0-9 and . _ @ -, 64 characters at most.", field="name")
        known = next((each for each in ROLES if each == role), None)
        if known is None:
            raise InvalidInput(f"A role is one of {', '.join(ROLES)}.", field="role")
        account = Account(name, known, self._clock.now(), subject=subject)
        if not await self._accounts.add(account):
            raise Conflict("There is an account of this name already.", field="name")
        return account

    async def enable(self, name: str, *, enabled: bool) -> None:
        """Let an account sign in, or bar it and end its sessions. Raises `UnknownAccount`."""
        if not await self._accounts.change(name, disabled=not enabled):
            raise errors.UnknownAccount

    async def link(self, name: str) -> str:
        """The path of a link that signs in once, within a day. Raises `UnknownAccount` for one that is barred, too."""
        account = await self._accounts.find(name)
        if account is None or account.disabled:
            raise errors.UnknownAccount("There is no such account, or it is disabled.")
        token = secrets.token_urlsafe(32)
        await self._sessions.put_link(digest(token), name, self._clock.now() + LINK_LASTS)
        return f"/sign-in/link/{token}"

    async def first_link(self) -> str | None:
        """A link for the first operator, made anew at each start until somebody has set a password; then None."""
        known = await self._accounts.all()
        if not known:
            known = [await self.add(FIRST, "admin")]
        fresh = len(known) == 1 and not (known[0].has_password or known[0].subject or known[0].disabled)
        return await self.link(known[0].name) if fresh else None
