"""Metrics of the language model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final, get_args

import structlog

from tillhand_common.metrics import Metrics
from tillhand_rag.errors import ChatFailure, ChatUnavailable
from tillhand_rag.ports.chat import ChatPiece

OUTCOMES: Final = ("answered", "left", *get_args(ChatFailure))

_log: Final = structlog.get_logger(__name__)


class ChatMetrics:
    """The counters, made once per registry."""

    def __init__(self, metrics: Metrics) -> None:
        self.answers = metrics.counter(
            "rag_chat_answers_total",
            "Answers asked of the language model, by outcome: answered, left by the client, or why there was none.",
            {"outcome": OUTCOMES},
        )
        self.first_text = metrics.histogram(
            "rag_chat_first_text_seconds", "Seconds until the language model's first piece of text."
        ).labels()
        self.tokens = metrics.counter(
            "rag_chat_tokens_total", "Tokens that the language model counted.", {"kind": ("prompt", "completion")}
        )


class Watched:
    """Watches one answer for the metrics, and for the one log line that a failure leaves."""

    def __init__(self, metrics: ChatMetrics | None) -> None:
        self._metrics = metrics
        self._started = perf_counter()
        self._outcome = "left"
        self._has_text = False

    def saw(self, piece: ChatPiece) -> None:
        """Take note of a piece before it is handed on."""
        if piece.finish is not None:
            self._outcome = "answered"
        if self._metrics is None:
            return
        if piece.text and not self._has_text:
            self._has_text = True
            self._metrics.first_text.observe(perf_counter() - self._started)
        if piece.usage is not None:
            self._metrics.tokens.labels("prompt").inc(piece.usage.prompt_tokens)
            self._metrics.tokens.labels("completion").inc(piece.usage.completion_tokens)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count how the block ends."""
        try:
            yield
        except ChatUnavailable as problem:
            self._outcome = problem.reason
            _log.warning("chat_unavailable", reason=problem.reason, detail=problem.detail, begun=self._has_text)
            raise
        finally:
            if self._metrics is not None:
                self._metrics.answers.labels(self._outcome).inc()
