"""Questions that make no sense, and what cannot answer them."""

from __future__ import annotations

from typing import Literal

from tillhand_common.problems import Problem

ChatFailure = Literal[
    "unreachable", "timeout", "cut", "throttled", "misconfigured", "rejected", "failed", "unusable", "resting"
]
"""What was wrong with a language model that did not answer."""


class InvalidFilter(Problem):
    """A comparison that makes no sense."""

    status = 422
    slug = "invalid-filter"
    title = "The filter is not valid"


class InvalidCursor(Problem):
    """A cursor that no list has given out."""

    status = 422
    slug = "invalid-cursor"
    title = "The cursor is not valid"


class EmbedderUnavailable(Problem):
    """The embedding model cannot answer."""

    status = 503
    slug = "embedder-unavailable"
    title = "The embedding model is unavailable"


class ChatUnavailable(Problem):
    """The language model cannot answer; `reason` tells a program why."""

    status = 503
    slug = "chat-unavailable"
    title = "The language model is unavailable"

    def __init__(self, detail: str = "", *, reason: ChatFailure = "failed", retry_after_s: float | None = None) -> None:
        super().__init__(detail, extensions={"reason": reason}, retry_after_s=retry_after_s)
        self.reason = reason
        self.retry_after_s = retry_after_s


class StoreUnavailable(Problem):
    """The store cannot answer."""

    status = 503
    slug = "store-unavailable"
    title = "The store is unavailable"
