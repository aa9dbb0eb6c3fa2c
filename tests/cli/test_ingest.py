"""Files, folders and web pages on their way into the knowledge base, the bad ones among them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.fakes.embedder import HashingEmbedder
from tillhand_common import keys
from tillhand_common.testing import FakeUpstream, Reply, running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

TAKEN = Reply.json({"documents": [{"chunks": 1}], "created": 1, "updated": 0, "unchanged": 0}, status=201)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.md").write_text(f"# Note {number}\n\nText {number}.\n")
    return folder


async def test_a_folder_is_read_and_what_was_not_read_is_told(shell: Shell, docs: Path) -> None:
    ended = await shell.tillhand("ingest", str(docs), "--json")
    assert ended.code == 1
    report = ended.json
    assert (report["created"], report["documents"]) == (2, 2)
    assert [item["source"] for item in report["refused"]] == ["broken.pdf"]
    assert [item["source"] for item in report["skipped"]] == ["photo.jpg"]
    (docs / "broken.pdf").unlink()
    again = await shell.tillhand("ingest", str(docs), "--json")
    assert again.code == 0
    assert again.json["unchanged"] == 2
    text = await shell.tillhand("ingest", str(docs))
    assert "2 unchanged" in text.out


@pytest.mark.parametrize("status", [500, 504, 502, 404, 418])
async def test_a_file_that_the_service_fails_on_stops_no_other(shell: Shell, many: Path, status: int) -> None:
    async with FakeUpstream.start(TAKEN) as service:
        service.script(Reply.json({"type": "urn:x:broken", "detail": "It broke."}, status=status))
        ended = await shell.tillhand("ingest", str(many), "--json", "--url", service.base_url)
    assert ended.code == 1, ended.err
    assert ended.json["files"] == 11
    assert [(item["reason"], item["type"]) for item in ended.json["refused"]] == [("It broke.", "broken")]


async def test_connections_that_break_stop_no_other_file(shell: Shell, many: Path) -> None:
    async with FakeUpstream.start(TAKEN) as service:
        service.script(*[Reply(failure="reset")] * 4)
        ended = await shell.tillhand("ingest", str(many), "--json", "--url", service.base_url)
    assert ended.code == 1, ended.err
    assert ended.json["files"] + len(ended.json["refused"]) == 12
    assert ended.json["unsent"] == 0
    assert 1 <= len(ended.json["refused"]) <= 4, "a reset can meet the question whether the service still answers"


async def test_a_service_that_goes_away_ends_the_work_after_a_summary(shell: Shell, many: Path) -> None:
    gone = asyncio.Event()
    refusal = Reply.json({"detail": "Not now."}, status=503).held(gone)
    async with FakeUpstream.start(refusal) as service:
        service.script(TAKEN)
        working = asyncio.create_task(shell.tillhand("ingest", str(many), "--json", "--url", service.base_url))
        await service.received(5, timeout_s=30)  # the fifth file is sent once the first is counted
        gone.set()
        ended = await working
    assert ended.code == 3
    assert "Not now." in ended.err
    assert (ended.json["files"], ended.json["unsent"], ended.json["refused"]) == (1, 11, [])


async def test_a_file_larger_than_the_service_takes_is_refused_unread(shell: Shell, docs: Path) -> None:
    with (docs / "huge.txt").open("wb") as huge:
        huge.truncate(32 * 1024 * 1024 + 1)
    report = (await shell.tillhand("ingest", str(docs), "--json")).json
    reasons = {item["source"]: item["reason"] for item in report["refused"]}
    assert "larger than the 33554432 bytes" in reasons["huge.txt"]
    assert report["created"] == 2


async def test_a_file_over_a_limit_that_only_the_service_knows_is_refused(tmp_path: Path, docs: Path) -> None:
    data_dir = tmp_path / "small"
    keys.bootstrap(data_dir)
    (docs / "large.txt").write_text("A long text. " * 700_000)
    app = create_app(RagSettings(data_dir=data_dir, max_body_bytes=4096), embedder=HashingEmbedder())
    async with running(app) as url:
        ended = await Shell(data_dir, url).tillhand("ingest", str(docs), "--json")
    assert ended.code == 1, ended.err
    assert ended.json["created"] == 2
    assert {item["source"] for item in ended.json["refused"]} == {"broken.pdf", "large.txt"}


async def test_names_and_folders_that_cannot_be_used_are_skipped(shell: Shell, docs: Path) -> None:
    (docs / os.fsdecode(b"caf\xe9.md")).write_text("not UTF-8 by name")
    _too_deep(docs / "deep")
    ended = await shell.tillhand("ingest", str(docs), "--json")
    assert ended.code == 1, ended.err
    assert ended.json["created"] == 2
    reasons = {item["source"][:4]: item["reason"] for item in ended.json["skipped"]}
    assert reasons["caf\ufffd"] == "its name is not UTF-8"
    assert reasons["deep"].startswith("cannot be opened: ")
    shown = await shell.tillhand("ingest", str(docs))
    assert "Skipped 1: its name is not UTF-8." in shown.out


async def test_files_of_two_folders_with_one_name_do_not_replace_each_other(shell: Shell, tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "terms.md").write_text(f"# Terms\n\nThese are the {name} terms.\n")
        (tmp_path / name / f"{name}.md").write_text(f"# Only\n\nOnly in the {name} folder.\n")
    given = [_from_here(tmp_path / name) for name in ("first", "second")]
    report = (await shell.tillhand("ingest", *given, given[0], "--json")).json
    assert (report["files"], report["created"]) == (4, 4)
    found = (await shell.tillhand("search", "terms only", "--top-k", "10", "--json")).json
    assert {hit["source"] for hit in found["hits"]} == {
        "first.md",
        "second.md",
        *(f"{Path(name).as_posix()}/terms.md" for name in given),
    }


async def test_a_page_is_fetched_and_kept_under_its_address(shell: Shell) -> None:
    page = b"<html><head><title>Wax</title></head><body><h1>Wax</h1><p>Wax the chain every month.</p></body></html>"
    html = {"content-type": "text/html; charset=utf-8"}
    async with FakeUpstream.start(Reply(404)) as web:
        web.script(Reply(302, headers={"location": f"{web.base_url}/moved"}), Reply(body=page, headers=html))
        address = f"{web.base_url}/care/wax?lang=en#top"
        ended = await shell.tillhand("ingest", address, "--json")
        assert ended.code == 0, ended.out
        assert [request.target for request in web.requests] == ["/care/wax?lang=en", "/moved"]
        assert not any("authorization" in request.headers for request in web.requests)
    found = (await shell.tillhand("search", "wax the chain", "--json")).json
    assert found["hits"][0]["source"] == address


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404), "answered 404"),
        (Reply(body=b"x" * 5000, headers={"content-type": "text/plain"}), "more than 4000 bytes"),
        (Reply(failure="truncate", body=b"half"), "the connection failed"),
    ],
)
async def test_a_page_that_cannot_be_had_stops_nothing(shell: Shell, docs: Path, reply: Reply, reason: str) -> None:
    async with FakeUpstream.start(reply) as web:
        address = f"{web.base_url}/page"
        ended = await shell.tillhand("ingest", address, str(docs / "care.txt"), "--max-bytes", "4000", "--json")
    assert ended.code == 1, ended.err
    assert ended.json["created"] == 1
    (refused,) = ended.json["refused"]
    assert refused["source"] == address
    assert reason in refused["reason"]


async def test_an_address_with_a_password_in_it_is_not_used(shell: Shell) -> None:
    ended = await shell.tillhand("ingest", "http://someone:obviously-fake@127.0.0.1/page")
    assert ended.code == 2
    assert "obviously-fake" not in ended.err


def _from_here(path: Path) -> str:
    return os.path.relpath(path)


def _too_deep(folder: Path) -> None:
    """Nested folders whose path is longer than the system opens, which stops root as well."""
    folder.mkdir()
    above = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(20):
            os.mkdir("d" * 250, dir_fd=above)  # pathlib knows no dir_fd
            below = os.open("d" * 250, os.O_RDONLY, dir_fd=above)
            os.close(above)
            above = below
    finally:
        os.close(above)
