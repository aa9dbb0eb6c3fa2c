"""Passwords by Argon2id, with the parameters that OWASP asks for at least: 19 MiB, two passes, one lane.

They are hashed one at a time, in a thread, so that guessing costs neither the memory nor the pace of the console.
"""

from __future__ import annotations

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_MEMORY_KIB: Final = 19 * 1024


class Argon2Passwords:
    """Hashes passwords."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=_MEMORY_KIB, parallelism=1)
        self._turn = asyncio.Lock()
        self._nobodys = ""

    async def hashed(self, password: str) -> str:
        """A hash to keep."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether it is the one; without a hash as slow as with one, so that time tells no names."""
        if kept is None and not self._nobodys:
            self._nobodys = await self.hashed("nobody")
        async with self._turn:
            right = await asyncio.to_thread(self._verify, kept or self._nobodys, password)
        return right and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than one would be today."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
