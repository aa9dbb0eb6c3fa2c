"""Language models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """What an answer cost, in the model's own tokens."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class ChatPiece:
    """A piece of the assistant's text. `finish` and `usage` come with the last piece, whose text may be empty.

    `usage` is None when the back end does not tell it.
    """

    text: str
    finish: Literal["stop", "length", "content_filter", "other"] | None = None
    usage: ChatUsage | None = None


class ChatModel(Protocol):
    """An OpenAI-compatible chat back end, for answers written by a language model."""

    @property
    def name(self) -> str:
        """The model's name, as the back end knows it."""
        ...

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncGenerator[ChatPiece, None]:
        """The assistant's text as it comes; closing the generator ends the call upstream.

        Raises `ChatUnavailable` when the back end cannot answer, also in the middle of an answer.
        """
        ...
