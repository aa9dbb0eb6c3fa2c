"""The tillhand command against a running knowledge base, as a person at a terminal uses it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.embedder import HashingEmbedder
from tillhand_common import keys
from tillhand_common.testing import running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

WITHIN_S = 60


@dataclass
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


@dataclass
class Shell:
    """A terminal in which the knowledge base can be reached."""

    data_dir: Path
    url: str

    async def tillhand(self, *arguments: str, **environment: str) -> Ended:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tillhand_cli",
            *arguments,
            env={**os.environ, "TILLHAND_DATA_DIR": str(self.data_dir), "TILLHAND_RAG_URL": self.url, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(WITHIN_S):
            out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    data_dir = tmp_path / "data"
    keys.bootstrap(data_dir)
    app = create_app(RagSettings(data_dir=data_dir), embedder=HashingEmbedder())
    async with running(app) as url:
        yield Shell(data_dir, url)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "returns.md").write_text("# Returns\n\nSend it back within 30 days of delivery.\n")
    (folder / "care.txt").write_text("Oil the wooden board once a month.")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / ".hidden.md").write_text("never read")
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


async def test_a_search_shows_place_and_reason(shell: Shell, docs: Path) -> None:
    await shell.tillhand("ingest", str(docs))
    found = await shell.tillhand("search", "oil the wooden board", "--top-k", "1")
    assert found.code == 0
    assert "care.txt" in found.out
    assert "matched oil, wooden, board" in " ".join(found.out.split())
    nothing = await shell.tillhand("search", "oil", "--filter", "brand=Nobody")
    assert nothing.code == 5


async def test_a_question_without_an_answer_is_told_by_the_exit_code(shell: Shell) -> None:
    ended = await shell.tillhand("ask", "What is the weather on Mars?", "--json")
    assert ended.code == 5
    assert ended.json["answered"] is False


async def test_an_unreachable_service_is_one_readable_line(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ended = await shell.tillhand("search", "x", TILLHAND_RAG_URL=url)
    assert ended.code == 3
    assert url in ended.err
    assert "Traceback" not in ended.err


async def test_a_key_that_is_not_good_is_told_apart(shell: Shell, docs: Path) -> None:
    ended = await shell.tillhand("ingest", str(docs), TILLHAND_API_KEY="th_operator_0_0")
    assert ended.code == 4
    assert "th_operator_0_0" not in ended.err + ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest", "no-such-folder"],
        ["search", "x", "--filter", "brand"],
        ["search", "x", "--mode", "magic"],
        ["search", "x", "--top-k", "0"],
        ["keys", "create", "x", "--kind", "king"],
        ["keys", "create", "x", "--scope", "rag:fly"],
        ["rag", "evaluate", "--data", "no-such-folder"],
        ["up", "--only", "nothing"],
    ],
)
async def test_a_wrong_command_line_exits_with_2(shell: Shell, arguments: list[str]) -> None:
    ended = await shell.tillhand(*arguments)
    assert ended.code == 2, ended.err
    assert "Traceback" not in ended.err
    assert ended.err.strip()


async def test_a_key_lives_from_create_to_revoke_without_a_restart(shell: Shell, docs: Path) -> None:
    made = (await shell.tillhand("keys", "create", "importer", "--kind", "service", "--json")).json
    reading = ["ingest", str(docs / "care.txt"), "--json"]
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=made["token"])).code == 0
    rotated = (await shell.tillhand("keys", "rotate", "importer", "--json")).json
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=made["token"])).code == 4
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=rotated["token"])).code == 0
    assert (await shell.tillhand("keys", "revoke", "importer")).code == 0
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=rotated["token"])).code == 4
    listed = await shell.tillhand("keys", "list")
    assert "importer" in listed.out
    assert rotated["token"] not in listed.out
    assert (await shell.tillhand("keys", "revoke", "importer")).code == 5


async def test_doctor_reports_versions_settings_and_findings(shell: Shell) -> None:
    report = (await shell.tillhand("doctor", "--json", TILLHAND_RATE_LIMIT="5/minute")).json
    assert report["versions"]["chromadb"]
    limit = next(info for info in report["settings"]["rag"] if info["env"] == "TILLHAND_RATE_LIMIT")
    assert limit["value_masked"] == "5/minute"
    assert {"data folder", "keys"} <= {finding["subject"] for finding in report["findings"]}
    wrong = await shell.tillhand("doctor", "--json", TILLHAND_PORT="many")
    assert wrong.code == 1
    named = [finding for finding in wrong.json["findings"] if finding["status"] == "missing"]
    assert any("TILLHAND_PORT" in finding["detail"] for finding in named)


async def test_help_names_every_command_and_exit_code(shell: Shell) -> None:
    shown = await shell.tillhand("--help")
    for word in ("up", "ingest", "ask", "search", "rag", "keys", "doctor", "Exit codes"):
        assert word in shown.out


async def test_up_starts_reads_the_samples_once_and_stops_on_ctrl_c(tmp_path: Path, docs: Path) -> None:
    (docs / "broken.pdf").unlink()
    port = _free_port()
    environment = {**os.environ, "TILLHAND_DATA_DIR": str(tmp_path / "data"), "TILLHAND_RAG_PORT": str(port)}
    first = await _up_and_down(docs, environment)
    assert "Reading the sample" in first
    assert "ready" in first
    second = await _up_and_down(docs, environment)
    assert "Reading the sample" not in second


async def test_up_says_which_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = await Shell(tmp_path, "").tillhand("up", TILLHAND_RAG_PORT=str(port))
    assert ended.code == 3
    assert str(port) in ended.err


async def _up_and_down(samples: Path, environment: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tillhand_cli", "up", "--samples", str(samples)),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    lines: list[str] = []
    async with asyncio.timeout(WITHIN_S):
        async for line in process.stderr:
            lines.append(line.decode())
            if "Ctrl-C" in lines[-1]:
                process.send_signal(signal.SIGINT)
        code = await process.wait()
    assert code == 0, "".join(lines)
    assert "Stopped." in lines[-1]
    return "".join(lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
