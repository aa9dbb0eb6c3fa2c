"""What a failed call means to whoever asked: a sentence without address, key, question or answer, and a reason.

unreachable    no connection                       misconfigured  address, key or model are not right
timeout        no answer, or no more of it         rejected       it does not take this question
cut            the answer broke off                failed         a fault of its own, such as a 5xx
throttled      it asks to slow down                unusable       what it sends cannot be read
resting        not asked: it failed too often just now
"""

from __future__ import annotations

from typing import Final

from tillhand_common.errors import (
    CircuitOpen,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_rag.errors import ChatUnavailable

_TOO_MANY_REQUESTS: Final = 429
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_MISCONFIGURED: Final = {
    401: "The language model's back end refuses the key that is configured.",
    402: "The language model's back end wants to be paid first.",
    403: "The language model's back end refuses the key that is configured.",
    404: "The language model's back end has no such model, or no chat API at the configured address.",
    405: "There is no chat API at the configured address.",
}


def before_the_answer(error: UpstreamError) -> ChatUnavailable:
    """What a call that brought no answer raises."""
    wait_s = error.retry_after_s
    match error:
        case UpstreamRejected() | UpstreamUnavailable() if error.upstream_status is not None:
            return _answered(error.upstream_status, wait_s)
        case CircuitOpen():
            return resting(wait_s)
        case UpstreamUnavailable():
            return ChatUnavailable("The language model cannot be reached.", reason="unreachable")
        case UpstreamTimeout():
            return timeout()
        case UpstreamProtocolError():
            return unusable()
        case _:
            return ChatUnavailable("The language model failed.", reason="failed")


def within_the_answer(error: UpstreamError) -> ChatUnavailable:
    """What an answer that had begun raises."""
    match error:
        case UpstreamTimeout():
            return timeout()
        case UpstreamProtocolError():
            return unusable()
        case _:
            return cut()


def told(status: int | None) -> ChatUnavailable:
    """What an error inside an answer raises; `status` is the one that it would have had as an answer of its own."""
    if status is None:
        return ChatUnavailable("The language model reported an error.", reason="failed")
    return _answered(status, None)


def resting(wait_s: float | None = None) -> ChatUnavailable:
    """It was not asked."""
    return ChatUnavailable("The language model failed too often just now.", reason="resting", retry_after_s=wait_s)


def timeout() -> ChatUnavailable:
    """No answer, or no end of it, within the time allowed."""
    return ChatUnavailable("The language model did not answer in time.", reason="timeout")


def cut() -> ChatUnavailable:
    """The answer broke off."""
    return ChatUnavailable("The language model's answer was cut.", reason="cut")


def unusable() -> ChatUnavailable:
    """What came is no answer."""
    return ChatUnavailable("The language model sent something that cannot be read.", reason="unusable")


def _answered(status: int, wait_s: float | None) -> ChatUnavailable:
    if status == _TOO_MANY_REQUESTS:
        return ChatUnavailable("The language model asks to slow down.", reason="throttled", retry_after_s=wait_s)
    if status >= _SERVER_ERROR:
        detail = f"The language model's back end answered {status}."
        return ChatUnavailable(detail, reason="failed", retry_after_s=wait_s)
    if status < _CLIENT_ERROR or status in _MISCONFIGURED:  # a redirect leads to an address that nobody configured
        detail = _MISCONFIGURED.get(status, "The configured address leads elsewhere; it is not that of a chat API.")
        return ChatUnavailable(detail, reason="misconfigured")
    detail = f"The language model's back end does not take the question: it answered {status}."
    return ChatUnavailable(detail, reason="rejected", retry_after_s=wait_s)
