"""Copies of a PostgreSQL database for `tillhand backup`; one in SQLite is copied as a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tillhand_approvals.store.copying import copied_in, copied_out


def copy_database(address: str, target: Path) -> None:
    """Write what the database holds, as it is at one moment, to a new SQLite file. Raises `StartupError`."""
    asyncio.run(copied_out(address, target))


def fill_database(address: str, source: Path) -> None:
    """Put what such a file holds into an empty database: all of it, or nothing. Raises `StartupError`."""
    asyncio.run(copied_in(source, address))
