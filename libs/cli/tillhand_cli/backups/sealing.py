"""Archives that only a passphrase opens.

AES-256-GCM over pieces of one size, with the key from scrypt. The nonce of a piece counts, and says whether it is the
last one, so that pieces can be neither exchanged nor cut off: the STREAM construction of Hoang, Reyhanitabar, Rogaway
and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015.
"""

from __future__ import annotations

import os
from io import BufferedIOBase
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tillhand_cli.backups.errors import BackupRefused

MAGIC: Final = b"tillhand sealed backup 1\n"
PIECE: Final = 256 * 1024
_SALT: Final = 16
_PREFIX: Final = 7
_TAG: Final = 16
COST: Final = 2**16
"""scrypt's N: 64 MiB and a fifth of a second for each guess."""


class Sealing(BufferedIOBase):
    """Encrypts what is written to it into a file; what counts is sealed with `close`."""

    def __init__(self, file: IO[bytes], passphrase: bytes) -> None:
        salt, prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._file = file
        self._cipher = _Pieces(passphrase, salt, prefix)
        self._waiting = bytearray()
        file.write(MAGIC + salt + prefix)

    def write(self, content: object, /) -> int:
        """Encrypt, keeping back what may be the last piece."""
        taken = bytes(content)  # type: ignore[call-overload]  # a buffer, whatever its type
        self._waiting += taken
        while len(self._waiting) > PIECE:
            self._file.write(self._cipher.sealed(bytes(self._waiting[:PIECE]), last=False))
            del self._waiting[:PIECE]
        return len(taken)

    def close(self) -> None:
        """Write the last piece."""
        if not self.closed:
            self._file.write(self._cipher.sealed(bytes(self._waiting), last=True))
        super().close()


class Opening(BufferedIOBase):
    """Decrypts a file from front to back, having read `MAGIC`. Raises `BackupRefused`: wrong passphrase, or altered."""

    def __init__(self, file: IO[bytes], passphrase: bytes) -> None:
        self._file = file
        self._cipher = _Pieces(passphrase, file.read(_SALT), file.read(_PREFIX))
        self._ahead = file.read(PIECE + _TAG)
        self._ready = b""
        self._ended = False

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes, fewer only at the end."""
        wanted = 2**62 if size is None or size < 0 else size
        while len(self._ready) < wanted and not self._ended:
            piece, self._ahead = self._ahead, self._file.read(PIECE + _TAG)
            self._ended = not self._ahead
            self._ready += self._cipher.opened(piece, last=self._ended)
        taken, self._ready = self._ready[:wanted], self._ready[wanted:]
        return taken


class _Pieces:
    def __init__(self, passphrase: bytes, salt: bytes, prefix: bytes) -> None:
        self._key = AESGCM(Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(passphrase))
        self._prefix = prefix
        self._count = 0

    def sealed(self, piece: bytes, *, last: bool) -> bytes:
        return self._key.encrypt(self._nonce(last=last), piece, MAGIC)

    def opened(self, piece: bytes, *, last: bool) -> bytes:
        first = self._count == 0
        try:
            return self._key.decrypt(self._nonce(last=last), piece, MAGIC)
        except (InvalidTag, ValueError) as error:
            raise BackupRefused(
                "The passphrase is another one, or the backup is damaged." if first else "The backup is damaged."
            ) from error

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self._prefix + self._count.to_bytes(4) + bytes([last])
        self._count += 1
        return nonce
