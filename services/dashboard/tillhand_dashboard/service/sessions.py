"""Sessions: begun at a sign-in, known by a token that only the browser has, ended by idleness, by age or by hand."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from tillhand_common.clock import Clock
from tillhand_dashboard.domain.accounts import Account, Person
from tillhand_dashboard.ports.accounts import SessionStore

NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly it is kept when a session was used last: a write per request would be one too many."""


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, store: SessionStore, clock: Clock, *, idle: timedelta, longest: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._idle = idle
        self.longest: Final = longest

    async def begin(self, account: Account, former: str = "") -> str:
        """A new token for an account. The token that the browser had before is good no more."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        if former:
            await self._store.end(digest(former))
        await self._store.begin(digest(token), account.name, now, now + self.longest)
        return token

    async def person(self, token: str) -> Person | None:
        """Who is signed in by a token; None where nobody is, or no longer."""
        if not token:
            return None
        name, now = digest(token), self._clock.now()
        session = await self._store.session(name)
        if session is None or session.account.disabled:
            return None
        if now >= session.ends_at or now - session.used_at > self._idle:
            await self._store.end(name)
            return None
        if now - session.used_at >= NOTED_EVERY:
            await self._store.used(name, now)
        return Person(session.account.name, session.account.role)

    async def holds(self, token: str) -> bool:
        """Whether a session goes on, without counting as its use: an open page keeps nobody signed in."""
        session, now = await self._store.session(digest(token)), self._clock.now()
        if session is None or session.account.disabled:
            return False
        return now < session.ends_at and now - session.used_at <= self._idle

    async def end(self, token: str) -> None:
        """Sign out."""
        await self._store.end(digest(token))
