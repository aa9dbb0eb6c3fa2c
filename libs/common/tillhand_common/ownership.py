"""One process per service and data folder: who has the lock owns the data, and everybody else learns who that is."""

import contextlib
import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tillhand_common.clock import Clock, rfc3339
from tillhand_common.lifecycle import StartupError
from tillhand_common.private_files import make_folder

RESTORE_JOURNAL: Final = "restore.json"
"""The file in a data folder that a restore has while it puts things in place."""

_COMMAND_WORDS: Final = 4
_NOTE_BYTES: Final = 4096


@contextmanager
def owned(data_dir: Path, service: str, clock: Clock, *, restoring: bool = False) -> Iterator[None]:
    """Own what `service` keeps in `data_dir`; the folder is made where it is missing.

    The kernel holds the lock for this process and ends it together with it, so that a lock is never stale. Raises
    StartupError at once: when another process has it, naming that one, when the folder cannot be used, or when a
    restore was cut short in it; only who restores again may own that.
    """
    try:
        make_folder(data_dir)
        descriptor = os.open(data_dir / f"{service}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(data_dir, error) from error
    try:
        _lock(descriptor, data_dir, service)
        if not restoring and (data_dir / RESTORE_JOURNAL).exists():
            raise StartupError(
                f"a restore into {data_dir} was cut short: run `tillhand backup restore` again, or `tillhand backup "
                "undo` for what was there before"
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _ourselves(rfc3339(clock.now())), 0)
        yield
        # The file stays: were it removed, two processes could hold locks on two files of one name.
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def unusable(data_dir: Path, error: OSError) -> StartupError:
    """Return what an operator is told when the data folder cannot be read or written."""
    reason = (error.strerror or type(error).__name__).lower()
    return StartupError(f"the data folder {data_dir} cannot be used: {reason} (TILLHAND_DATA_DIR names another)")


def _lock(descriptor: int, data_dir: Path, service: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _described(os.pread(descriptor, _NOTE_BYTES, 0))
        raise StartupError(
            f"{data_dir} is in use by {holder}. One process of {service} owns a data folder: stop that one first, "
            "or give this one another TILLHAND_DATA_DIR."
        ) from None
    except OSError as error:  # a file system without locks
        raise unusable(data_dir, error) from error


def _ourselves(since: str) -> bytes:
    program, *arguments = sys.orig_argv or ["python"]
    command = " ".join([Path(program).name, *arguments[: _COMMAND_WORDS - 1]])
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since, "command": command}
    return json.dumps(holder).encode()[:_NOTE_BYTES]


def _described(note: bytes) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        holder = json.loads(note)
        return f"process {holder['pid']} on {holder['host']} since {holder['since']} ({holder['command']})"
    return "another process that is just starting"
