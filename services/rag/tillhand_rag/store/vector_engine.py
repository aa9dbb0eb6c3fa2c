"""Where Chroma runs: in a process of its own, or, for tests, in the thread that asks."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Protocol

from tillhand_rag.store import chroma_index
from tillhand_rag.store.chroma_index import ChromaIndex
from tillhand_rag.store.foreign import sober

_ENDS_WITHIN_S: Final = 3.0
_ENVIRONMENT: Final[Mapping[str, str]] = {"OPENBLAS_NUM_THREADS": "1", "ANONYMIZED_TELEMETRY": "False"}


class EngineFailed(Exception):
    """A call has failed, or the engine has ended under it."""


class Engine(Protocol):
    """Calls `ChromaIndex`'s methods; one call at a time, from any thread."""

    @property
    def running(self) -> bool: ...

    def start(self) -> None:
        """Be ready for calls. The index is not open yet."""
        ...

    def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401  # whatever that method returns
        """Raises `EngineFailed`."""
        ...

    def idle(self) -> bool:
        """Whether no call is under way."""
        ...

    def stop(self) -> None:
        """End, and give back all memory."""
        ...


class ThreadEngine:
    """Chroma in this process."""

    def __init__(self, folder: Path, store_id: str) -> None:
        self._index = ChromaIndex(folder, store_id)
        self._lock = threading.Lock()
        self.running = False

    def start(self) -> None:
        """See `Engine`."""
        self.running = True

    def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401  # as `Engine` says
        """See `Engine`."""
        with self._lock:
            try:
                return sober(lambda: getattr(self._index, method)(*arguments))
            except Exception as error:  # foreign code behind it: anything can come
                raise EngineFailed(f"{type(error).__name__}: {error}") from error

    def idle(self) -> bool:
        """See `Engine`."""
        return not self._lock.locked()

    def stop(self) -> None:
        """See `Engine`."""
        self._index.close()
        self.running = False


class ProcessEngine:
    """Chroma in a process of its own, which ends when this one does."""

    def __init__(self, folder: Path, store_id: str) -> None:
        self._arguments = [str(folder), store_id]
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """See `Engine`."""
        return self._connection is not None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """See `Engine`."""
        self.stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # this interpreter, and a file of ours
                # -P: this file's folder is no place to import from.
                [sys.executable, "-P", chroma_index.__file__, str(theirs.fileno()), *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **_ENVIRONMENT},
                start_new_session=True,  # signals to our group are for us: it ends when we close the connection
            )
        self._connection = Connection(ours.detach())

    def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401  # as `Engine` says
        """See `Engine`."""
        with self._lock:
            if self._connection is None:
                raise EngineFailed("the process is not running")
            try:
                self._connection.send((method, arguments))
                done, answer = self._connection.recv()
            except (EOFError, OSError) as error:
                self.stop()
                raise EngineFailed(f"the process has ended during {method}") from error
        if not done:
            raise EngineFailed(answer)
        return answer

    def idle(self) -> bool:
        """See `Engine`."""
        return not self._lock.locked()

    def stop(self) -> None:
        """See `Engine`."""
        connection, self._connection = self._connection, None
        process, self._process = self._process, None
        if connection is not None:
            connection.close()
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_ENDS_WITHIN_S)
            process.kill()
            process.wait()
