"""Sessions: begun at a sign-in, known by a token that only the browser has, ended by idleness, by age or by hand."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from tillhand_common.clock import Clock
from tillhand_dashboard.domain.accounts import Account, Person
from tillhand_dashboard.ports.accounts import Origin, Session, SessionStore

NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly it is kept when a session was used last: a write per request would be one too many."""

NOWHERE: Final = Origin()


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

    async def begin(self, account: Account, former: str = "", origin: Origin = NOWHERE) -> str:
        """A new token for an account. The token that the browser had before is good no more."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        if former:
            await self._store.end(digest(former))
        await self._store.begin(digest(token), account.name, now, now + self.longest, origin)
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
        session = await self._store.session(digest(token))
        return session is not None and self._goes_on(session)

    async def of(self, person: Person) -> Sequence[Session]:
        """Where somebody is signed in, the newest first."""
        return [each for each in await self._store.of(person.name) if self._goes_on(each)]

    async def present(self, token: str) -> str:
        """The id of the session that belongs to a token; empty where there is none."""
        session = await self._store.session(digest(token))
        return "" if session is None else session.id

    async def end_one(self, person: Person, session_id: str) -> bool:
        """End one of somebody's own sessions; False where they have none of this id."""
        return await self._store.end_one(person.name, session_id)

    async def end_others(self, person: Person, token: str) -> int:
        """End all of somebody's own sessions but this one; how many there were."""
        return await self._store.end_all(person.name, but=digest(token))

    async def end(self, token: str) -> None:
        """Sign out."""
        await self._store.end(digest(token))

    def _goes_on(self, session: Session) -> bool:
        now = self._clock.now()
        return not session.account.disabled and now < session.ends_at and now - session.used_at <= self._idle
