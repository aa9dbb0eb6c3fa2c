"""One process owns a data directory, and one embedding space."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.embedder import fake_space
from tests.fakes.shelved import document, found, opened
from tillhand_rag.errors import EmbeddingSpaceChanged, StoreDamaged, StoreInUse
from tillhand_rag.store import open_store

REPOSITORY = Path(__file__).resolve().parents[2]
OWNER = """
import asyncio, sys
from pathlib import Path
from tests.fakes.shelved import document, opened

async def own(folder: Path) -> None:
    async with opened(folder) as store:
        await store.put("default", [document("a", "kept by the other process")])
        print("owning", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(own(Path(sys.argv[1])))
"""


def owner(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "owning\n"
    return process


async def test_a_second_process_is_refused_and_told_who_owns_the_directory(tmp_path: Path) -> None:
    with owner(tmp_path) as process:
        try:
            async with asyncio.timeout(1.0):
                with pytest.raises(StoreInUse) as refused:
                    await open_store(tmp_path, fake_space())
        finally:
            process.kill()
    message = str(refused.value)
    assert f"process {process.pid} on {os.uname().nodename} since 20" in message
    assert "python" in message


async def test_a_directory_whose_owner_was_killed_is_taken_over(tmp_path: Path) -> None:
    with owner(tmp_path) as process:
        process.kill()
    assert json.loads((tmp_path / "owner.lock").read_text())["pid"] == process.pid
    async with opened(tmp_path) as store:
        assert json.loads((tmp_path / "owner.lock").read_text())["pid"] == os.getpid()
        assert await found(store, "other process") == {"a"}


async def test_a_store_cannot_be_opened_twice_in_one_process_either(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(StoreInUse, match=str(os.getpid())):
            await open_store(tmp_path, fake_space())
    async with opened(tmp_path) as store:
        assert await store.collections() == []


async def test_vectors_of_another_space_are_refused_with_the_way_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [document("a", "some text")])
    with pytest.raises(EmbeddingSpaceChanged, match=r"hashing .* other .* ingest the documents again"):
        await open_store(tmp_path, fake_space("other"))
    async with opened(tmp_path) as store:
        assert await found(store, "text") == {"a"}


async def test_an_empty_store_takes_the_space_of_whoever_opens_it(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    store = await open_store(tmp_path, fake_space("other"))
    await store.close()
    store = await open_store(tmp_path, fake_space("other"))
    await store.close()


async def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "truth.sqlite3").write_bytes(b"this is no database, but somebody's own file" * 100)
    before = (tmp_path / "truth.sqlite3").read_bytes()
    with pytest.raises(StoreDamaged, match="Restore it from a backup"):
        await open_store(tmp_path, fake_space())
    assert (tmp_path / "truth.sqlite3").read_bytes() == before
