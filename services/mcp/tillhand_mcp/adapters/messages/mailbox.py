"""A mailbox that sends nothing: replies that were approved while no mail server is set."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Mailbox:
    """One JSON object a line; a message with a key that is there already is the same message."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()

    async def put(self, key: str, message: Mapping[str, Any]) -> bool:
        """Keep a message on disk; whether it is new."""
        async with self._lock:
            return await asyncio.to_thread(self._put, key, message)

    def messages(self) -> list[dict[str, Any]]:
        """All messages, oldest first."""
        if not self._path.exists():
            return []
        return [json.loads(line) for line in self._path.read_text("utf-8").splitlines()]

    def _put(self, key: str, message: Mapping[str, Any]) -> bool:
        if any(each["key"] == key for each in self.messages()):
            return False
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, json.dumps({"key": key, **message}, ensure_ascii=False).encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
        return True
