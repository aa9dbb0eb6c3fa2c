"""Accounts, changed in the file that a running console reads, too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tillhand_common.clock import SystemClock, rfc3339
from tillhand_common.settings import load
from tillhand_dashboard.service.accounts import Accounts
from tillhand_dashboard.settings import DashboardSettings
from tillhand_dashboard.store.accounts import SqliteAccounts
from tillhand_dashboard.store.database import Database
from tillhand_dashboard.store.sessions import SqliteSessions


async def add_account(name: str, role: str) -> str:
    """Make an account; the link by which its owner signs in. Raises `Problem`."""
    async with _accounts() as (accounts, base):
        await accounts.add(name, role)
        return f"{base}{await accounts.link(name)}"


async def list_accounts() -> list[dict[str, Any]]:
    """Every account, as a person reads it."""
    async with _accounts() as (accounts, _):
        return [
            {
                "name": account.name,
                "role": account.role,
                "state": "disabled" if account.disabled else "active",
                "signs_in_by": "provider" if account.subject else "password" if account.has_password else "link",
                "since": rfc3339(account.created_at),
            }
            for account in await accounts.all()
        ]


async def enable_account(name: str, *, enabled: bool) -> None:
    """Bar an account, or let it in again. Raises `Problem`."""
    async with _accounts() as (accounts, _):
        await accounts.enable(name, enabled=enabled)


async def link_account(name: str) -> str:
    """A link that signs in once. Raises `Problem`."""
    async with _accounts() as (accounts, base):
        return f"{base}{await accounts.link(name)}"


@asynccontextmanager
async def _accounts() -> AsyncIterator[tuple[Accounts, str]]:
    """The accounts, and where browsers reach the console."""
    settings = load(DashboardSettings)
    database = Database(settings.accounts_file)
    try:
        yield Accounts(SqliteAccounts(database), SqliteSessions(database), SystemClock()), settings.address
    finally:
        await database.aclose()
