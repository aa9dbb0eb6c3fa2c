"""Archives that were altered, and restores that were cut short: what was there stands, and the fault is named."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest

from tillhand_cli.backups import placing, sealing
from tillhand_cli.backups.catalogue import Places, Store
from tillhand_cli.backups.copying import copy
from tillhand_cli.backups.errors import BackupRefused, NothingToBackUp, StoreUnreadable
from tillhand_cli.backups.making import make
from tillhand_cli.backups.manifest import Manifest
from tillhand_cli.backups.placing import roots_of, swap
from tillhand_cli.backups.restoring import every, restore, take_back, verify
from tillhand_common.clock import SystemClock
from tillhand_common.lifecycle import StartupError
from tillhand_common.ownership import owned

CLOCK: Final = SystemClock()
HANGS_S: Final = 60.0
PASSPHRASE: Final = b"four unrelated words"
OLD: Final = {"keys.json": b"{}", "approvals/vault.keys": b"old", "keys/agent.key": b"old", "surplus.bin": b"s"}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A small installation."""
    folder = tmp_path / "data"
    written(folder, {"keys.json": b"{}", "approvals/vault.keys": b"opens it", "keys/agent.key": b"th_agent"})
    database(folder / "approvals" / "approvals.sqlite3", "0001")
    return placed(folder)


def placed(folder: Path, keys: Path | None = None) -> Places:
    return Places(folder, (keys or folder) / "keys.json", (keys or folder) / "actors", folder.parent / "kept")


def written(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def database(path: Path, version: str) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("CREATE TABLE alembic_version (version_num TEXT)")
        opened.execute("INSERT INTO alembic_version VALUES (?)", (version,))


def made(places: Places, passphrase: bytes | None = None) -> tuple[Manifest, Path]:
    return make(places, CLOCK, database_url=None, passphrase=passphrase)


def put_back(places: Places, path: Path, passphrase: bytes | None = None) -> None:
    restore(places, path, CLOCK, database_url=None, passphrase=passphrase)


def tree(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_an_archive_and_all_that_it_gives_back_are_readable_by_their_owner_alone(
    places: Places, tmp_path: Path
) -> None:
    _, path = made(places)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    put_back(places, path)
    assert {file.stat().st_mode & 0o077 for file in places.data.rglob("*") if "before-" not in str(file)} == {0}


def test_any_damaged_byte_of_a_file_is_found_and_the_file_named(places: Places, tmp_path: Path) -> None:
    manifest, path = made(places)
    with tarfile.open(path) as archive:
        at = {member.name: (member.offset_data, member.size) for member in archive}
    whole, before = path.read_bytes(), tree(places.data)
    for name in manifest.files:
        start, size = at[name]
        for place in {start, start + size // 2, start + size - 1}:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            for refused in (lambda: verify(path, None, tmp_path / "work"), lambda: put_back(places, path)):
                with pytest.raises(BackupRefused, match=name):
                    refused()
    assert tree(places.data) == before


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.999])
def test_an_archive_that_was_cut_off_is_refused(places: Places, tmp_path: Path, share: float) -> None:
    _, path = made(places)
    with tarfile.open(path) as archive:
        end = max(member.offset_data + member.size for member in archive)
    path.write_bytes(path.read_bytes()[: int(end * share)])
    with pytest.raises(BackupRefused):
        verify(path, None, tmp_path / "work")


def test_a_sealed_archive_opens_with_its_passphrase_alone_and_whole(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "COST", 2)  # a guess shall take long, and this shall not
    written(places.data, {"mcp/mailbox.jsonl": b"a line\n" * 100_000})  # more than one piece
    _, path = made(places, PASSPHRASE)
    whole = path.read_bytes()
    assert b"vault.keys" not in whole
    assert verify(path, PASSPHRASE, tmp_path / "work").files
    for content, passphrase in (
        (whole, b"another passphrase"),
        (whole, None),
        (whole[:-1], PASSPHRASE),
        (whole[: -256 * 1024], PASSPHRASE),
        (whole[:300_000] + bytes([whole[300_000] ^ 1]) + whole[300_001:], PASSPHRASE),
    ):
        path.write_bytes(content)
        with pytest.raises(BackupRefused):
            verify(path, passphrase, tmp_path / "work")
    path.write_bytes(whole)
    before = tree(places.data)
    put_back(places, path, PASSPHRASE)
    assert {name: content for name, content in tree(places.data).items() if not name.startswith("before-")} == before


Change = Callable[[dict[str, Any]], None]


def forged(path: Path, change: Change, **more: bytes) -> None:
    """Write an archive whose manifest was changed, and agrees with its digest; `more` replaces or adds files."""
    with tarfile.open(path) as archive:
        files = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]  # regular files
    manifest = json.loads(files.pop("manifest.json"))
    files.pop("manifest.sha256")
    change(manifest)
    content = json.dumps(manifest).encode()
    head = {"manifest.json": content, "manifest.sha256": sha256(content).hexdigest().encode()}
    with tarfile.open(path, "w") as archive:
        for name, body in {**head, **files, **more}.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))


def packed(content: bytes) -> dict[str, object]:
    return {"sha256": sha256(content).hexdigest(), "bytes": len(content), "schema": ""}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda it: it["files"].update({"../outside": packed(b"x")}), "outside"),
        (lambda it: it["files"].update({"keys/../../outside.key": packed(b"x")}), "outside"),
        (lambda it: it["files"].update({"/outside": packed(b"x")}), "outside"),
        (lambda it: it["files"].update({"approvals/unheard-of": packed(b"x")}), "unheard-of"),
        (lambda it: it["files"]["approvals/approvals.sqlite3"].update(schema="0002"), "later version of the tables"),
        (lambda it: it.update(format=2), "later format"),
        (lambda it: it.update(application="tillhand-rag"), "no backup of Tillhand"),
        (lambda it: it["files"].pop("keys.json"), "keys.json"),
        (lambda it: it["files"].update({"keys/more.key": packed(b"x")}), "more.key"),
    ],
)
def test_an_archive_that_was_forged_is_refused_and_writes_nothing(
    places: Places, tmp_path: Path, change: Change, told: str
) -> None:
    _, path = made(places)
    forged(path, change, **({"../outside": b"x"} if told == "outside" else {}))
    before = tree(tmp_path)
    with pytest.raises(BackupRefused, match=told):
        put_back(places, path)
    assert tree(tmp_path) == before


def test_a_restore_that_is_killed_at_any_moment_leaves_the_old_state_whole(places: Places, tmp_path: Path) -> None:
    _, path = made(places)
    written(places.data, OLD)
    old = tree(places.data)
    for at in range(1, 100):
        lay(places, path)
        left = at

        def killed() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt

        try:
            swap(places, roots_of(places), "tillhand-test", moved=killed)
            break
        except KeyboardInterrupt:
            pass
        with pytest.raises(StartupError, match="cut short"), owned(places.data, "rag", CLOCK):
            pass
        with pytest.raises(StoreUnreadable, match="cut short"):
            made(places)
        assert take_back(places, CLOCK) is True
        assert tree(places.data) == old
    assert at > len(OLD), "it was killed after every move"
    now = tree(places.data)
    assert now["approvals/vault.keys"] == b"opens it"
    assert now["before-tillhand-test/approvals/vault.keys"] == b"old"
    assert take_back(places, CLOCK) is False


def lay(places: Places, path: Path) -> None:
    with tarfile.open(path) as archive:
        for member in list(archive)[2:]:
            target = placing.coming_path(roots_of(places), places.path(member.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.extractfile(member).read())  # type: ignore[union-attr]  # a regular file


def test_what_a_killed_backup_has_left_is_no_backup_and_is_swept(places: Places, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    written(kept, {".making-x/approvals/vault.keys": b"secret", "tillhand-1.tar.unfinished": b"half"})
    assert every(kept) == []
    _, path = made(places)
    assert [found for found, _ in every(kept)] == [path]
    assert {each.name for each in kept.iterdir()} == {path.name, ".making.lock"}


def test_a_mounted_folder_is_emptied_and_filled_and_never_renamed(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = made(places)
    volume = places.data / "keys"
    monkeypatch.setattr(placing, "_mounts", lambda: frozenset({volume.resolve()}))
    written(places.data, {"keys/agent.key": b"newer"})
    inode = volume.stat().st_ino
    put_back(places, path)
    assert (volume.stat().st_ino, (volume / "agent.key").read_bytes()) == (inode, b"th_agent")


def test_keys_that_lie_elsewhere_are_taken_and_put_back_there(tmp_path: Path) -> None:
    outside = tmp_path / "secrets"
    written(outside, {"keys.json": b"{}", "actors/mcp.pub": b"pub", "of-somebody-else": b"x"})
    written(tmp_path / "data", {"approvals/vault.keys": b"opens it"})
    places = placed(tmp_path / "data", outside)
    manifest, path = made(places)
    assert set(manifest.files) == {"approvals/vault.keys", "keys.json", "actors/mcp.pub"}
    written(outside, {"keys.json": b"{1}", "actors/other.pub": b"x"})
    put_back(places, path)
    assert (outside / "keys.json").read_bytes() == b"{}"
    assert [each.name for each in (outside / "actors").iterdir()] == ["mcp.pub"]
    assert (outside / "of-somebody-else").read_bytes() == b"x"


def test_an_archive_of_another_service_is_not_put_in_the_place_of_this_one(places: Places, tmp_path: Path) -> None:
    other = tmp_path / "other"
    written(other, {"mcp/mailbox.jsonl": b"a line"})
    _, path = made(placed(other))
    before = tree(places.data)
    with pytest.raises(BackupRefused, match="nothing of approvals"):
        put_back(places, path)
    assert tree(places.data) == before
    restore(places, path, CLOCK, database_url=None, passphrase=None, partial=True)
    assert not (places.data / "approvals").exists()


def test_an_empty_installation_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(NothingToBackUp):
        made(placed(tmp_path / "data"))


def test_a_database_is_copied_whole_while_its_only_owner_writes_to_it(tmp_path: Path) -> None:
    source, stop, written_rows, begun = tmp_path / "held.sqlite", Event(), [0], Event()

    def write() -> None:
        with closing(sqlite3.connect(source, isolation_level=None)) as owner:
            for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = OFF"):
                owner.execute(f"PRAGMA {pragma}")
            owner.execute("CREATE TABLE rows (n INTEGER)")
            while not stop.is_set():
                owner.execute("INSERT INTO rows VALUES (?)", (written_rows[0],))
                written_rows[0] += 1
                begun.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert begun.wait(HANGS_S)
        try:
            for at in range(20):
                known = written_rows[0]
                copy("held", source, tmp_path / f"copy-{at}", Store("*", "held", owner="rag"), running=True)
                with closing(sqlite3.connect(tmp_path / f"copy-{at}")) as copied:
                    count, last = copied.execute("SELECT count(*), max(n) FROM rows").fetchone()
                assert (count, count >= known) == (last + 1, True), "a row that was written before, or one between"
        finally:
            stop.set()
        writing.result(HANGS_S)
