"""One process per data directory: who has the lock owns the store, and everybody else learns who that is."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import sys
from pathlib import Path
from typing import Final, Self

from tillhand_rag.errors import StoreInUse

LOCK_FILE: Final = "owner.lock"
_COMMAND_WORDS: Final = 4


class DirectoryLock:
    """An advisory lock that the kernel releases when its process dies, so that it is never stale."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, directory: Path, *, since: str) -> Self:
        """Own `directory`, or raise `StoreInUse` at once. `since` (RFC 3339) is shown to whoever comes second."""
        path = directory / LOCK_FILE
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _described(os.pread(descriptor, 4096, 0))
            os.close(descriptor)
            raise StoreInUse(
                f"{directory} is in use by {holder}. One process owns a data directory: stop that one first, "
                "or give this one another TILLHAND_DATA_DIR."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _ourselves(since), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let the next process in. The file stays: removing it would let two processes lock two files."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def _ourselves(since: str) -> bytes:
    program, *arguments = sys.orig_argv or ["python"]
    command = " ".join([Path(program).name, *arguments[: _COMMAND_WORDS - 1]])
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since, "command": command}
    return json.dumps(holder).encode()


def _described(held: bytes) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        holder = json.loads(held)
        return f"process {holder['pid']} on {holder['host']} since {holder['since']} ({holder['command']})"
    return "another process that is just starting"
