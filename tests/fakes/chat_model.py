"""A language model that writes what a test has scripted."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from tillhand_rag.errors import ChatUnavailable
from tillhand_rag.ports.chat import ChatMessage, ChatPiece, ChatUsage

Part = str | asyncio.Event | ChatUnavailable
Finish = Literal["stop", "length", "content_filter", "other"]


class ScriptedChat:
    """A `ChatModel`. Each answer is a script: texts, given word by word, events to wait for, and a way to fail.

    `asked` holds the messages of each call, `open` the calls under way, `begun` is set by the first.
    """

    name = "scripted"

    def __init__(self, *answers: str | Sequence[Part], finish: Finish = "stop") -> None:
        self._answers = deque(answers)
        self._finish = finish
        self.asked: list[Sequence[ChatMessage]] = []
        self.max_tokens: list[int] = []
        self.open = 0
        self.begun = asyncio.Event()

    @property
    def prompt(self) -> str:
        """What was asked last, all messages together."""
        return "\n".join(message.content for message in self.asked[-1])

    async def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncGenerator[ChatPiece, None]:
        """The next answer of the script."""
        self.asked.append(messages)
        self.max_tokens.append(max_tokens)
        answer = self._answers.popleft()
        self.open += 1
        try:
            for part in [answer] if isinstance(answer, str) else answer:
                if isinstance(part, ChatUnavailable):
                    raise part
                if isinstance(part, asyncio.Event):
                    self.begun.set()
                    await part.wait()
                else:
                    for word in re.findall(r"\s*\S+", part) or [part]:
                        yield ChatPiece(word)
                        self.begun.set()
            yield ChatPiece("", self._finish, ChatUsage(40, 8))
        finally:
            self.open -= 1
