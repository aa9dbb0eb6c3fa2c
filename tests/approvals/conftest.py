"""Both databases, for every test that asks for one."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fakes.postgres import Cluster, cluster, owner_exists, programs
from tillhand_approvals.store.database import Database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A server for the run. Its path is short: a socket's may have no more than 107 characters."""
    if programs() is None or not owner_exists():
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, cluster(Path(folder)) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where an empty database is, one of each kind in turn."""
    if request.param == "sqlite":
        return tmp_path / "approvals.sqlite3"
    running: Cluster = request.getfixturevalue("postgres")
    return running.new()


@pytest.fixture
async def database(where: str | Path) -> AsyncIterator[Database]:
    """An open database with all tables, one of each kind in turn."""
    opened = await Database.open(where)
    yield opened
    await opened.close()
