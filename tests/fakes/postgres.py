"""A PostgreSQL of the tests' own: a cluster on a socket in its folder, and a new database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

VERSIONS: Final = Path("/usr/lib/postgresql")
OWNER: Final = "postgres"
OPTIONS: Final = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60"


def programs() -> Path | None:
    """Where PostgreSQL's programs are, the newest; None where there are none."""
    found = [folder / "bin" for folder in VERSIONS.glob("*") if (folder / "bin" / "initdb").exists()]
    on_path = shutil.which("initdb")
    return max(found, default=Path(on_path).parent if on_path else None)


class Cluster:
    """A running server."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self._folder = folder
        self._bin = bin_folder
        self._made = 0

    def new(self) -> str:
        """The address of a new, empty database."""
        self._made += 1
        name = f"test_{self._made}"
        self.run("createdb", "--host", str(self._folder), "--username", OWNER, name)
        return f"postgresql://{OWNER}@/{name}?host={self._folder}"

    def run(self, program: str, *arguments: str) -> None:
        """One of its programs; PostgreSQL refuses to be run by root."""
        command: Sequence[str] = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "--user", OWNER, "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr


@contextmanager
def cluster(folder: Path, *, options: str = OPTIONS) -> Iterator[Cluster]:
    """A server in this folder, which must be empty; stopped at the end."""
    bin_folder = programs()
    assert bin_folder is not None, "PostgreSQL is not installed"
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER)
        for parent in [folder, *folder.parents]:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    running = Cluster(folder, bin_folder)
    data = str(folder / "data")
    running.run("initdb", "--pgdata", data, "--username", OWNER, "--auth", "trust", "--encoding", "UTF8", "--no-sync")
    log = str(folder / "server.log")
    listening = f"{options} -c unix_socket_directories='{folder}'"
    running.run("pg_ctl", "--pgdata", data, "--log", log, "--wait", "--options", listening, "start")
    try:
        yield running
    finally:
        running.run("pg_ctl", "--pgdata", data, "--mode", "immediate", "--wait", "stop")


def owner_exists() -> bool:
    """Whether there is an account that may run the server."""
    if os.geteuid() != 0:
        return True
    try:
        pwd.getpwnam(OWNER)
    except KeyError:
        return False
    return True
