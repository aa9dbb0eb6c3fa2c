"""gzip unpacked bit by bit under an upper bound, so that a small archive cannot become a large one."""

import zlib
from typing import Final

_GZIP: Final = zlib.MAX_WBITS | 16
_MAGIC: Final = b"\x1f\x8b"
_MAX_MEMBERS: Final = 10_000


class GzipDamaged(ValueError):
    """The bytes are no gzip (RFC 1952), or they end too early."""


class GzipOversized(ValueError):
    """There is more inside than allowed."""


class Gunzip:
    """Unpacks one gzip stream, at most `max_bytes` of it. What follows the last member is ignored, as gzip does."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._members = 0
        self._inflate = zlib.decompressobj(_GZIP)
        self._begun = False
        self._ended = False

    def feed(self, data: bytes) -> bytes:
        """Return what `data` adds. Raises GzipDamaged and GzipOversized."""
        pieces = []
        while data and not self._ended:
            self._begun = True
            try:
                piece = self._inflate.decompress(data, self._left + 1)  # one more than allowed tells that there is more
            except zlib.error:
                raise GzipDamaged from None
            self._left -= len(piece)
            if self._left < 0:
                raise GzipOversized
            pieces.append(piece)
            data = self._inflate.unconsumed_tail
            if self._inflate.eof:
                data = self._next_member()
        return b"".join(pieces)

    def finish(self) -> None:
        """Say that nothing follows. Raises GzipDamaged when something should have."""
        if self._begun and not self._inflate.eof:
            raise GzipDamaged

    def _next_member(self) -> bytes:
        rest = self._inflate.unused_data
        self._members += 1
        self._ended = bool(rest) and (not _MAGIC.startswith(rest[:2]) or self._members > _MAX_MEMBERS)
        if rest and not self._ended:
            self._inflate = zlib.decompressobj(_GZIP)
        return rest


def gunzip(data: bytes, max_bytes: int) -> bytes:
    """Unpack a whole gzip file. Raises GzipDamaged and GzipOversized."""
    unpacked = Gunzip(max_bytes)
    result = unpacked.feed(data)
    unpacked.finish()
    return result
