"""What a call to an upstream is made of, free of the HTTP library, and whether it may be repeated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypedDict

from tillhand_common.errors import (
    UpstreamError,
    UpstreamProtocolError,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_common.upstream_response import UpstreamResponse

Method = Literal["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"]

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_REPEATABLE_STATUSES: Final = frozenset({None, 500, 502, 503, 504})
_IN_DOUBT_STATUSES: Final = frozenset({None, 502, 504})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each phase of a call may take, and the whole of it, in seconds; `read_s` is per piece of the answer."""

    connect_s: float = 2.0
    write_s: float = 10.0
    read_s: float = 10.0
    pool_s: float = 2.0
    total_s: float = 30.0

    def within(self, limit_s: float) -> dict[str, float]:
        """Return the phases in the library's terms, none longer than `limit_s`."""
        phases = {"connect": self.connect_s, "write": self.write_s, "read": self.read_s, "pool": self.pool_s}
        return {phase: min(seconds, limit_s) for phase, seconds in phases.items()}


class Options(TypedDict, total=False):
    """What a call can be given beside method and path.

    The body is `content`, `json`, or a form of `data` and `files` (field: name, content, media type). An
    `idempotency_key` makes repeating a write harmless. Statuses in `accept` are returned instead of raised. `check`
    sees each whole answer first and may raise, such as UpstreamThrottled for a throttling that came with status 200.
    `lost` is told of each attempt that was sent and whose answer did not come, or said nothing: the error that is
    raised in the end is that of the last attempt alone.
    """

    params: Mapping[str, str | int | float | bool]
    json: object
    content: bytes
    data: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes, str]] | Sequence[tuple[str, tuple[str, bytes, str]]]
    headers: Mapping[str, str]
    idempotency_key: str
    timeout_s: float
    accept: frozenset[int]
    check: Callable[[UpstreamResponse], None]
    lost: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Repetition:
    """What may happen after a failure. `harmless` says that doing it twice is like doing it once."""

    harmless: bool

    @classmethod
    def of(cls, method: Method, options: Options) -> "Repetition":
        """Judge by method (RFC 9110, 9.2.2) and idempotency key."""
        return cls(method in _IDEMPOTENT or "idempotency_key" in options)

    def may_cure(self, error: BaseException) -> bool:
        """Tell whether another attempt may help and can do no harm."""
        if isinstance(error, UpstreamUnavailable):
            return error.upstream_status in _REPEATABLE_STATUSES and (self.harmless or not error.sent)
        if isinstance(error, UpstreamTimeout):
            return self.harmless or not error.sent
        return isinstance(error, UpstreamThrottled)

    def is_in_doubt(self, error: UpstreamError) -> bool:
        """Tell whether this failure leaves open if a write has happened; an answer that cannot be read does, too."""
        if isinstance(error, UpstreamProtocolError):
            return not self.harmless
        if isinstance(error, UpstreamUnavailable):
            return not self.harmless and error.sent and error.upstream_status in _IN_DOUBT_STATUSES
        return isinstance(error, UpstreamTimeout) and not self.harmless and error.sent
