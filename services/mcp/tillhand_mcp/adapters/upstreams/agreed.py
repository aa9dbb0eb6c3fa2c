"""An upstream that answers in another shape than was agreed has failed; nobody made a mistake in calling it."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec

from tillhand_common.errors import UpstreamProtocolError
from tillhand_mcp.ports.connector import Answer

P = ParamSpec("P")


def agreed(upstream: str, run: Callable[P, Awaitable[Answer]]) -> Callable[P, Awaitable[Answer]]:
    """`run`, whose stumbling over an answer is an `UpstreamProtocolError`. Arguments have been checked before it."""

    @functools.wraps(run)
    async def running(*args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return await run(*args, **kwargs)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise UpstreamProtocolError(upstream, "answered in another shape than was agreed") from error

    return running
