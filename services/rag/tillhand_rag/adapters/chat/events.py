"""Server-sent events out of bytes, as https://html.spec.whatwg.org/multipage/server-sent-events.html cuts them.

Lines end with LF, CR or CRLF and with nothing else: splitting decoded text at every Unicode line end would cut a JSON
document at the U+2028 in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tillhand_rag.adapters.chat.failures import unusable

MAX_EVENT_BYTES: Final = 1024 * 1024

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_BOM: Final = b"\xef\xbb\xbf"


class SentEvent(NamedTuple):
    """The data of one event, and whether the server marked it as an error."""

    data: bytes
    is_error: bool


class EventDecoder:
    """Fed with a body as it comes, cut anywhere. An event beyond `MAX_EVENT_BYTES` raises `ChatUnavailable`."""

    def __init__(self) -> None:
        self._rest = b""
        self._after_cr = False
        self._data: list[bytes] = []
        self._size = 0
        self._is_error = False

    def feed(self, chunk: bytes) -> Iterator[SentEvent]:
        """The events that end in this chunk."""
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        *lines, self._rest = _LINE_END.split(self._rest + chunk)
        for line in lines:
            yield from self._line(line.removeprefix(_BOM))
        if self._size + len(self._rest) > MAX_EVENT_BYTES:
            raise unusable()

    def close(self) -> Iterator[SentEvent]:
        """The event that the end of the body left without its blank line."""
        yield from self._line(self._rest)
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[SentEvent]:
        if not line:
            if self._data:
                yield SentEvent(b"\n".join(self._data), self._is_error)
            self._data, self._size, self._is_error = [], 0, False
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field in {b"data", b"error"}:  # older llama.cpp names the field itself `error`
            self._data.append(value)
            self._size += len(value)
        self._is_error |= field == b"error" or (field, value) == (b"event", b"error")
