"""Accounts in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tillhand_common.clock import rfc3339
from tillhand_common.problems import Conflict
from tillhand_dashboard.domain.accounts import Account
from tillhand_dashboard.store.database import Database

COLUMNS: Final = "name, role, created_at, disabled, coalesce(subject, ''), password IS NOT NULL"

_ADMINS: Final = "SELECT 1 FROM accounts WHERE role = 'admin' AND NOT disabled LIMIT 1"


class SqliteAccounts:
    """Keeps accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Account]:
        """Every account, by name."""
        query = f"SELECT {COLUMNS} FROM accounts ORDER BY name"  # noqa: S608  # a constant of ours
        return await self._database.run(lambda connection: [account_of(row) for row in connection.execute(query)])

    async def find(self, name: str) -> Account | None:
        """The account of this name."""
        return await self._one("name", name)

    async def of_subject(self, subject: str) -> Account | None:
        """The account of somebody whom the provider of identities knows by this name."""
        return await self._one("subject", subject)

    async def add(self, account: Account) -> bool:
        """Keep a new account; False where there is one of that name."""
        row = (account.name, account.role, rfc3339(account.created_at), account.disabled, account.subject or None)
        statement = "INSERT INTO accounts (name, role, created_at, disabled, subject) VALUES (?, ?, ?, ?, ?)"
        try:
            await self._database.run(lambda connection: connection.execute(statement, row))
        except sqlite3.IntegrityError:
            return False
        return True

    async def change(
        self, name: str, *, role: str | None = None, disabled: bool | None = None, keep_an_admin: bool = False
    ) -> bool:
        """Give an account another role, or bar it, which ends its sessions; False where there is none.

        With `keep_an_admin` raises `Conflict` where nobody would be left who may administer.
        """

        def work(connection: sqlite3.Connection) -> bool:
            statement = "UPDATE accounts SET role = coalesce(?, role), disabled = coalesce(?, disabled) WHERE name = ?"
            found = connection.execute(statement, (role, disabled, name)).rowcount > 0
            if disabled:
                connection.execute("DELETE FROM sessions WHERE name = ?", (name,))
                connection.execute("DELETE FROM links WHERE name = ?", (name,))
            if keep_an_admin and not connection.execute(_ADMINS).fetchone():
                raise Conflict("Nobody would be left who may administer.")
            return found

        return await self._database.run(work)

    async def password_hash(self, name: str) -> str | None:
        """The hash of an account's password, if it has one."""
        query = "SELECT password FROM accounts WHERE name = ?"
        row = await self._database.run(lambda connection: connection.execute(query, (name,)).fetchone())
        return None if row is None else row[0]

    async def set_password(self, name: str, hashed: str) -> None:
        """Keep another hash."""
        statement = "UPDATE accounts SET password = ? WHERE name = ?"
        await self._database.run(lambda connection: connection.execute(statement, (hashed, name)))

    async def _one(self, column: str, value: str) -> Account | None:
        query = f"SELECT {COLUMNS} FROM accounts WHERE {column} = ?"  # noqa: S608  # names of columns, of ours
        row = await self._database.run(lambda connection: connection.execute(query, (value,)).fetchone())
        return None if row is None else account_of(row)


def account_of(row: Sequence[object]) -> Account:
    """An account out of `COLUMNS`."""
    name, role, created_at, disabled, subject, has_password = row
    return Account(
        name=str(name),
        role=role,  # type: ignore[arg-type]  # only roles are ever written
        created_at=datetime.fromisoformat(str(created_at)),
        disabled=bool(disabled),
        subject=str(subject),
        has_password=bool(has_password),
    )
