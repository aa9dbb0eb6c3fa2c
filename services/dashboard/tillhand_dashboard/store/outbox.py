"""What is not recorded yet, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.ports.recording import Told
from tillhand_dashboard.store.database import Database


class SqliteOutbox:
    """Keeps what somebody did, until it is recorded."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, told: Told) -> None:
        """Keep it."""
        assert told.person is not None  # noqa: S101  # what nobody did is not kept here
        row = (told.key, told.path, json.dumps(told.body), told.person.name, told.person.role)
        statement = "INSERT INTO outbox (key, path, body, name, role) VALUES (?, ?, ?, ?, ?)"
        await self._database.run(lambda connection: connection.execute(statement, row))

    async def waiting(self) -> Sequence[Told]:
        """Everything that is kept, the oldest first."""
        query = "SELECT path, body, name, role, key FROM outbox ORDER BY number"
        rows = await self._database.run(lambda connection: connection.execute(query).fetchall())
        return [Told(path, json.loads(body), Person(name, role), key) for path, body, name, role, key in rows]

    async def drop(self, key: str) -> None:
        """It is recorded."""
        statement = "DELETE FROM outbox WHERE key = ?"
        await self._database.run(lambda connection: connection.execute(statement, (key,)))
