"""Backups and restores that are killed (SIGKILL) as soon as they have begun something: what was there is whole."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cli.shell import WITHOUT_ENV_FILE
from tillhand_cli.backups.catalogue import Places
from tillhand_cli.backups.making import make
from tillhand_cli.backups.restoring import every, take_back, verify
from tillhand_common.clock import SystemClock

HANGS_S: Final = 120.0
MAIL: Final = b"a line of a letter\n" * 200_000
"""Enough for each phase to last for a moment."""
Files = dict[str, bytes]


def written(folder: Path, content: bytes) -> None:
    for name in ("keys.json", "approvals/vault.keys", "keys/agent.key", "mcp/mailbox.jsonl"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def places(folder: Path) -> Places:
    return Places(folder, folder / "keys.json", folder / "actors", folder / "backups")


def made(folder: Path) -> Path:
    return make(places(folder), SystemClock(), database_url=None, passphrase=None)[1]


def kept(folder: Path) -> Files:
    """What services would find."""
    found = places(folder)
    names = [name for name in found.names() if not name.startswith(("before-", ".restoring/", "backups/", "."))]
    return {name: found.path(name).read_bytes() for name in names if not name.endswith(".lock")}


def there(folder: Path, seen: str) -> bool:
    return any(folder.glob(seen))


async def killed(folder: Path, seen: str, *arguments: str) -> None:
    """Run a command, and kill it as soon as a file is seen in the data folder, or let it end before that."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tillhand_cli", "backup", *arguments),
        env={**WITHOUT_ENV_FILE, "TILLHAND_DATA_DIR": str(folder)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(HANGS_S):
        while process.returncode is None and not there(folder, seen):  # noqa: ASYNC110  # another process tells nobody
            await asyncio.sleep(0)
        if process.returncode is None:
            os.kill(process.pid, 9)
        await process.wait()


@pytest.mark.timeout(3 * HANGS_S)
@pytest.mark.parametrize("seen", [".restoring/*", "restore.json"])
async def test_a_killed_restore_leaves_what_was_there_or_has_put_all_in_place(tmp_path: Path, seen: str) -> None:
    folder = tmp_path / "data"
    written(folder, MAIL)
    path = made(folder)
    new = kept(folder)
    written(folder, b"old")
    old = kept(folder)
    await killed(folder, seen, "restore", str(path))
    cut_short = (folder / "restore.json").exists()
    if not cut_short:
        assert kept(folder) in (old, new)
    assert take_back(places(folder), SystemClock()) is cut_short
    assert kept(folder) in ((old,) if cut_short else (old, new))
    assert not (folder / ".restoring").exists()


@pytest.mark.timeout(3 * HANGS_S)
@pytest.mark.parametrize("seen", ["backups/.making-*", "backups/*.unfinished"])
async def test_a_killed_backup_leaves_no_archive_that_is_not_whole(tmp_path: Path, seen: str) -> None:
    folder = tmp_path / "data"
    written(folder, MAIL)
    before = kept(folder)
    await killed(folder, seen, "create")
    assert kept(folder) == before
    for path, _ in every(folder / "backups"):
        verify(path, None, tmp_path / "work")
    assert made(folder).is_file()
    left = {path.name for path in (folder / "backups").iterdir() if path.suffix != ".tar"}
    assert left == {".making.lock"}
