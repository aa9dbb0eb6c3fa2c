"""Sessions and sign-in links in SQLite, known by the SHA-256 of their token: whoever reads the file cannot sign in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tillhand_common.clock import rfc3339
from tillhand_dashboard.ports.accounts import Origin, Session
from tillhand_dashboard.store.accounts import account_of
from tillhand_dashboard.store.database import Database

ID_LENGTH: Final = 16
"""Characters of the digest by which a page names a session; whoever knows them signs in nowhere."""
_QUERY: Final = (
    "SELECT name, role, created_at, disabled, coalesce(subject, ''), password IS NOT NULL, "
    "begun_at, used_at, ends_at, address, browser, digest FROM sessions JOIN accounts USING (name) "
)


class SqliteSessions:
    """Keeps sessions and links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, digest: str, name: str, now: datetime, ends_at: datetime, origin: Origin) -> None:
        """Keep a session; those that are over are forgotten."""
        row = (digest, name, rfc3339(now), rfc3339(now), rfc3339(ends_at), origin.address, origin.browser)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM sessions WHERE ends_at <= ?", (rfc3339(now),))
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", row)

        await self._database.run(work)

    async def session(self, digest: str) -> Session | None:
        """A session with its account, ended or not."""
        query = f"{_QUERY} WHERE digest = ?"
        row = await self._database.run(lambda connection: connection.execute(query, (digest,)).fetchone())
        return None if row is None else _session(row)

    async def of(self, name: str) -> Sequence[Session]:
        """Every session of an account, ended or not, the newest first."""
        query = f"{_QUERY} WHERE name = ? ORDER BY begun_at DESC, digest"
        rows = await self._database.run(lambda connection: connection.execute(query, (name,)).fetchall())
        return [_session(row) for row in rows]

    async def used(self, digest: str, now: datetime) -> None:
        """A session was used."""
        statement = "UPDATE sessions SET used_at = ? WHERE digest = ?"
        await self._database.run(lambda connection: connection.execute(statement, (rfc3339(now), digest)))

    async def end(self, digest: str) -> None:
        """Forget a session."""
        statement = "DELETE FROM sessions WHERE digest = ?"
        await self._database.run(lambda connection: connection.execute(statement, (digest,)))

    async def end_one(self, name: str, session_id: str) -> bool:
        """Forget the session of this account with this id; False where there is none."""
        statement = "DELETE FROM sessions WHERE name = ? AND substr(digest, 1, ?) = ?"
        row = (name, ID_LENGTH, session_id)
        return await self._database.run(lambda connection: connection.execute(statement, row).rowcount > 0)

    async def end_all(self, name: str, *, but: str = "") -> int:
        """Forget all sessions of an account, but the one with this digest; how many there were."""
        statement = "DELETE FROM sessions WHERE name = ? AND digest <> ?"
        return await self._database.run(lambda connection: connection.execute(statement, (name, but)).rowcount)

    async def put_link(self, digest: str, name: str, ends_at: datetime) -> None:
        """Keep a sign-in link in place of the account's others."""
        statement = "INSERT OR REPLACE INTO links VALUES (?, ?, ?)"
        row = (name, digest, rfc3339(ends_at))
        await self._database.run(lambda connection: connection.execute(statement, row))

    async def link(self, digest: str, now: datetime, *, take: bool) -> str | None:
        """Whose a link is that is still good; `take` uses it up."""
        found = (
            "DELETE FROM links WHERE digest = ? AND ends_at > ? RETURNING name"
            if take
            else "SELECT name FROM links WHERE digest = ? AND ends_at > ?"
        )
        row = await self._database.run(lambda connection: connection.execute(found, (digest, rfc3339(now))).fetchone())
        return None if row is None else str(row[0])


def _session(row: Sequence[str]) -> Session:
    """A session out of `_QUERY`."""
    address, browser, digest = row[9:]
    begun_at, used_at, ends_at = map(datetime.fromisoformat, row[6:9])
    return Session(account_of(row[:6]), begun_at, used_at, ends_at, Origin(address, browser), digest[:ID_LENGTH])
