"""Streams for clients that read nothing but `data`: the chassis' event stream without its named events.

OpenAI's clients take every event for a piece of the answer, the bare `retry` at the beginning included.
"""

from __future__ import annotations

import json
from typing import Final

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from tillhand_common.problems import Draining
from tillhand_rag.routes.completion_errors import error_of

DONE: Final = b"data: [DONE]\n\n"
_QUIET: Final = b": waiting\n\n"


class DataOnly(Response):
    """Serves an event stream whose own frames hold `data` alone; what the chassis adds becomes a comment.

    A farewell becomes an error, since such a client would take the stream's end for the answer's.
    """

    def __init__(self, stream: Response) -> None:
        super().__init__()
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""

        async def send_data(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": _plain(message.get("body", b""))}
            await send(message)

        await self._stream(scope, receive, send_data)


def _plain(frame: bytes) -> bytes:
    if frame.startswith(b"event: farewell"):
        return data({"error": error_of(Draining())})
    return _QUIET if frame.startswith((b"retry:", b"event:")) else frame


def data(document: object) -> bytes:
    """A frame with this document; a string is taken for JSON already."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return f"data: {text}\n\n".encode()
