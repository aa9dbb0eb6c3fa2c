"""Asking a scripted chat back end through the adapter, with no patience beyond what a test needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from tests.fakes.chat_server import MODEL, ChatServer
from tillhand_common.http import RetryPolicy
from tillhand_rag.adapters.chat import ChatMetrics, ChatOptions, CompletionsModel
from tillhand_rag.errors import ChatUnavailable
from tillhand_rag.ports.chat import ChatMessage, ChatPiece

QUESTION = (ChatMessage("system", "Answer from the sources."), ChatMessage("user", "How long may I return a rope?"))
LIMIT_S = 10.0


@asynccontextmanager
async def asking(
    server: ChatServer | str,
    *,
    attempts: int = 3,
    metrics: ChatMetrics | None = None,
    **options: Any,  # noqa: ANN401  # as ChatOptions types them
) -> AsyncIterator[CompletionsModel]:
    """The adapter before a server; `options` are those of `ChatOptions`."""
    chosen = ChatOptions(server if isinstance(server, str) else server.base_url, **{"model": MODEL, **options})
    quick = RetryPolicy(attempts=attempts, base_s=0.001, cap_s=0.002)
    model = CompletionsModel(chosen, metrics=metrics, retry=quick)
    try:
        yield model
    finally:
        await model.close()


async def pieces(
    model: CompletionsModel,
    max_tokens: int = 64,
    messages: Sequence[ChatMessage] = QUESTION,
    *,
    limit_s: float = LIMIT_S,
) -> list[ChatPiece]:
    """All pieces of an answer."""
    async with asyncio.timeout(limit_s), aclosing(model.stream(messages, max_tokens=max_tokens)) as stream:
        return [piece async for piece in stream]


async def answer(model: CompletionsModel, max_tokens: int = 64) -> tuple[str, ChatPiece]:
    """The whole text of an answer, and its last piece."""
    received = await pieces(model, max_tokens)
    return "".join(piece.text for piece in received), received[-1]


async def breaks_off(
    model: CompletionsModel, messages: Sequence[ChatMessage] = QUESTION
) -> tuple[str, ChatUnavailable]:
    """The text that came before an answer failed, and the failure."""
    received: list[str] = []

    async def collect() -> None:
        async with asyncio.timeout(LIMIT_S), aclosing(model.stream(messages, max_tokens=64)) as stream:
            async for piece in stream:
                received.append(piece.text)  # noqa: PERF401  # a comprehension would lose what came before the failure

    with pytest.raises(ChatUnavailable) as caught:
        await collect()
    return "".join(received), caught.value
