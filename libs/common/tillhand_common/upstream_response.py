"""What an upstream answered, free of the HTTP library, and what its status means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from tillhand_common.errors import UpstreamProtocolError, UpstreamRejected, UpstreamThrottled, UpstreamUnavailable

_KEPT_ERROR_BYTES: Final = 64 * 1024
_LONGEST_WAIT_S: Final = 365 * 86_400.0
_NOT_MODIFIED, _TOO_MANY_REQUESTS = 304, 429
_REDIRECTION, _SERVER_ERROR = 300, 500


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """A whole answer. `headers` ignore case, `body` is decompressed."""

    upstream: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401  # what JSON holds is for the caller's model to check
        """Return the parsed body. Raises UpstreamProtocolError when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise UpstreamProtocolError(self.upstream, "answered with something that is not JSON") from error


def raise_for_status(response: UpstreamResponse, accept: frozenset[int] = frozenset()) -> None:
    """Raise what a status outside 200 to 299, 304 and `accept` stands for."""
    status, upstream = response.status, response.upstream
    if status < _REDIRECTION or status == _NOT_MODIFIED or status in accept:
        return
    wait_s = retry_after_s(response.headers)
    if status >= _SERVER_ERROR:
        raise UpstreamUnavailable(upstream, f"answered {status}", upstream_status=status, retry_after_s=wait_s)
    rejection = UpstreamThrottled if status == _TOO_MANY_REQUESTS else UpstreamRejected
    raise rejection(
        upstream,
        upstream_status=status,
        headers=response.headers,
        body=response.body[:_KEPT_ERROR_BYTES],
        retry_after_s=wait_s,
    )


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Read `Retry-After` (RFC 9110, 10.2.3): seconds, or a date; None when it is absent or unreadable."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
