"""Whether the language model's back end answers, asked cheaply: `GET /models` computes nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from tillhand_common.errors import UpstreamError
from tillhand_common.health import CheckResult
from tillhand_common.http import Resilience, RetryPolicy, UpstreamClient
from tillhand_common.upstream_response import UpstreamResponse
from tillhand_rag.adapters.chat.failures import before_the_answer, timeout
from tillhand_rag.adapters.chat.options import ChatOptions

TIMEOUT_S: Final = 4.0

_OK: Final = 200
_NO_SUCH_ROUTE: Final = frozenset({404, 405, 501})


class Prober:
    """Asks beside the calls for answers: a list of models that works says nothing to the breaker about answers."""

    def __init__(self, options: ChatOptions) -> None:
        self._model = options.model
        once = Resilience("chat", retry=RetryPolicy(attempts=1), failure_threshold=sys.maxsize)
        self._client = UpstreamClient(
            "chat", options.api_url, bearer=options.api_key, resilience=once, max_response_bytes=4 * 1024 * 1024
        )

    async def probe(self, *, has_answered: bool) -> CheckResult:
        """`ok` or `degraded`, never `failed`. What an answer has proven outweighs a list without the model's name."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                listing = await self._client.request("GET", "/models", accept=_NO_SUCH_ROUTE)
        except (UpstreamError, TimeoutError) as error:
            problem = before_the_answer(error) if isinstance(error, UpstreamError) else timeout()
            return CheckResult("degraded", problem.detail, {"model": self._model, "reason": problem.reason})
        is_listed = self._model in set(_names(listing))
        data = {"model": self._model, "listed": is_listed}
        if is_listed or has_answered:
            return CheckResult("ok", data=data)
        detail = "The language model's back end does not list the model that is configured, and has not answered yet."
        return CheckResult("degraded", detail, data)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _names(listing: UpstreamResponse) -> Iterator[str]:
    """The names that each listed model answers to; nothing where the answer is no such list."""
    with suppress(UpstreamError, TypeError, KeyError, AttributeError):
        for model in listing.json()["data"] if listing.status == _OK else ():
            yield model["id"]
            yield model["id"].removesuffix(":latest")  # Ollama
            yield from model.get("aliases", ())  # llama.cpp
