"""A platform that everybody has used is backed up while it serves, lost, and restored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.shell import Ended, Shell
from tests.fakes.whole_platform import PASSWORD, platform
from tillhand_cli.backups.catalogue import Places, reason_without, store_of


async def tillhand(folder: Path, *arguments: str) -> Ended:
    ended = await Shell(folder, "").tillhand("backup", *arguments)
    assert ended.code == 0, ended.err
    return ended


@pytest.mark.timeout(120)
async def test_everything_is_there_again_after_all_was_lost(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    async with platform(folder) as before:
        await before.used()
        refused = await Shell(folder, "").tillhand("backup", "restore", "any")
        assert refused.code == 5
        made = (await tillhand(folder, "create", "--folder", str(elsewhere), "--json")).json
        assert set(made["running"]) == {"rag", "approvals", "mcp", "analytics", "dashboard"}
        known, recorded = await before.facts(), await before.record()
        still = await Shell(folder, "").tillhand("backup", "restore", made["path"])
        assert (still.code, "in use by process" in still.err) == (3, True)
        names = list(Places(folder, folder / "keys.json", folder / "actors").names())
        strange = [name for name in names if store_of(name) is None and reason_without(name) is None]
        assert strange == [], "neither in a backup nor in the list of what is left out"
        left = {name for name in names if store_of(name) is not None} - set(made["files"])
        assert left == set(), "it belongs in a backup, and is not in this one"
    shutil.rmtree(folder)
    await tillhand(folder, "restore", made["path"])
    async with platform(folder) as after:
        assert await after.facts() == known
        assert (await after.record())[-len(recorded) :] == recorded
        assert (await after.call("operator", "POST", "approvals", "/v1/audit/verify", {}))["ok"] is True
        assert (await after.ingest()).headers["idempotency-replayed"] == "true"
        async with after.browser() as visitor:
            await visitor.open("/")
            assert visitor.path == "/sign-in", "sessions are not in a backup"
            await visitor.send(name="operator", password=PASSWORD, next="/")
            assert "operator, admin" in visitor.text
