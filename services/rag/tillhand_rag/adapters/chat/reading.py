"""One answer, read as its bytes come in: a stream of events, or one JSON document where a server does not stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tillhand_common.sse_reader import MAX_EVENT_BYTES, EventDecoder, EventOversized, ReceivedEvent
from tillhand_rag.adapters.chat.failures import cut, unusable
from tillhand_rag.adapters.chat.wire import Finish, read
from tillhand_rag.errors import ChatUnavailable
from tillhand_rag.ports.chat import ChatPiece, ChatUsage

CHARACTERS_PER_TOKEN: Final = 32
SPARE_CHARACTERS: Final = 256

_DONE: Final = b"[DONE]"


class Answer:
    """What has been read of an answer. A server that ignores `max_tokens` is cut off, as if it had kept to it."""

    def __init__(self, max_tokens: int) -> None:
        self._characters_left = max_tokens * CHARACTERS_PER_TOKEN + SPARE_CHARACTERS
        self._events = EventDecoder()
        self._document: bytearray | None = None
        self._begun = False
        self._is_answer = False
        self._finish: Finish | None = None
        self._usage: ChatUsage | None = None
        self.is_over = False

    @property
    def is_complete(self) -> bool:
        """Whether the whole text is there; usage may follow."""
        return self._finish is not None or self.is_over

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The text in this chunk. Raises `ChatUnavailable`."""
        if not self._begun and chunk.strip():
            self._begun = True
            # no event begins with a brace, and media types are not always true
            self._document = bytearray() if chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else None
        if self._document is None:
            yield from self._texts(self._events.feed(chunk))
            return
        self._document += chunk
        if len(self._document) > MAX_EVENT_BYTES:
            raise unusable()

    def close(self) -> Iterator[str]:
        """The text that was held back until the end of the body. Raises `ChatUnavailable`."""
        if self._document is not None:
            yield from self._bounded(self._take(ReceivedEvent(bytes(self._document))))
            self._finish = self._finish or "other"
            return
        try:
            yield from self._texts(self._events.close())
        except ChatUnavailable as problem:
            if problem.reason != "unusable":
                raise
            # half an event at the end of a body is a cut answer, which `last` tells

    def last(self) -> ChatPiece:
        """The end of the answer. Raises `ChatUnavailable` where it has none."""
        if not self._is_answer:
            raise unusable()
        if not self.is_complete:
            raise cut()
        return ChatPiece("", self._finish or "other", self._usage)

    def _texts(self, events: Iterator[ReceivedEvent]) -> Iterator[str]:
        try:
            for event in events:
                if not self.is_over:
                    yield from self._bounded(self._take(event))
        except (ChatUnavailable, EventOversized) as error:
            if not self.is_complete:
                raise error if isinstance(error, ChatUnavailable) else unusable() from None
            self.is_over = True  # the text is whole: what is wrong with the rest costs no more than the usage

    def _take(self, event: ReceivedEvent) -> str:
        if event.data.strip() == _DONE:
            self.is_over = True
            return ""
        completion = read(event.data, is_error=event.name == "error")
        self._is_answer |= completion.choice is not None
        self._usage = completion.spent or self._usage
        if self._finish is not None:
            return ""
        self._finish = completion.finish
        return completion.text

    def _bounded(self, text: str) -> Iterator[str]:
        if len(text) > self._characters_left:
            text = text[: self._characters_left]
            self._finish, self.is_over = "length", True
        self._characters_left -= len(text)
        if text:
            yield text
