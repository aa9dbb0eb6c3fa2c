"""A chat back end on loopback that plays a script: an OpenAI-compatible API, well-behaved or not.

    async with chat_server([says("Within 30 days [1].")]) as server:
        server.base_url                      # http://127.0.0.1:PORT/v1
        server.requests[0].messages          # what was asked, parsed
        server.script(fails(503), says("Yes."))

Answers are given in order; when the script has run out, `otherwise` is given. `GET /models` answers outside the script.
Pauses are events: `says("Within ", pause, "30 days.")` waits there until the test calls `pause.set()`. An answer is a
`Reply`, so `says("Yes.").held(event)` holds it back before its head.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from tillhand_common.testing import FakeUpstream, Reply

MODEL: Final = "scripted-model"
MODELS_TARGET: Final = "/v1/models"
DONE: Final = b"data: [DONE]\n\n"
THEN: Final[Mapping[str | None, Literal["truncate", "hang"]]] = {"cut": "truncate", "stall": "hang"}
Finish = Literal["stop", "length", "content_filter", "tool_calls"]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question as it arrived: the parsed body, and headers with lower-case names."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages, each with `role` and `content`."""
        return list(self.body["messages"])

    @property
    def text(self) -> str:
        """What all messages say, one after the other."""
        return "\n".join(message["content"] for message in self.messages)


class ChatServer:
    """The running server. `upstream` is the plain scripted server below it."""

    def __init__(self, upstream: FakeUpstream) -> None:
        self.upstream = upstream
        self.base_url = f"{upstream.base_url}/v1"

    @property
    def requests(self) -> list[ChatRequest]:
        """The questions that arrived at `/chat/completions`, in order."""
        return [
            ChatRequest(json.loads(request.body), request.headers)
            for request in self.upstream.requests
            if (request.method, request.target) == ("POST", "/v1/chat/completions")
        ]

    def script(self, *answers: Reply) -> None:
        """Append answers, each given once."""
        self.upstream.script(*answers)

    def models(self, answer: Reply) -> None:
        """Let `GET /models` answer like this from now on."""
        self.upstream.fixed[MODELS_TARGET] = answer

    async def received(self, count: int = 1) -> None:
        """Return once `count` requests have arrived, those for `/models` included."""
        await self.upstream.received(count)

    async def left(self, count: int = 1) -> None:
        """Return once `count` clients have closed their connection before they had the whole answer."""
        await self.upstream.left(count)


@asynccontextmanager
async def chat_server(script: Iterable[Reply] = (), *, otherwise: Reply | None = None) -> AsyncIterator[ChatServer]:
    """Serve on a free loopback port for as long as the block lasts."""
    async with FakeUpstream.start(otherwise or says("Yes.")) as upstream:
        server = ChatServer(upstream)
        server.models(Reply.json({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))
        server.script(*script)
        yield server


def says(
    *parts: str | asyncio.Event,
    finish: Finish | None = "stop",
    usage: tuple[int, int] | None = (40, 8),
    done: bool = True,
    then: Literal["cut", "stall"] | None = None,
) -> Reply:
    """An answer that streams `parts` word by word, pausing at events, as most servers do.

    `finish` None leaves the end out; `usage` is (prompt tokens, completion tokens), in a piece of its own. `then`
    is what happens after all of that: the connection is `cut`, or it stays open and `stall`s without `[DONE]`.
    """
    pieces: list[bytes | asyncio.Event] = [event(choice({"role": "assistant", "content": ""}))]
    for part in parts:
        pieces += [part] if isinstance(part, asyncio.Event) else [event(choice({"content": w})) for w in words(part)]
    if finish is not None:
        pieces.append(event(choice({}, finish)))
    if usage is not None and finish is not None:
        pieces.append(event({"choices": [], "usage": tokens(*usage)}))
    if done and finish is not None and then is None:
        pieces.append(DONE)
    return streams(pieces, then=then)


def says_at_once(text: str, *, finish: Finish = "stop", usage: tuple[int, int] = (40, 8)) -> Reply:
    """An answer of a server that does not stream: one JSON document."""
    message = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return Reply.json({"object": "chat.completion", "model": MODEL, "choices": [message], "usage": tokens(*usage)})


def talks_forever(text: str = "and ") -> Reply:
    """An answer without an end."""
    return streams(itertools.repeat(event(choice({"content": text}))))


def fails(
    status: int, message: str = "The scripted back end refuses.", *, retry_after: str | int | None = None
) -> Reply:
    """An error in OpenAI's form, with `Retry-After` in seconds or as an HTTP date."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Reply.json({"error": {"message": message, "type": "scripted", "code": status}}, status, headers)


def streams(pieces: Iterable[bytes | asyncio.Event], *, then: Literal["cut", "stall"] | None = None) -> Reply:
    """An event stream of raw bytes, for what no well-behaved server sends."""
    return Reply(headers={"content-type": "text/event-stream"}, pieces=pieces, failure=THEN.get(then))


def event(data: object) -> bytes:
    """One event as servers send it; anything but a string becomes JSON."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def choice(delta: Mapping[str, object], finish: str | None = None) -> dict[str, object]:
    """A piece of an answer, as the data of an event."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": MODEL,
        "choices": [{"index": 0, "delta": dict(delta), "finish_reason": finish}],
    }


def tokens(prompt: int, completion: int) -> dict[str, int]:
    """A usage object."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def words(text: str) -> Sequence[str]:
    """A text in the pieces that a model would give, white space kept."""
    return re.findall(r"\s*\S+\s*", text) or [text]
