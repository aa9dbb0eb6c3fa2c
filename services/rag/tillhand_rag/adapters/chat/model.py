"""A language model behind the OpenAI chat API (`POST /chat/completions`), as most back ends speak it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import replace
from time import monotonic
from typing import Final
from uuid import uuid4

from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_common.health import CheckResult
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient, UpstreamMetrics, UpstreamStream
from tillhand_common.retry import remaining_s
from tillhand_rag.adapters.chat.dialect import Dialect
from tillhand_rag.adapters.chat.failures import before_the_answer, resting, timeout, within_the_answer
from tillhand_rag.adapters.chat.metrics import ChatMetrics, Watched
from tillhand_rag.adapters.chat.options import ChatOptions
from tillhand_rag.adapters.chat.probing import Prober
from tillhand_rag.adapters.chat.reading import Answer
from tillhand_rag.ports.chat import ChatMessage, ChatPiece

UPSTREAM: Final = "chat"
"""The name under which the common client counts calls and keeps its breaker."""

_CONNECT_S: Final = 5.0
_SHARE: Final = 0.9
"""Of the time that a request has left; the rest is for an answer without a language model."""


class CompletionsModel:
    """A `ChatModel`. Make it once, and `close` it at the end. `ValueError` when the address is no HTTP address."""

    def __init__(
        self,
        options: ChatOptions,
        *,
        metrics: ChatMetrics | None = None,
        upstreams: UpstreamMetrics | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._options = options
        self._metrics = metrics
        self._dialect = Dialect()
        self._has_answered = False
        self._prober = Prober(options)
        retry = replace(retry or RetryPolicy(), max_retry_after_s=options.patience_s)
        self._client = UpstreamClient(
            UPSTREAM,
            options.api_url,
            bearer=options.api_key,
            timeouts=Timeouts(
                connect_s=min(_CONNECT_S, options.timeout_s), read_s=options.stall_s, total_s=options.timeout_s
            ),
            resilience=Resilience(UPSTREAM, retry=retry, metrics=upstreams),
        )

    @property
    def name(self) -> str:
        """The model's name, as the back end knows it."""
        return self._options.model

    async def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncGenerator[ChatPiece, None]:
        """The assistant's text as it comes; closing the generator ends the call upstream. Raises `ChatUnavailable`."""
        watched = Watched(self._metrics)
        with watched.watching():
            async with aclosing(self._pieces(messages, min(max_tokens, self._options.max_tokens))) as pieces:
                async for piece in pieces:
                    self._has_answered |= piece.finish is not None
                    watched.saw(piece)
                    yield piece

    async def probe(self) -> CheckResult:
        """Whether the back end answers and serves the model; `degraded` where not, because answers go on without it."""
        if self._client.breaker.state == "open":
            return CheckResult("degraded", resting().detail, {"model": self.name, "reason": resting().reason})
        return await self._prober.probe(has_answered=self._has_answered)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        await self._prober.close()

    async def _pieces(self, messages: Sequence[ChatMessage], max_tokens: int) -> AsyncGenerator[ChatPiece, None]:
        until = monotonic() + min(self._options.timeout_s, remaining_s() * _SHARE)
        answer = Answer(max_tokens)
        async with AsyncExitStack() as stack:
            chunks = (await self._open(stack, messages, max_tokens, until)).chunks()
            while not answer.is_over and (chunk := await _next(chunks, answer, until)) is not None:
                for text in answer.feed(chunk):
                    yield ChatPiece(text)
                if answer.is_complete:
                    until = min(until, monotonic() + self._options.afterword_s)
            for text in answer.close():
                yield ChatPiece(text)
            yield answer.last()
            # a body that was read to its end leaves its connection for the next call
            await _next(chunks, answer, until)

    async def _open(
        self, stack: AsyncExitStack, messages: Sequence[ChatMessage], max_tokens: int, until: float
    ) -> UpstreamStream:
        """Ask, in other words as long as it is the words that are refused. Raises `ChatUnavailable`."""
        dialect: Dialect | None = self._dialect
        while dialect is not None:
            body = dialect.body(messages, model=self.name, max_tokens=max_tokens, temperature=self._options.temperature)
            try:
                async with asyncio.timeout(until - monotonic()):
                    opened = await stack.enter_async_context(self._asking(body, until - monotonic()))
            except UpstreamRejected as error:
                refusal, dialect = error, dialect.after(error)
            except UpstreamError as error:
                raise before_the_answer(error) from error
            except TimeoutError:
                raise timeout() from None
            else:
                self._dialect = dialect
                return opened
        raise before_the_answer(refusal) from refusal

    def _asking(self, body: dict[str, object], left_s: float) -> AbstractAsyncContextManager[UpstreamStream]:
        # An answer that was lost is asked for again: computing it twice does no harm, and the key says that it is one.
        return self._client.stream(
            "POST",
            "/chat/completions",
            json=body,
            headers={"accept": "text/event-stream, application/json"},
            idempotency_key=uuid4().hex,
            timeout_s=left_s,
        )


async def _next(chunks: AsyncIterator[bytes], answer: Answer, until: float) -> bytes | None:
    """More of the body; None at its end, and where no more comes of an answer that is complete."""
    try:
        async with asyncio.timeout(until - monotonic()):
            return await anext(chunks, None)
    except TimeoutError:
        problem = timeout()
    except UpstreamError as error:
        problem = within_the_answer(error)
    if answer.is_complete:
        return None
    raise problem
