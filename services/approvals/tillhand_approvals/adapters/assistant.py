"""A language model behind an OpenAI-compatible API."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import SecretStr

from tillhand_approvals.errors import DraftsUnavailable
from tillhand_common.errors import UpstreamError
from tillhand_common.health import OK, CheckResult
from tillhand_common.http import Resilience, RetryPolicy, UpstreamClient

TIMEOUT_S: Final = 60.0
MOST_TOKENS: Final = 600
PROBE_S: Final = 4.0
FAILURES: Final = 2
"""Probes in a row that must fail before it counts as away."""
_NO_SUCH_ROUTE: Final = frozenset({404, 405, 501})


class ChatAssistant:
    """Asks for one whole answer. Probes go their own way, so that they say nothing to the breaker about answers."""

    def __init__(self, url: str, model: str, key: SecretStr | None) -> None:
        self._model = model
        self._failures = 0
        self._client = UpstreamClient("assistant", url, bearer=key)
        once = Resilience("assistant", retry=RetryPolicy(attempts=1), failure_threshold=sys.maxsize)
        self._prober = UpstreamClient("assistant", url, bearer=key, resilience=once)

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(self._client.aclose(), self._prober.aclose())

    @property
    def model(self) -> str:
        """Its name."""
        return self._model

    async def write(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Its answer. Raises `DraftsUnavailable`."""
        body = {"model": self._model, "messages": list(messages), "max_tokens": MOST_TOKENS, "temperature": 0}
        try:
            answer = await self._client.request("POST", "/chat/completions", json=body, timeout_s=TIMEOUT_S)
            text = answer.json()["choices"][0]["message"]["content"]
        except UpstreamError as error:
            raise DraftsUnavailable("The assistant does not answer.", retry_after_s=10) from error
        except (LookupError, TypeError) as error:
            raise DraftsUnavailable("The assistant gave an answer of another kind.") from error
        if not isinstance(text, str):
            raise DraftsUnavailable("The assistant gave an answer of another kind.")
        return text

    async def check(self) -> CheckResult:
        """Whether it can be reached; one failure between successes is none."""
        try:
            await self._prober.request("GET", "/models", accept=_NO_SUCH_ROUTE, timeout_s=PROBE_S)
        except UpstreamError:
            self._failures += 1
            detail = "The assistant cannot be reached: replies cannot be drafted, people can still decide."
            return CheckResult("failed" if self._failures >= FAILURES else "degraded", detail)
        self._failures = 0
        return OK
