"""Encryption as the vault needs it."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Place(NamedTuple):
    """Where a value is kept. It opens nowhere else."""

    tenant: str
    record: str
    field: str
    subject: str


class Cipher(Protocol):
    """Seals values under data keys, which are wrapped by a master key."""

    @property
    def master(self) -> str:
        """The id of the master key that wraps new data keys."""
        ...

    def new_key(self, tenant: str, subject: str) -> bytes:
        """A new data key for a person, wrapped."""
        ...

    def seal(self, wrapped: bytes, place: Place, value: bytes) -> bytes:
        """Encrypt a value for its place. Raises `SealBroken` where the data key cannot be unwrapped."""
        ...

    def open(self, wrapped: bytes, place: Place, sealed: bytes) -> bytes:
        """The value. Raises `SealBroken`."""
        ...
