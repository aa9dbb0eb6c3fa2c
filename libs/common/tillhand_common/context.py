"""What is known about the request being served: its id, trace, caller and deadline.

One object per request, in one context variable, because a middleware further in fills what one further out
reads (the access line names the tenant that authentication found), and because one lookup is cheaper than four.
"""

import random
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from starlette.types import Message

if TYPE_CHECKING:
    from tillhand_common.actor import Actor
    from tillhand_common.security import Principal

_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_REQUEST_ID: Final = re.compile(r"(?!th_)[A-Za-z0-9._-]{1,64}")
_TRACESTATE: Final = re.compile(r"[\x20-\x7e]{1,512}")  # what the specification allows; a client refuses to send others
_NEVER_ZERO: Final = 1 << 64 | 1  # an all-zero trace or span id is invalid
_ids: Final = random.Random()  # noqa: S311  # ids correlate log lines; nothing is guarded by them


class TraceParent(NamedTuple):
    """A W3C trace context (https://www.w3.org/TR/trace-context/): whose trace this is, and our own span in it."""

    trace_id: str
    span_id: str
    flags: str = "00"

    @classmethod
    def new(cls) -> Self:
        """Start a trace of our own, unsampled."""
        drawn = f"{_ids.getrandbits(192) | _NEVER_ZERO:048x}"
        return cls(drawn[:32], drawn[32:])

    @classmethod
    def parse(cls, header: str) -> Self | None:
        """Read a `traceparent` header; None where the specification says to ignore it."""
        match = _TRACEPARENT.fullmatch(header)
        if match is None:
            return None
        version, trace_id, parent_id, flags, rest = match.groups()
        if version == "ff" or (version == "00" and rest) or not (trace_id.strip("0") and parent_id.strip("0")):
            return None
        return cls(trace_id, parent_id, flags)

    @classmethod
    def continue_from(cls, header: str | None) -> Self:
        """Join the caller's trace with a span of our own, or start a new trace."""
        parent = cls.parse(header) if header else None
        return cls.new() if parent is None else cls(parent.trace_id, _span_id(), parent.flags)

    @property
    def sampled(self) -> bool:
        """Whether the caller records this trace, so that pointing at it from a metric makes sense."""
        return bool(int(self.flags, 16) & 1)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


@dataclass(slots=True)
class RequestInfo:
    """The facts of one request. Middlewares fill it from the outside in.

    Units: `started` is `time.perf_counter()`, `deadline` is `time.monotonic()`, both in seconds. `status` is 0 until
    the response begins, `route` empty until the request has been served. `on_start` is called with the
    `http.response.start` message, outermost middleware first: a middleware that only wants to see or complete the head
    of the response appends to it, and spares every message of every response one more wrapper around `send`.
    """

    request_id: str
    trace: TraceParent
    tracestate: str | None = None
    started: float = field(default_factory=perf_counter)
    principal: "Principal | None" = None
    actor: "Actor | None" = None
    deadline: float | None = None
    status: int = 0
    route: str = ""
    streaming: bool = False
    on_start: list[Callable[[Message], None]] = field(default_factory=list)


_current: Final[ContextVar[RequestInfo | None]] = ContextVar("tillhand_request", default=None)


def current() -> RequestInfo | None:
    """Return the request being served, or None outside of one."""
    return _current.get()


def enter(info: RequestInfo) -> None:
    """Make `info` the current request of this task and of those that it starts."""
    _current.set(info)


def request_id() -> str | None:
    """Return the id of the request being served."""
    info = _current.get()
    return None if info is None else info.request_id


def trace() -> TraceParent | None:
    """Return the trace context of the request being served."""
    info = _current.get()
    return None if info is None else info.trace


def principal() -> "Principal | None":
    """Return who makes the request being served, once authentication has found out."""
    info = _current.get()
    return None if info is None else info.principal


def set_principal(caller: "Principal") -> None:
    """Record who makes the request being served."""
    info = _current.get()
    if info is not None:
        info.principal = caller


def actor() -> "Actor | None":
    """Return in whose name the request being served acts; None when in that of its key."""
    info = _current.get()
    return None if info is None else info.actor


def set_actor(actor: "Actor") -> None:
    """Record in whose name the request being served acts."""
    info = _current.get()
    if info is not None:
        info.actor = actor


def deadline() -> float | None:
    """Return the monotonic second at which the request being served must be answered."""
    info = _current.get()
    return None if info is None else info.deadline


def set_deadline(monotonic_s: float | None) -> None:
    """Record until when the request being served must be answered."""
    info = _current.get()
    if info is not None:
        info.deadline = monotonic_s


def outgoing_headers() -> dict[str, str]:
    """Return the headers that carry request id and trace to the next service; empty outside of a request."""
    info = _current.get()
    if info is None:
        return {}
    headers = {"x-request-id": info.request_id, "traceparent": str(info.trace)}
    if info.tracestate is not None:
        headers["tracestate"] = info.tracestate
    return headers


def from_headers(request_id: str | None, traceparent: str | None, tracestate: str | None) -> RequestInfo:
    """Build the facts of a request from what its caller sent, replacing what is malformed.

    An id that starts like one of our keys is replaced too: ids are logged and echoed, keys never. A request that starts
    its trace here is called by the trace's id, so that one id finds both.
    """
    if request_id is not None and _REQUEST_ID.fullmatch(request_id) is None:
        request_id = None
    if traceparent is None:
        trace = TraceParent.new()
        return RequestInfo(request_id or trace.trace_id, trace)
    if request_id is None:
        request_id = f"{_ids.getrandbits(128):032x}"
    if tracestate is not None and _TRACESTATE.fullmatch(tracestate) is None:
        tracestate = None
    return RequestInfo(request_id, TraceParent.continue_from(traceparent), tracestate)


def _span_id() -> str:
    return f"{_ids.getrandbits(64) or 1:016x}"
