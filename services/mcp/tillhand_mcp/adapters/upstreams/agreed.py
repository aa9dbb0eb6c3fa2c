"""An upstream that answers in another shape than was agreed has failed; nobody made a mistake in calling it."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from tillhand_common.errors import UpstreamProtocolError

P = ParamSpec("P")
T = TypeVar("T")


def agreed(upstream: str, run: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """`run`, whose stumbling over an answer is an `UpstreamProtocolError`. Arguments have been checked before it."""

    @functools.wraps(run)
    async def running(*args: P.args, **kwargs: P.kwargs) -> T:
        with as_agreed(upstream):
            return await run(*args, **kwargs)

    return running


@contextmanager
def as_agreed(upstream: str) -> Iterator[None]:
    """Within, stumbling over an answer is an `UpstreamProtocolError`."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise UpstreamProtocolError(upstream, "answered in another shape than was agreed") from error
