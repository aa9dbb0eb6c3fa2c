"""The one client for other systems, and the one module that imports the HTTP library.

An `UpstreamClient` belongs to one upstream: a pool, timeouts by phase that never outlast the deadline of the request
being served, trace headers, a circuit breaker, retries within a budget, and its own metrics. How a call can fail is
drawn in `errors`. Redirects are not followed unless asked for, cookies are not kept, and neither query nor header is
ever logged or put into an error.

What is repeated: a call whose repetition is harmless (by method, or by idempotency key) after a lost connection, a
timeout or a 5xx; any call that never left or was answered with 429. A write without a key that was sent and whose
answer is lost is an `IndeterminateWrite` and never repeated.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Literal, Self, TypeVar, Unpack

import httpx
from pydantic import SecretStr

from tillhand_common import context, http_library
from tillhand_common.breaker import Breaker
from tillhand_common.errors import (
    CircuitOpen,
    IndeterminateWrite,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
    leaves_open,
)
from tillhand_common.host_gate import is_loopback
from tillhand_common.resilience import Resilience
from tillhand_common.retry import RetryBudget, RetryPolicy
from tillhand_common.upstream_metrics import PoolWait, UpstreamMetrics
from tillhand_common.upstream_request import Method, Options, Repetition, Timeouts
from tillhand_common.upstream_response import UpstreamResponse, raise_for_status

__all__ = [
    "CircuitOpen",
    "IndeterminateWrite",
    "Method",
    "Options",
    "Resilience",
    "RetryBudget",
    "RetryPolicy",
    "Timeouts",
    "UpstreamClient",
    "UpstreamError",
    "UpstreamMetrics",
    "UpstreamProtocolError",
    "UpstreamRejected",
    "UpstreamResponse",
    "UpstreamStream",
    "UpstreamThrottled",
    "UpstreamTimeout",
    "UpstreamUnavailable",
    "tls_context",
]

T = TypeVar("T")
Redirects = Literal["never", "same-origin", "any"]

_MIB: Final = 1024 * 1024
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_HARMLESS_HEADERS: Final = ("accept", "accept-encoding", "user-agent")
_MAX_REDIRECTS: Final = 5

http_library.tame()


@dataclass(frozen=True, slots=True)
class _Call:
    """A request as the library builds it, and what is known about it."""

    request: httpx.Request
    options: Options
    repetition: Repetition
    limit_s: float


class UpstreamStream:
    """An answer as it comes in. Leaving the `stream` block ends it."""

    def __init__(self, upstream: str, response: httpx.Response) -> None:
        self._upstream = upstream
        self._response = response
        self.status: Final = response.status_code
        self.headers: Final[Mapping[str, str]] = response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the decompressed body in pieces. Raises UpstreamUnavailable, UpstreamTimeout, UpstreamProtocolError."""
        with _translated(self._upstream):
            async for chunk in self._response.aiter_bytes():
                yield chunk

    async def lines(self) -> AsyncIterator[str]:
        """Yield the lines of a UTF-8 body without their ends. Raises as `chunks` does."""
        with _translated(self._upstream):
            async for line in self._response.aiter_lines():
                yield line


class UpstreamClient:
    """Calls one upstream. Use it as an async context manager, one for the life of the service.

    `bearer` and `headers` go with every call, but never to another origin. Requests to loopback ignore proxy settings.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        bearer: SecretStr | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        resilience: Resilience | None = None,
        metrics: UpstreamMetrics | None = None,
        max_response_bytes: int = 32 * _MIB,
        max_connections: int = 100,
        redirects: Redirects = "never",
    ) -> None:
        self.name = name
        self._resilience = resilience or Resilience(name, metrics=metrics)
        self._timeouts = timeouts or Timeouts()
        self._max_response_bytes = max_response_bytes
        self._redirects = redirects
        url = httpx.URL(base_url)
        if url.scheme not in {"http", "https"} or url.userinfo:
            raise ValueError(f"{name}: the base URL must begin with http:// or https:// and hold no credentials")
        authorization = {"authorization": f"Bearer {bearer.get_secret_value()}"} if bearer else {}
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"user-agent": "tillhand", **authorization, **(headers or {})},
            limits=httpx.Limits(max_connections=max_connections, keepalive_expiry=15.0),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            verify=tls_context(wanted=url.scheme == "https" or redirects == "any"),
            trust_env=not is_loopback(url.host),
        )

    @property
    def breaker(self) -> Breaker:
        """The breaker of this upstream, for readiness checks."""
        return self._resilience.breaker

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def request(self, method: Method, path: str, **options: Unpack[Options]) -> UpstreamResponse:
        """Call `path` below the base URL and return the whole answer. Raises UpstreamError.

        An answer of more than `max_response_bytes` is an UpstreamProtocolError.
        """
        return await self._run(self._call(method, path, options), self._exchange)

    @asynccontextmanager
    async def stream(self, method: Method, path: str, **options: Unpack[Options]) -> AsyncIterator[UpstreamStream]:
        """Call `path` and yield the answer once its headers are there. Raises UpstreamError.

        Time limit, breaker and retries cover the call until then; afterwards `read_s` bounds the wait for each piece.
        """
        response = await self._run(self._call(method, path, options), self._open)
        try:
            yield UpstreamStream(self.name, response)
        finally:
            await response.aclose()

    def _call(self, method: Method, path: str, options: Options) -> _Call:
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError(f"{self.name}: the path must begin with one slash; credentials stay with their host")
        key = options.get("idempotency_key")
        request = self._http.build_request(
            method,
            path,
            params=options.get("params"),
            json=options.get("json"),
            content=options.get("content"),
            data=options.get("data"),
            files=options.get("files"),
            headers={
                **context.outgoing_headers(),
                **({} if key is None else {"idempotency-key": key}),
                **options.get("headers", {}),
            },
        )
        limit_s = options.get("timeout_s", self._timeouts.total_s)
        return _Call(request, options, Repetition.of(method, options), limit_s)

    async def _run(self, call: _Call, exchange: Callable[[_Call], Awaitable[T]]) -> T:
        async def attempt(left_s: float) -> T:
            call.request.extensions["timeout"] = self._timeouts.within(left_s)
            if self._resilience.reporter.counts:
                call.request.extensions["trace"] = PoolWait(self._resilience.reporter)
            try:
                with _translated(self.name):
                    async with asyncio.timeout(left_s):
                        return await exchange(call)
            except UpstreamError as error:
                if "lost" in call.options and leaves_open(error):
                    call.options["lost"]()
                if call.repetition.is_in_doubt(error):
                    raise IndeterminateWrite(self.name) from error
                raise

        return await self._resilience.call(attempt, limit_s=call.limit_s, repeatable=call.repetition.may_cure)

    async def _exchange(self, call: _Call) -> UpstreamResponse:
        response = await self._send(call.request)
        try:
            answer = await self._read(response)
        finally:
            await response.aclose()
        raise_for_status(answer, call.options.get("accept", frozenset()))
        if "check" in call.options:
            call.options["check"](answer)
        return answer

    async def _open(self, call: _Call) -> httpx.Response:
        response = await self._send(call.request)
        accept = call.options.get("accept", frozenset())
        if not (response.is_success or response.status_code in accept):
            try:
                raise_for_status(await self._read(response))
            finally:
                await response.aclose()
        return response

    async def _send(self, request: httpx.Request) -> httpx.Response:
        response = await self._http.send(request, stream=True)
        for _ in range(_MAX_REDIRECTS):
            following = self._redirected(response)
            if following is None:
                return response
            await response.aclose()
            response = await self._http.send(following, stream=True)
        await response.aclose()
        raise UpstreamProtocolError(self.name, "redirected too often")

    def _redirected(self, response: httpx.Response) -> httpx.Request | None:
        following = response.next_request
        if following is None or self._redirects == "never" or response.request.method not in {"GET", "HEAD"}:
            return None
        if _origin(following.url) != _origin(response.request.url):
            if self._redirects == "same-origin":
                return None
            kept = {name: following.headers[name] for name in _HARMLESS_HEADERS if name in following.headers}
            following.headers = httpx.Headers({"host": following.url.netloc.decode("ascii"), **kept})
        return following

    async def _read(self, response: httpx.Response) -> UpstreamResponse:
        received, chunks = 0, []
        async for chunk in response.aiter_bytes():
            received += len(chunk)
            if received > self._max_response_bytes:
                raise UpstreamProtocolError(self.name, f"answered with more than {self._max_response_bytes} bytes")
            chunks.append(chunk)
        return UpstreamResponse(self.name, response.status_code, response.headers, b"".join(chunks))


@contextmanager
def _translated(upstream: str) -> Iterator[None]:
    """Turn what the library raises into how a call can fail here."""
    try:
        yield
    except (httpx.TimeoutException, TimeoutError) as error:
        raise UpstreamTimeout(upstream, "no answer in time", sent=not isinstance(error, _NEVER_SENT)) from error
    except (httpx.DecodingError, httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
        raise UpstreamProtocolError(upstream) from error
    except httpx.TransportError as error:
        raise UpstreamUnavailable(upstream, "the connection failed", sent=not isinstance(error, _NEVER_SENT)) from error


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


@lru_cache(maxsize=2)
def tls_context(*, wanted: bool) -> ssl.SSLContext:
    """Return the certificates that outgoing calls trust, the same object every time; none where TLS is never spoken."""
    # 30 ms and 1.4 MB: once per process.
    return httpx.create_ssl_context() if wanted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
