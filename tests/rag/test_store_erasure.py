"""Deleting really deletes: afterwards no file of the store holds a word or a vector of it, and none grows for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from tests.fakes.embedder import DIMENSION
from tests.fakes.shelved import document, found, opened
from tillhand_rag.domain.documents import IndexedDocument

SECRET = "zyxwvutsrq"


def marked(name: str, text: str) -> IndexedDocument:
    """A document of one chunk whose vector can be told among bytes, and is a unit vector bit for bit."""
    plain = document(name, text)
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[[5, 17, 40, 63]] = [0.5, -0.5, 0.5, -0.5]
    return IndexedDocument(name, plain.source, plain.parsed, plain.chunks[:1], vector.tobytes())


def holders(folder: Path, *needles: bytes) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def folders(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_dir()}


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def test_a_deleted_document_leaves_no_word_and_no_vector_in_any_file(tmp_path: Path) -> None:
    secret = marked("secret", f"{SECRET} is the word")
    async with opened(tmp_path) as store:
        await store.put("default", [secret, document("other", "stays where it is")])
        await store.settled()
        assert holders(tmp_path, secret.vectors)
        assert await store.delete("default", "secret")
        assert holders(tmp_path, SECRET.encode()) == []
        await store.erase()
        assert holders(tmp_path, SECRET.encode(), secret.vectors) == []
        assert await found(store, "stays") == {"other"}


async def test_a_replaced_document_leaves_nothing_of_its_old_version(tmp_path: Path) -> None:
    secret = marked("policy", f"{SECRET} is the word")
    async with opened(tmp_path) as store:
        await store.put("default", [secret])
        await store.settled()
        await store.put("default", [document("policy", "a harmless word")])
        await store.erase()
        assert holders(tmp_path, SECRET.encode(), secret.vectors) == []


async def test_a_deleted_collection_leaves_no_file_behind(tmp_path: Path) -> None:
    secret = marked("secret", f"{SECRET} is the word")
    async with opened(tmp_path) as store:
        await store.put("kept", [document("other", "stays where it is")])
        await store.settled()
        before = folders(tmp_path)
        await store.put("doomed", [secret, *[document(f"d{n}", f"number {n}") for n in range(50)]])
        await store.settled()
        assert await store.delete_collection("doomed")
        await store.erase()
        assert holders(tmp_path, SECRET.encode(), secret.vectors) == []
        assert folders(tmp_path) == before


async def test_in_a_large_collection_a_vector_is_overwritten_in_place(tmp_path: Path) -> None:
    secret = marked("secret", f"{SECRET} is the word")
    many = [document(f"d{n}", " ".join(f"w{n}x{k}" for k in range(60))) for n in range(110)]
    async with opened(tmp_path) as store:
        await store.put("default", [secret, *many])
        await store.settled()
        before = folders(tmp_path)
        assert "data_level0.bin" in holders(tmp_path, secret.vectors)
        await store.delete("default", "secret")
        await store.erase()
        assert holders(tmp_path, SECRET.encode(), secret.vectors) == []
        assert folders(tmp_path / "vectors") <= before, "it was not filled anew"


async def test_erasing_happens_by_itself_when_writes_rest(tmp_path: Path) -> None:
    async with opened(tmp_path, erase_after_s=0.01) as store:
        await store.put("default", [marked("secret", SECRET)])
        await store.delete("default", "secret")
        async with asyncio.timeout(30):
            while [folder.name for folder in (tmp_path / "keywords").iterdir()] != ["1-2"]:
                await store.collections()


async def test_what_was_left_to_erase_is_erased_after_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.put("default", [marked("secret", SECRET), document("other", "stays")])
        await store.delete("default", "secret")
    async with opened(tmp_path) as store:
        assert store.status().rebuilds == 0
        await store.erase()
        assert [folder.name for folder in (tmp_path / "keywords").iterdir()] == ["1-2"]
        assert await found(store, "stays") == {"other"}


async def test_putting_the_same_documents_again_and_again_does_not_grow_the_disk(tmp_path: Path) -> None:
    sizes = []
    async with opened(tmp_path) as store:
        for version in range(8):
            await store.put("default", [document(f"d{n}", f"document {n} in version {version}") for n in range(100)])
            await store.erase()
            sizes.append(size(tmp_path))
    assert max(sizes[4:]) <= 1.2 * max(sizes[:4])
