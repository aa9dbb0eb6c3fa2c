"""Server-sent events out of bytes, as https://html.spec.whatwg.org/multipage/server-sent-events.html cuts them.

Lines end with LF, CR or CRLF and with nothing else: splitting decoded text at every Unicode line end would cut a JSON
document at the U+2028 in it.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

MAX_EVENT_BYTES: Final = 1024 * 1024

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_BOM: Final = b"\xef\xbb\xbf"


class EventOversized(Exception):
    """An event is larger than `MAX_EVENT_BYTES`."""


class ReceivedEvent(NamedTuple):
    """One event. `id` is the last that the stream has named, on this event or before."""

    data: bytes
    name: str = "message"
    id: str | None = None


class EventDecoder:
    """Fed with a body as it comes, cut anywhere. Raises `EventOversized`.

    A field `error`, as older llama.cpp names it, counts as the data of an event of this name.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._after_cr = False
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""
        self._id: str | None = None

    def feed(self, chunk: bytes) -> Iterator[ReceivedEvent]:
        """The events that end in this chunk."""
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        *lines, self._rest = _LINE_END.split(self._rest + chunk)
        for line in lines:
            yield from self._line(line.removeprefix(_BOM))
        if self._size + len(self._rest) > MAX_EVENT_BYTES:
            raise EventOversized

    def close(self) -> Iterator[ReceivedEvent]:
        """The event that the end of the body left without its blank line."""
        yield from self._line(self._rest)
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[ReceivedEvent]:
        if not line:
            if self._data:
                yield ReceivedEvent(b"\n".join(self._data), self._name or "message", self._id)
            self._data, self._size, self._name = [], 0, ""
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field in {b"data", b"error"}:
            self._data.append(value)
            self._size += len(value)
        if field == b"error":
            self._name = "error"
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
