"""Envelope encryption with AES-256-GCM: master keys in a file wrap a data key for each person, which seals values.

Associated data binds a ciphertext to its place, so that one that was moved to another record does not open. Each
ciphertext begins with a version, the master's id where it wraps a key, and a fresh nonce of 96 bits.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tillhand_approvals.errors import SealBroken
from tillhand_approvals.ports.sealing import Place
from tillhand_common import private_files
from tillhand_common.lifecycle import StartupError

_VERSION: Final = b"\x01"
_NONCE: Final = 12
_KEY: Final = 32
_ID: Final = 8
"""Characters of a master key's id."""


class EnvelopeCipher:
    """Seals under data keys that a master key wraps; older master keys still unwrap."""

    def __init__(self, masters: Mapping[str, bytes], current: str) -> None:
        self._masters = {name: AESGCM(key) for name, key in masters.items()}
        self._current = current

    def __repr__(self) -> str:
        """Nothing secret."""
        return f"EnvelopeCipher(master={self._current!r})"

    @property
    def master(self) -> str:
        """The id of the master key that wraps new data keys."""
        return self._current

    def new_key(self, tenant: str, subject: str) -> bytes:
        """A new data key for a person, wrapped."""
        return self._wrap(secrets.token_bytes(_KEY), tenant, subject)

    def rewrapped(self, wrapped: bytes, tenant: str, subject: str) -> bytes:
        """The same data key under the present master key. Raises `SealBroken`."""
        return self._wrap(self._unwrap(wrapped, tenant, subject), tenant, subject)

    def seal(self, wrapped: bytes, place: Place, value: bytes) -> bytes:
        """Encrypt a value for its place. Raises `SealBroken` where the data key cannot be unwrapped."""
        nonce = secrets.token_bytes(_NONCE)
        key = AESGCM(self._unwrap(wrapped, place.tenant, place.subject))
        return _VERSION + nonce + key.encrypt(nonce, value, _bound("value", *place))

    def open(self, wrapped: bytes, place: Place, sealed: bytes) -> bytes:
        """The value. Raises `SealBroken`."""
        key = AESGCM(self._unwrap(wrapped, place.tenant, place.subject))
        return _opened(key, sealed, _bound("value", *place))

    def _wrap(self, key: bytes, tenant: str, subject: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._masters[self._current].encrypt(nonce, key, _bound("key", self._current, tenant, subject))
        return self._current.encode() + _VERSION + nonce + sealed

    def _unwrap(self, wrapped: bytes, tenant: str, subject: str) -> bytes:
        name = wrapped[:_ID].decode("ascii", "replace")
        master = self._masters.get(name)
        if master is None:
            raise SealBroken("The master key that wrapped this is not here.")
        return _opened(master, wrapped[_ID:], _bound("key", name, tenant, subject))


def _opened(key: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    if sealed[:1] != _VERSION:
        raise SealBroken
    try:
        return key.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], bound)
    except (InvalidTag, ValueError):
        raise SealBroken from None


def _bound(*parts: str) -> bytes:
    """Associated data that no other parts have."""
    return json.dumps(parts).encode()


def load_cipher(path: Path) -> EnvelopeCipher:
    """The master keys of a file (mode 0600), which is made with one key when it is not there. Raises `StartupError`.

    Lines `id key`, both hexadecimal; the first wraps new keys, the others open what they have wrapped.
    """
    with private_files.locked(path):
        if not path.exists():
            line = f"{secrets.token_hex(_ID // 2)} {secrets.token_hex(_KEY)}\n"
            private_files.write(path, line.encode())
    try:
        pairs = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
        masters = {name: bytes.fromhex(key) for name, key in pairs}
    except (OSError, ValueError) as error:
        raise StartupError(f"{path} holds no master keys: restore it from a backup.") from error
    if not masters or any(len(key) != _KEY or len(name) != _ID for name, key in masters.items()):
        raise StartupError(f"{path} holds no master keys: restore it from a backup.")
    return EnvelopeCipher(masters, next(iter(masters)))
