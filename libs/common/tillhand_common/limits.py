"""Bounds on what one request, and one caller, may cost: body size, time and rate."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from limits import RateLimitItem, parse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.lifecycle import PROBE_PATHS
from tillhand_common.problems import BodyTooLarge, DeadlineExceeded, TooManyRequests
from tillhand_common.rate_storage import WindowStorage
from tillhand_common.route_pattern import RoutePattern

LINGER_BYTES: Final = 8 * 1024 * 1024
LINGER_S: Final = 2.0


class BodyLimit:
    """Answer 413 for a body of more than `max_bytes`, announced or streamed.

    The connection is closed after the answer. Until then a bounded part of what the client still sends is read and
    dropped, since closing on unread data resets the connection and the client would never see the answer.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as long as its body stays within the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _announced_bytes(scope) > self._max_bytes:
            await self._refuse(receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        exceeded = started = False

        async def counted_receive() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                exceeded = True
                raise HTTPException(BodyTooLarge.status)  # FastAPI turns any other error in a body into a 400
            return message

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if exceeded and not started:
                return  # the application's view of a body that was cut; the answer is ours
            started = True
            await send(message)

        try:
            await self._app(scope, counted_receive, guarded_send)
        except HTTPException:
            if not exceeded:
                raise
        if exceeded and not started:
            await self._refuse(receive, send)

    async def _refuse(self, receive: Receive, send: Send) -> None:
        problem = BodyTooLarge(
            f"The limit is {self._max_bytes} bytes.",
            extensions={"max_bytes": self._max_bytes},
            headers={"connection": "close"},
        )
        headers, body = problem.encode()
        await send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await _linger(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _linger(receive: Receive) -> None:
    left = LINGER_BYTES
    try:
        async with asyncio.timeout(LINGER_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return  # the client has had its time


class _Running:
    """A request that has no answer yet."""

    __slots__ = ("cancelling", "expired", "expires_at", "task")

    def __init__(self, task: "asyncio.Task[object]", expires_at: float) -> None:
        self.task = task
        self.expires_at = expires_at
        self.cancelling = task.cancelling()
        self.expired = False


class Deadline:
    """Answer 504 for a request that has no answer after `seconds`; tell everything below until when it has time.

    `routes` gives some routes, such as `POST /v1/documents`, seconds of their own.

    A response that has begun, such as a stream of events, is not cut. Work in a thread cannot be interrupted: the
    answer then waits for it. One timer looks after all requests, because one for each (`asyncio.timeout`) costs 12 µs;
    a deadline is met up to a twentieth of itself late, 0.1 s at most.
    """

    def __init__(self, app: ASGIApp, *, seconds: float, routes: Mapping[str, float] | None = None) -> None:
        self._app = app
        self._seconds = seconds
        self._routes = [(RoutePattern(route), own) for route, own in (routes or {}).items()]
        self._tick_s = min(0.1, seconds / 20)
        self._running: set[_Running] = set()
        self._ticking = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its deadline set."""
        info, task = context.current(), asyncio.current_task()
        if scope["type"] != "http" or info is None or task is None:
            await self._app(scope, receive, send)
            return
        info.deadline = time.monotonic() + self._allowed(scope)
        request = self._watch(task, info.deadline)

        def begun(_message: Message) -> None:
            if not request.expired:
                info.deadline = None
                self._running.discard(request)

        info.on_start.append(begun)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if request.expired and task.uncancel() <= request.cancelling:
                raise DeadlineExceeded(f"There was no answer within {self._allowed(scope):g} s.") from None
            raise
        finally:
            self._running.discard(request)

    def _allowed(self, scope: Scope) -> float:
        return next((own for route, own in self._routes if route.matches(scope)), self._seconds)

    def _watch(self, task: "asyncio.Task[object]", expires_at: float) -> _Running:
        request = _Running(task, expires_at)
        self._running.add(request)
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_later(self._tick_s, self._tick)
        return request

    def _tick(self) -> None:
        now = time.monotonic()
        for request in [request for request in self._running if request.expires_at <= now]:
            self._running.discard(request)
            request.expired = True
            request.task.cancel()
        self._ticking = bool(self._running)
        if self._ticking:
            asyncio.get_running_loop().call_later(self._tick_s, self._tick)


class RateLimit:
    """Answer 429 when a key, or an address without one, asks more often than `rate` such as `600/minute` allows.

    Every answer says what is left, in the headers `RateLimit-Policy` and `RateLimit`
    (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/). Probes are not counted. `off` counts
    nothing. The count is this process's own. A caller may use its whole rate at once; what was used then comes back
    evenly as time passes, not all at the turn of a window.
    """

    def __init__(self, app: ASGIApp, *, rate: str) -> None:
        self._app = app
        self._storage = WindowStorage()
        self._limit = None if rate == "off" else parse(rate)
        if self._limit is not None:
            self._policy = f'"default";q={self._limit.amount};w={self._limit.get_expiry()}'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its caller may ask again."""
        if self._limit is not None and scope["type"] == "http" and scope["path"] not in PROBE_PATHS:
            self._count(self._limit, _caller(scope))
        await self._app(scope, receive, send)

    def _count(self, limit: RateLimitItem, caller: str) -> None:
        amount, period_s = limit.amount, limit.get_expiry()
        admitted = self._storage.acquire_sliding_window_entry(caller, amount, period_s)
        left, wait_s = self._storage.left(caller, amount, period_s)
        state = f'"default";r={left};t={wait_s}'
        if not admitted:
            raise TooManyRequests(
                f"{amount} requests per {period_s} s are allowed.",
                headers={"ratelimit-policy": self._policy, "ratelimit": state},
                retry_after_s=wait_s,
            )
        info = context.current()
        if info is not None:
            added = ((b"ratelimit-policy", self._policy.encode()), (b"ratelimit", state.encode()))
            info.on_start.append(lambda message: message["headers"].extend(added))


def _caller(scope: Scope) -> str:
    principal = context.principal()
    if principal is not None and principal.kind != "anonymous":
        return principal.key_id
    client = scope.get("client")
    return f"address {client[0]}" if client else "unknown address"
