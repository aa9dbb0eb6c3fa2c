"""The OpenAI-compatible chat interface, as far as existing clients need it.

Clients send parameters that mean nothing here (`temperature`, `tools`, `user`, …): they are taken and ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tillhand_rag.models.answers import MAX_TOKENS, Answer
from tillhand_rag.models.base import Out

MAX_MESSAGES = 500


class Lenient(BaseModel):
    """A part of a request in somebody else's format: members that are not known are ignored."""

    model_config = ConfigDict(extra="ignore")


class TextPart(Lenient):
    """A part of a message; parts that are no text are left out."""

    type: str = Field(max_length=64)
    text: str | None = Field(default=None, max_length=200_000)


class Message(Lenient):
    """One turn. The last one of the user's is the question; their earlier ones tell what a follow-up speaks of."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=200_000)] | Annotated[list[TextPart], Field(max_length=100)] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(Lenient):
    """What a stream is to tell beside the text."""

    include_usage: bool = False


class ChatRequest(Lenient):
    """A conversation. `model` names a collection, as in `tillhand/default`. All other parameters are ignored."""

    model: str = Field(min_length=1, max_length=200)
    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=2**31)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=2**31)

    @property
    def most_tokens(self) -> int | None:
        """The most tokens that the answer may take, where the client says so."""
        wanted = self.max_completion_tokens or self.max_tokens
        return None if wanted is None else min(wanted, MAX_TOKENS)


class ChatUsage(Out):
    """Tokens of the language model; none where quotes answered."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatAnswerMessage(Out):
    """The assistant's turn: the answer with its marks, and below it a note for each."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


Finish = Literal["stop", "length"]


class ChatChoice(Out):
    """The one answer."""

    index: Literal[0] = 0
    message: ChatAnswerMessage
    logprobs: None = None
    finish_reason: Finish


class ChatCompletion(Out):
    """An answer; `tillhand` is the same as `POST /v1/answers` gives it, citations as exact spans included."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(description="POSIX seconds")
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage
    tillhand: Answer


class ChatDelta(Out):
    """What a chunk adds to the assistant's turn."""

    role: Literal["assistant"] | None = None
    content: str | None = None


class ChatChunkChoice(Out):
    """The one answer, as far as it has come."""

    index: Literal[0] = 0
    delta: ChatDelta
    logprobs: None = None
    finish_reason: Finish | None = None


class ChatChunk(Out):
    """A piece of a streamed answer; the last one with choices carries `tillhand`."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChatChunkChoice]
    usage: ChatUsage | None = None
    tillhand: Answer | None = None


class Model(Out):
    """A collection as a model."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="always 0: a collection does not tell when it was begun")
    owned_by: str


class ModelList(Out):
    """The collections that the key may see."""

    object: Literal["list"] = "list"
    data: list[Model]
