"""How a call to another system can fail, whichever client makes it.

UpstreamError 502 upstream-error
├── UpstreamUnavailable 502 upstream-unavailable      no connection, a broken one, or a 5xx answer
├── UpstreamTimeout 504 upstream-timeout              no answer within the time allowed
├── UpstreamRejected 502 upstream-rejected            a 4xx answer: the upstream is well, the request is not
│   └── UpstreamThrottled 503 upstream-throttled      it asks to slow down; may say until when
├── UpstreamProtocolError 502 upstream-protocol-error an answer that is not what was agreed, or too large
├── CircuitOpen 503 circuit-open                      not tried: the upstream failed too often just now
└── IndeterminateWrite 502 indeterminate-write        sent, then lost: it may or may not have happened

All are problems, so a route that lets one through answers with it. The detail names the upstream by the name it
has in the settings, never by address, and holds nothing of what it answered.
"""

from collections.abc import Mapping

from tillhand_common.problems import Problem

__all__ = [
    "CircuitOpen",
    "IndeterminateWrite",
    "UpstreamError",
    "UpstreamProtocolError",
    "UpstreamRejected",
    "UpstreamThrottled",
    "UpstreamTimeout",
    "UpstreamUnavailable",
    "leaves_open",
]


class UpstreamError(Problem):
    """A call to another system did not succeed. `retry_after_s` is what it asked for, where it did."""

    status, slug, title = 502, "upstream-error", "An upstream call failed"

    def __init__(self, upstream: str, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(
            f"{upstream}: {detail or self.title.lower()}",
            extensions={"upstream": upstream},
            retry_after_s=retry_after_s,
        )
        self.upstream = upstream
        self.retry_after_s = retry_after_s


class UpstreamUnavailable(UpstreamError):
    """It could not be reached, broke the connection or answered with a 5xx status."""

    slug, title = "upstream-unavailable", "An upstream is unavailable"

    def __init__(
        self,
        upstream: str,
        detail: str = "",
        *,
        upstream_status: int | None = None,
        sent: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(upstream, detail, retry_after_s=retry_after_s)
        self.upstream_status = upstream_status
        self.sent = sent


class UpstreamTimeout(UpstreamError):
    """It did not answer in time. `sent` is False when the request never left."""

    status, slug, title = 504, "upstream-timeout", "An upstream did not answer in time"

    def __init__(self, upstream: str, detail: str = "", *, sent: bool = True) -> None:
        super().__init__(upstream, detail)
        self.sent = sent


class UpstreamRejected(UpstreamError):
    """It answered with a 4xx status. `body` is what it said, cut; it stays inside the process."""

    slug, title = "upstream-rejected", "An upstream rejected the request"

    def __init__(
        self,
        upstream: str,
        detail: str = "",
        *,
        upstream_status: int,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(upstream, detail or f"answered {upstream_status}", retry_after_s=retry_after_s)
        self.upstream_status = upstream_status
        self.upstream_headers: Mapping[str, str] = headers or {}
        self.body = body


class UpstreamThrottled(UpstreamRejected):
    """It asks to slow down: a 429, or a body that says the same."""

    status, slug, title = 503, "upstream-throttled", "An upstream asks to slow down"


class UpstreamProtocolError(UpstreamError):
    """Its answer is larger than allowed or cannot be read."""

    slug, title = "upstream-protocol-error", "An upstream answered with something unusable"


class CircuitOpen(UpstreamError):
    """The call was not made: the breaker is open, or its one probe is under way."""

    status, slug, title = 503, "circuit-open", "An upstream is given a rest after failing too often"


class IndeterminateWrite(UpstreamError):
    """A write was sent and its answer lost: one without an idempotency key, which is never repeated, or one whose
    repetitions came to no answer either. A person has to look."""

    slug, title = "indeterminate-write", "It is unknown whether an upstream did what was asked"


def leaves_open(error: BaseException) -> bool:
    """Whether, after this failure of one attempt, what was asked for may have happened all the same."""
    if isinstance(error, UpstreamTimeout | UpstreamUnavailable):
        return error.sent
    return isinstance(error, IndeterminateWrite | UpstreamProtocolError)
