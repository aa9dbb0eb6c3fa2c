"""How a back end wants to be asked: what it refuses is learnt from its refusals, once for the life of the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Self

from tillhand_common.errors import UpstreamRejected
from tillhand_rag.ports.chat import ChatMessage

_REFUSALS: Final = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which parts of a request a back end takes: older ones know no `stream_options`, newer models no `max_tokens`."""

    stream_options: bool = True
    max_tokens: bool = True
    temperature: bool = True

    def body(
        self, messages: Sequence[ChatMessage], *, model: str, max_tokens: int, temperature: float | None
    ) -> dict[str, object]:
        """The request's JSON."""
        body: dict[str, object] = {
            "model": model,
            "messages": [asdict(message) for message in messages],
            "stream": True,
            "max_tokens" if self.max_tokens else "max_completion_tokens": max_tokens,
        }
        if self.stream_options:
            body["stream_options"] = {"include_usage": True}
        if self.temperature and temperature is not None:
            body["temperature"] = temperature
        return body

    def after(self, refusal: UpstreamRejected) -> Self | None:
        """The way to ask again after a refusal; None when there is nothing that could be left out.

        A refusal names what it does not know, or says nothing; `stream_options` is then the likeliest cause. Some
        repeat the whole request, so what is least missed goes first.
        """
        said = refusal.body
        if refusal.upstream_status not in _REFUSALS:
            return None
        if self.stream_options and b"stream_options" in said:
            return replace(self, stream_options=False)
        if self.max_tokens and b"max_completion_tokens" in said:
            return replace(self, max_tokens=False)
        if self.temperature and b"temperature" in said:
            return replace(self, temperature=False)
        return replace(self, stream_options=False) if self.stream_options else None
