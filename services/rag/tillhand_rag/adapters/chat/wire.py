"""What a chat API sends, as far as we read it: a piece of a streamed answer, or a whole one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tillhand_rag.adapters.chat.failures import cut, told, unusable
from tillhand_rag.ports.chat import ChatUsage

Finish = Literal["stop", "length", "content_filter", "other"]

_FINISHES: Final[Mapping[str, Finish]] = {
    **dict.fromkeys(("stop", "eos", "eos_token", "stop_sequence", "end_turn"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "max_length"), "length"),
    **dict.fromkeys(("content_filter", "safety"), "content_filter"),
}
_HTTP_ERRORS: Final = range(400, 600)
_BROKEN_OFF: Final = frozenset({"error", "abort", "cancelled"})


class _Shape(BaseModel):
    # hidden, because what a model said belongs in no traceback
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class _Part(_Shape):
    type: str = "text"
    text: str | None = None


class _Message(_Shape):
    content: str | list[_Part] | None = None

    @property
    def text(self) -> str:
        """The text meant for the reader: reasoning comes in fields or parts of its own and is left out."""
        if isinstance(self.content, list):
            return "".join(part.text or "" for part in self.content if part.type == "text")
        return self.content or ""


class _Choice(_Shape):
    index: int | None = 0
    delta: _Message | None = None
    message: _Message | None = None
    finish_reason: str | None = None


class _Usage(_Shape):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Completion(_Shape):
    """A piece of an answer (`delta`), or all of it (`message`); the last piece may hold nothing but the usage."""

    kind: str | None = Field(default=None, alias="object")
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Mapping[str, object] | str | None = None
    code: object = None

    @property
    def choice(self) -> _Choice | None:
        """The first choice; no other was asked for."""
        return next((each for each in self.choices or () if not each.index), None)

    @property
    def text(self) -> str:
        """What the assistant says here."""
        message = self.choice and (self.choice.delta or self.choice.message)
        return message.text if message else ""

    @property
    def finish(self) -> Finish | None:
        """How the answer ends, in the port's words. Raises `ChatUnavailable` where it says that it broke off."""
        reason = ((self.choice and self.choice.finish_reason) or "").lower()
        if reason in _BROKEN_OFF:
            raise cut()
        return _FINISHES.get(reason, "other") if reason else None

    @property
    def spent(self) -> ChatUsage | None:
        """The usage, where it is told whole."""
        usage = self.usage
        if usage is None or usage.prompt_tokens is None or usage.completion_tokens is None:
            return None
        return ChatUsage(usage.prompt_tokens, usage.completion_tokens)


def read(data: bytes, *, is_error: bool = False) -> Completion:
    """The completion in a JSON document. Raises `ChatUnavailable` where it is none, or holds an error."""
    try:
        completion = Completion.model_validate_json(data)
    except ValidationError:
        if is_error:
            raise told(None) from None
        raise unusable() from None
    if is_error or completion.error or completion.kind == "error":
        raise told(_status(completion))
    return completion


def _status(completion: Completion) -> int | None:
    """The HTTP status that an error names; the other kinds of code that exist tell a program nothing."""
    code = completion.error.get("code") if isinstance(completion.error, Mapping) else completion.code
    text = str(code)
    return int(text) if text.isascii() and text.isdigit() and int(text) in _HTTP_ERRORS else None
