"""A derived index that is missing, damaged, old or foreign is built again; a damaged truth is said and left alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.embedder import fake_space
from tests.fakes.shelved import document, found, opened, vector
from tillhand_rag.errors import StoreDamaged
from tillhand_rag.store import open_store

NAMES = [f"d{number}" for number in range(20)]
Harm = Callable[[Path], None]


def removed(pattern: str) -> Harm:
    def harm(folder: Path) -> None:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return harm


def garbled(pattern: str) -> Harm:
    """Every byte but the length of the files is lost."""

    def harm(folder: Path) -> None:
        paths = [path for path in folder.glob(pattern) if path.stat().st_size]
        assert paths
        for path in paths:
            path.write_bytes(b"\x7e" * path.stat().st_size)

    return harm


def flipped(pattern: str) -> Harm:
    """One bit in the middle of each file has changed."""

    def harm(folder: Path) -> None:
        paths = [path for path in folder.glob(pattern) if path.stat().st_size]
        assert paths
        for path in paths:
            content = bytearray(path.read_bytes())
            content[len(content) // 3] ^= 0x10
            path.write_bytes(content)

    return harm


async def filled(folder: Path) -> None:
    async with opened(folder) as store:
        await store.put("default", [document(name, f"text of {name} in plain words") for name in NAMES])
        await store.settled()


@pytest.mark.parametrize(
    "harm",
    [
        removed("keywords"),
        removed("keywords/*/mark.json"),
        removed("keywords/*/*.idx"),
        garbled("keywords/*/meta.json"),
        garbled("keywords/*/mark.json"),
        garbled("keywords/*/*.term"),
        flipped("keywords/*/*.idx"),
        flipped("keywords/*/*.fast"),
    ],
)
async def test_a_harmed_keyword_index_is_built_again(tmp_path: Path, harm: Harm) -> None:
    await filled(tmp_path)
    harm(tmp_path)
    async with opened(tmp_path) as store:
        assert store.status().rebuilds == 1
        for name in NAMES:
            [best, *_] = await store.keyword("default", name, where=(), limit=1)
            assert (await store.chunks("default", [best.chunk_id]))[0].document_id == name


@pytest.mark.parametrize(
    "harm",
    [
        removed("vectors"),
        removed("vectors/chroma.sqlite3"),
        garbled("vectors/chroma.sqlite3"),
        garbled("vectors/*/*.pickle"),
        garbled("vectors/*/header.bin"),
    ],
)
async def test_a_harmed_vector_index_is_filled_again(tmp_path: Path, harm: Harm) -> None:
    async with opened(tmp_path) as store:
        many = [document(name, " ".join(f"{name}x{word}" for word in range(300))) for name in NAMES]
        await store.put("default", many)
        await store.settled()
    harm(tmp_path)
    async with opened(tmp_path) as store:
        [best, *_] = await store.dense("default", vector(many[7].parsed.text[:30]), where=(), limit=3)
        assert (await store.chunks("default", [best.chunk_id]))[0].document_id == "d7"
        await store.settled()
        assert (store.status().vector_index, store.status().rebuilds) == ("ready", 1)
    async with opened(tmp_path) as store:
        await store.settled()
        assert store.status().rebuilds == 0


async def test_indexes_of_another_store_are_not_taken_for_ours(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    await filled(ours)
    async with opened(theirs) as store:
        await store.put("default", [document(name, f"foreign text {name}") for name in NAMES])
        await store.settled()
    for part in ("keywords", "vectors"):
        shutil.rmtree(ours / part)
        shutil.copytree(theirs / part, ours / part)
    async with opened(ours) as store:
        assert await store.keyword("default", "foreign", where=(), limit=9) == []
        assert await found(store, "plain") == set(NAMES)
        await store.settled()
        assert store.status().rebuilds == 2


async def test_an_index_ahead_of_a_truth_restored_from_a_backup_is_built_again(tmp_path: Path) -> None:
    store_dir, backup = tmp_path / "store", tmp_path / "backup.sqlite3"
    async with opened(store_dir) as store:
        await store.put("default", [document("old", "an old text")])
        await store.settled()
    shutil.copy(store_dir / "truth.sqlite3", backup)
    async with opened(store_dir) as store:
        await store.put("default", [document("new", "a new text"), document("old", "changed")])
        await store.settled()
    shutil.copy(backup, store_dir / "truth.sqlite3")
    async with opened(store_dir) as store:
        assert await found(store, "new") == {"old"}
        assert await store.keyword("default", "changed", where=(), limit=9) == []
        await store.settled()


async def test_what_an_index_missed_is_learnt_at_the_next_start(tmp_path: Path) -> None:
    behind = tmp_path / "behind"
    store_dir = tmp_path / "store"
    async with opened(store_dir) as store:
        await store.put("default", [document("a", "first words"), document("b", "other words")])
        await store.settled()
    shutil.copytree(store_dir, behind)
    async with opened(store_dir) as store:
        await store.put("default", [document("a", "replaced"), document("c", "third words")], remove=["b"])
        await store.settled()
    for part in ("keywords", "vectors"):
        shutil.rmtree(store_dir / part)
        shutil.copytree(behind / part, store_dir / part)
    async with opened(store_dir) as store:
        assert store.status().rebuilds == 0
        assert await store.keyword("default", "first other", where=(), limit=9) == []
        assert await found(store, "words") == {"a", "c"}
        await store.settled()
        assert (store.status().vector_index, store.status().rebuilds) == ("ready", 0)


async def test_an_index_killed_in_the_middle_of_a_commit_is_built_again(tmp_path: Path) -> None:
    await filled(tmp_path)
    keywords, before = tmp_path / "keywords", tmp_path / "before"
    shutil.copytree(keywords, before)
    async with opened(tmp_path) as store:
        await store.delete("default", "d3")
    half = {path.relative_to(keywords): path.read_bytes() for path in keywords.rglob("*.del")}
    assert half
    shutil.rmtree(keywords)
    shutil.copytree(before, keywords)
    for path, content in half.items():
        (keywords / path).write_bytes(content)
    async with opened(tmp_path) as store:
        assert store.status().rebuilds == 1
        assert await found(store, "words") == {*NAMES} - {"d3"}


async def test_a_damaged_truth_is_reported_and_not_touched(tmp_path: Path) -> None:
    await filled(tmp_path)
    path = tmp_path / "truth.sqlite3"
    content = bytearray(path.read_bytes())
    content[8192:] = b"\x7e" * len(content[8192:])
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"truth\.sqlite3 cannot be read .*Nothing was changed"):
        await open_store(tmp_path, fake_space())
    assert path.read_bytes() == content
    with pytest.raises(StoreDamaged):
        await open_store(tmp_path, fake_space())


async def test_a_truth_of_a_later_version_is_refused(tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415  # only this test writes a schema number by hand

    await filled(tmp_path)
    connection = sqlite3.connect(tmp_path / "truth.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreDamaged, match="holds schema 99"):
        await open_store(tmp_path, fake_space())
