"""Whether the files of a tantivy index are what was written: the library itself checks sizes, not contents.

Each file of a segment ends with a footer: JSON that holds the CRC-32 of all before it, the length of that JSON and the
number 1337, both as 32 bits, little-endian (tantivy, `directory/footer.rs`).
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from pathlib import Path
from typing import Final

_SEGMENT_FILE: Final = re.compile(r"[0-9a-f]{32}\.\w+(\.\w+)?")
_TAIL: Final = struct.Struct("<II")
_MAGIC: Final = 1337


def is_intact(folder: Path) -> bool:
    """Whether every segment file in the folder has the checksum that it claims. Reads all of them."""
    return all(_is_as_written(path.read_bytes()) for path in folder.iterdir() if _SEGMENT_FILE.fullmatch(path.name))


def _is_as_written(content: bytes) -> bool:
    if len(content) < _TAIL.size:
        return False
    length, magic = _TAIL.unpack_from(content, len(content) - _TAIL.size)
    start = len(content) - _TAIL.size - length
    if magic != _MAGIC or start < 0:
        return False
    try:
        footer = json.loads(content[start : -_TAIL.size])
        return bool(footer["crc"] == zlib.crc32(memoryview(content)[:start]))
    except (ValueError, KeyError, TypeError):
        return False
