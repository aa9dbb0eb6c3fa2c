"""A platform that everybody has used is backed up while it serves, lost, and restored."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.shell import Shell
from tests.fakes.whole_platform import PASSWORD, platform
from tillhand_approvals.store.tables import NEWEST
from tillhand_cli.backups.catalogue import Places, reason_without, store_of
from tillhand_cli.backups.errors import StillRunning
from tillhand_cli.backups.restoring import restore
from tillhand_common.clock import SystemClock
from tillhand_rag.domain.backups import SCHEMA_VERSION as TRUTH_VERSION
from tillhand_rag.store.ledger import SCHEMA_VERSION as LEDGER_VERSION

HANGS_S: Final = 300
"""What nothing here takes, however busy the machine."""


async def tillhand(folder: Path, *arguments: str) -> dict[str, Any]:
    ended = await Shell(folder, "").tillhand("backup", *arguments, "--json")
    assert ended.code == 0, ended.err
    return ended.json


@pytest.mark.timeout(HANGS_S)
async def test_everything_is_there_again_after_all_was_lost(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    places = Places(folder, folder / "keys.json", folder / "actors", elsewhere)
    async with platform(folder) as before:
        await before.used()
        recorded = await before.record()
        made = await tillhand(folder, "create", "--folder", str(elsewhere))
        assert set(made["running"]) == {"rag", "approvals", "mcp", "analytics", "dashboard"}
        known = await before.facts()
        names = list(places.names())
        strange = [name for name in names if store_of(name) is None and reason_without(name) is None]
        assert strange == [], "neither in a backup nor in the list of what is left out"
        left = {name for name in names if store_of(name) is not None} - set(made["files"])
        assert left == set(), "it belongs in a backup, and is not in this one"
        with pytest.raises(StillRunning, match="in use by process"):
            restore(places, Path(made["path"]), SystemClock(), database_url=None, passphrase=None)
    shutil.rmtree(folder)
    await tillhand(folder, "restore", made["path"])
    async with platform(folder) as after:
        assert (await after.record())[: len(recorded)] == recorded
        assert await after.facts() == known
        assert (await after.call("operator", "POST", "approvals", "/v1/audit/verify", {}))["ok"] is True
        assert (await after.ingest()).headers["idempotency-replayed"] == "true"
        async with after.browser() as visitor:
            await visitor.open("/")
            assert visitor.path == "/sign-in", "sessions are not in a backup"
            await visitor.send(name="operator", password=PASSWORD, next="/")
            assert "operator, admin" in visitor.text


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("approvals/approvals.sqlite3", NEWEST),
        ("rag/indexes/main-000001/truth.sqlite3", str(TRUTH_VERSION)),
        ("rag/ledger.sqlite3", str(LEDGER_VERSION)),
    ],
)
def test_a_backup_knows_the_newest_tables_of_each_service(name: str, version: str) -> None:
    store = store_of(name)
    assert store is not None
    assert store.schema == version
