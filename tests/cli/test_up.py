"""`tillhand up`: everything started, told, and stopped."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.shell import WITHOUT_SETTINGS, Shell, free_port
from tillhand_cli.api import open_api

HANGS_S: Final = 180
"""What no start and stop takes, however busy the machine."""


@pytest.mark.timeout(3 * HANGS_S)
async def test_up_starts_reads_the_samples_once_and_stops_when_told(tmp_path: Path, docs: Path) -> None:
    (docs / "broken.pdf").unlink()
    port = free_port()
    (tmp_path / ".env").write_text(f"TILLHAND_DATA_DIR=kept\nTILLHAND_RAG_PORT={port}\nTILLHAND_HOST=0.0.0.0\n")
    first, document = await _up_and_down(docs, tmp_path)
    assert "Reading the sample" in first
    assert "ready" in first
    assert "reading      needs no key on this machine" in first
    assert document["samples"]["documents"] == 2
    assert "/sign-in/link/" in document["sign_in_link"]
    second, document = await _up_and_down(docs, tmp_path, by=signal.SIGHUP)  # as when the terminal is closed
    assert "the sample shop" not in second
    assert document["samples"] is None
    assert document["services"][0]["url"] == f"http://127.0.0.1:{port}"
    assert (tmp_path / "kept" / "rag" / "layout.json").is_file(), "services get what the file sets"
    listening = [line for line in (tmp_path / "kept/logs/rag.log").read_text().splitlines() if '"listening"' in line]
    assert [json.loads(line)["host"] for line in listening] == ["127.0.0.1"], "whatever TILLHAND_HOST says"


async def test_up_says_which_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = await Shell(tmp_path, "").tillhand("up", TILLHAND_RAG_PORT=str(port))
    assert ended.code == 3
    assert str(port) in ended.err


async def test_a_service_that_comes_up_late_is_seen_at_once() -> None:
    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        async with open_api(f"http://127.0.0.1:{listener.getsockname()[1]}", None, attempts=1) as api:
            assert not any([await api.is_ready() for _ in range(20)])
            async with await asyncio.start_server(welcome, sock=listener):
                assert await api.is_ready()


async def _up_and_down(
    samples: Path, folder: Path, *, by: signal.Signals = signal.SIGINT
) -> tuple[str, dict[str, Any]]:
    """What it said in this folder, and the document that it printed once ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tillhand_cli", "up", "--json", "--samples", str(samples)),
        cwd=folder,
        env=WITHOUT_SETTINGS,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[bytes] = []
    try:
        async with asyncio.timeout(HANGS_S):
            while not lines or lines[-1] != b"}\n":
                lines.append(await process.stdout.readline())
                assert lines[-1], (await process.stderr.read()).decode()
            process.send_signal(by)
            rest, told = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()  # it then stops what it has started
            await process.wait()
    assert process.returncode == 0, told.decode()
    assert rest == b""
    assert told.decode().splitlines()[-1] == "Stopped."
    return told.decode(), json.loads(b"".join(lines))
