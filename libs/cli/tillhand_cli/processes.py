"""Service processes: started, watched until they are ready, and stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tillhand_cli.api import open_api
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import Member

STOP_WITHIN_S: Final = 15.0
POLL_S: Final = 0.1
TAIL_LINES: Final = 12


@dataclass
class Running:
    """A started service and where its log goes."""

    member: Member
    process: asyncio.subprocess.Process
    url: str
    log: Path

    async def stop(self) -> None:
        """Ask it to drain; after a while, end it."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    def tail(self) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


async def start(member: Member, *, host: str, logs: Path, environment: Mapping[str, str]) -> Running:
    """Start a service as a process of its own. Raises CommandError when its port or its log cannot be had."""
    _check_port(member, host)
    log, sink = _open_log(logs, member)
    with sink:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            member.package,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env={**os.environ, **environment, "TILLHAND_PORT": str(member.port), "TILLHAND_HOST": host},
            start_new_session=True,  # Ctrl-C reaches this process only, which then stops each service in order
        )
    return Running(member, process, member.url, log)


async def until_ready(running: Running, within_s: float) -> None:
    """Wait until the service says that it is ready. Raises CommandError with the log's end when it is not."""
    try:
        async with asyncio.timeout(within_s), open_api(running.url, None, attempts=1) as api:
            while not await api.is_ready():
                if running.process.returncode is not None:
                    break
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        pass
    else:
        if running.process.returncode is None:
            return
    raise CommandError(
        f"{running.member.name} did not become ready. The end of {running.log}:\n{running.tail()}",
        code=ExitCode.UNREACHABLE,
    )


def _open_log(folder: Path, member: Member) -> tuple[Path, IO[bytes]]:
    log = folder / f"{member.name}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return log, log.open("wb")
    except OSError as error:
        raise CommandError(f"{log} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error


def _check_port(member: Member, host: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, member.port))
        except OSError as error:
            raise CommandError(
                f"{member.name} cannot listen on {host}:{member.port}: {error.strerror}.",
                code=ExitCode.UNREACHABLE,
                hint=f"Stop what uses port {member.port} (`ss -ltnp sport = :{member.port}` names it).",
            ) from error
