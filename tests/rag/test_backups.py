"""Backups made while the service serves, refused when damaged, and restored into whatever is there."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.knowledge import Knowledge, as_document, knowledge_base
from tillhand_common import keys
from tillhand_common.keys import KeyStore, store_path

GOLDENS = [
    {"id": "oil", "question": "How often must I oil the chain?", "answerable": True, "quotes": ["every month"]},
    {"id": "cup", "question": "Who won the world cup in 1998?", "answerable": False},
]


async def operate(base: Knowledge, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
    """Start an operation and wait until it has ended."""
    started = await base.http.post(path, json=body or {})
    assert started.status_code == 202, started.text
    async with (
        asyncio.timeout(20),
        base.http.stream("GET", started.headers["location"], headers={"accept": "text/event-stream"}) as events,
    ):
        lines = [line async for line in events.aiter_lines()]
    done = json.loads(lines[-2 if not lines[-1] else -1].removeprefix("data: "))
    assert done["state"] == "done", done
    return as_document(await base.http.get(started.headers["location"]))


async def fill(base: Knowledge, documents: int = 30) -> None:
    for number in range(documents):
        await base.put(f"note-{number}", f"Note {number} says to oil the chain every month.")
    await base.put("ticket", "A ticket about spokes.", collection="tickets")
    answer = await base.http.put("/v1/goldens", json={"collection": "default", "questions": GOLDENS})
    assert answer.status_code == 200, answer.text


async def everything(base: Knowledge) -> dict[str, Any]:
    held = {}
    for collection in ("default", "tickets"):
        params: dict[str, Any] = {"collection": collection, "limit": 500}
        listed = (await base.http.get("/v1/documents", params=params)).json()["items"]
        held[collection] = {item["id"]: item for item in listed}
    held["goldens"] = (await base.http.get("/v1/goldens")).json()["questions"]
    return held


async def test_a_backup_names_every_file_with_its_digest_and_what_is_in_it(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path, rate_limit="off") as base:
        await fill(base)
        done = await operate(base, "/v1/backups")
        manifest = as_document(await base.http.get(f"/v1/backups/{done['backup']}"))
        assert manifest == done["report"]
        assert [(c["name"], c["documents"]) for c in manifest["collections"]] == [("default", 30), ("tickets", 1)]
        assert manifest["indexes"][0]["spec"]["model"]
        assert manifest["goldens"]["questions"] == 2
        assert sorted(manifest["files"]) == ["indexes-main.sqlite3", "ledger.sqlite3"]
        listed = (await base.http.get("/v1/backups")).json()["items"]
        assert [item["id"] for item in listed] == [done["backup"]]
        assert (await base.http.get(f"/v1/backups/{done['backup']}/verification")).json() == manifest
        assert (await base.http.get("/v1/backups/nothing")).status_code == 404
        assert (await base.http.get("/v1/backups/nothing/verification")).status_code == 404


async def test_a_backup_is_restored_into_an_empty_installation(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path / "a", rate_limit="off") as base:
        await fill(base)
        expected = await everything(base)
        name = (await operate(base, "/v1/backups"))["backup"]
    shutil.copytree(tmp_path / "a" / "backups", tmp_path / "b" / "backups")
    async with knowledge_base(tmp_path / "b", rate_limit="off") as base:
        report = (await operate(base, "/v1/restores", {"backup": name}))["report"]
        assert (report["documents"], report["kept_as"], report["verified"]) == (31, None, True)
        assert await everything(base) == expected
        assert (await base.search("spokes", collection="tickets"))[0]["source"] == "ticket"
    async with knowledge_base(tmp_path / "b", rate_limit="off") as base:
        assert await everything(base) == expected
    assert len(list((tmp_path / "b" / "rag" / "indexes").iterdir())) == 2, "the empty one before it, and it"


async def test_a_restore_takes_back_what_was_changed_since_and_keeps_that_as_a_backup(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path, rate_limit="off") as base:
        await fill(base)
        expected = await everything(base)
        name = (await operate(base, "/v1/backups"))["backup"]
        await base.put("since", "Written since, about mudguards.")
        await base.http.delete("/v1/collections/tickets")
        await base.http.delete("/v1/goldens")
        changed = await everything(base)
        report = (await operate(base, "/v1/restores", {"backup": name}))["report"]
        assert await everything(base) == expected
        assert not [hit for hit in await base.search("mudguards") if hit["source"] == "since"]
        await operate(base, "/v1/restores", {"backup": report["kept_as"]})
        assert await everything(base) == changed


async def test_writes_during_a_backup_are_in_it_as_a_whole_or_not(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path, rate_limit="off") as base:
        await fill(base)

        async def write(number: int) -> None:
            lines = "\n".join(json.dumps({"source": f"{number}-{n}", "text": f"Pair {number}."}) for n in range(2))
            headers = {"content-type": "application/x-ndjson"}
            assert (await base.http.post("/v1/documents", content=lines, headers=headers)).status_code == 201

        backup, *_ = await asyncio.gather(operate(base, "/v1/backups"), *(write(number) for number in range(10)))
        report = (await operate(base, "/v1/restores", {"backup": backup["backup"]}))["report"]
        held = await everything(base)
        sources = {item["source"] for item in held["default"].values()}
        assert all((f"{number}-0" in sources) == (f"{number}-1" in sources) for number in range(10))
        assert report["documents"] == len(held["default"]) + len(held["tickets"])


def altered(path: Path, name: str, change: dict[str, Any] | None = None) -> None:
    """Write the archive anew with one member changed, or left out."""
    with tarfile.open(path) as archive:
        members = [(member.name, archive.extractfile(member).read()) for member in archive]  # type: ignore[union-attr]  # all are files
    with tarfile.open(path, "w") as archive:
        for member, content in members:
            if member == name and change is None:
                continue
            told = {**json.loads(content), **change} if member == name and change else None
            data = content if told is None else json.dumps(told).encode()
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20_000])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (torn, "damaged"),
        (flipped, "not what it was"),
        (lambda path: path.write_bytes(b"somebody's holiday pictures" * 1_000), "no backup"),
        (lambda path: altered(path, "manifest.json", {"application": "another"}), "not what it was"),
        (lambda path: altered(path, "indexes-main.sqlite3"), "not whole"),
    ],
    ids=["torn", "flipped", "foreign", "forged", "incomplete"],
)
async def test_a_damaged_or_foreign_archive_is_refused_with_the_reason_and_nothing_changes(
    tmp_path: Path,
    damage: Callable[[Path], object],
    reason: str,
) -> None:
    async with knowledge_base(tmp_path, rate_limit="off") as base:
        await fill(base)
        expected = await everything(base)
        name = (await operate(base, "/v1/backups"))["backup"]
        damage(tmp_path / "backups" / f"{name}.tar")
        answer = await base.http.post("/v1/restores", json={"backup": name})
        assert answer.status_code == 422, answer.text
        assert reason in answer.json()["detail"]
        assert await everything(base) == expected
        assert (await base.http.get(f"/v1/backups/{name}/verification")).status_code == 422
    assert {path.name for path in (tmp_path / "backups").iterdir()} == {f"{name}.tar"}


@pytest.mark.parametrize("name", ["../keys", "..%2fkeys", "a/b", "", "x" * 200, ".work-1"])
async def test_a_backup_is_a_name_in_the_folder_and_nothing_else(tmp_path: Path, name: str) -> None:
    async with knowledge_base(tmp_path, rate_limit="off") as base:
        (tmp_path / "keys.tar").write_bytes(b"")
        assert (await base.http.post("/v1/restores", json={"backup": name})).status_code in {404, 422}


async def test_what_a_dead_process_left_among_the_backups_is_swept(tmp_path: Path) -> None:
    (tmp_path / "backups" / ".work-1").mkdir(parents=True)
    (tmp_path / "backups" / ".work-1" / "copy").write_bytes(b"half")
    (tmp_path / "backups" / "a.tar.partial").write_bytes(b"half")
    async with knowledge_base(tmp_path) as base:
        assert list((tmp_path / "backups").iterdir()) == []
        assert (await base.http.get("/v1/backups")).json() == {"items": []}


async def test_a_key_of_some_collections_or_without_the_scope_has_no_part_in_operations(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path, rate_limit="off") as base:
        bound = KeyStore(store_path(tmp_path)).create("bound", "operator", collections=["tickets"])
        for token in (bound.token, keys.read_token(tmp_path, "agent")):
            headers = {"authorization": f"Bearer {token}"}
            for method, path, body in (
                ("GET", "/v1/backups", None),
                ("POST", "/v1/backups", {}),
                ("POST", "/v1/restores", {"backup": "a"}),
                ("POST", "/v1/rebuilds", {}),
                ("POST", "/v1/rollbacks", {}),
                ("GET", "/v1/indexes", None),
                ("GET", "/v1/operations", None),
                ("GET", "/v1/operations/bak_1", None),
            ):
                answer = await base.http.request(method, path, json=body, headers=headers)
                assert answer.status_code == 403, (method, path)
