"""The client for addresses that strangers wrote: pages to read, receivers to notify, never systems of ours.

Only http and https, only the ports and hosts of the policy. Names are resolved and checked by the network
below (`egress_network`), redirects are followed here, each address checked as if it had been asked for. Proxies,
cookies and credentials do not exist. Bytes are counted as sent and as unpacked, seconds from hop to end.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Self

import httpcore

from tillhand_common.egress_errors import (
    AnswerOversized,
    AnswerUnreadable,
    FetchTimedOut,
    HostUnreachable,
    RedirectRefused,
    UrlRefused,
)
from tillhand_common.egress_network import GuardedNetwork, Resolve, SystemResolver
from tillhand_common.gunzip import Gunzip, GzipDamaged, GzipOversized
from tillhand_common.http import tls_context
from tillhand_common.public_addresses import PrivateHosts
from tillhand_common.web_address import WebAddress

Hop = Callable[[WebAddress], AbstractAsyncContextManager[None]]
"""Entered before each request, a redirect's included, and left after it: the place for politeness and refusal."""

_MIB: Final = 1024 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What may be asked for, and how much of it. `total_s` covers all hops of a fetch, waiting at a `Hop` excluded."""

    ports: frozenset[int] = frozenset({80, 443})
    private_hosts: PrivateHosts = field(default_factory=PrivateHosts)
    user_agent: str = "Tillhand"
    max_bytes: int = 32 * _MIB
    max_redirects: int = 5
    max_connections: int = 20
    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 30.0


class WebAnswer:
    """An answer whose body has yet to be read. `url` is where the redirects ended, header names are lower case."""

    def __init__(self, url: WebAddress, response: httpcore.Response, max_bytes: int) -> None:
        self.url: Final = url
        self.status: Final = response.status
        self.headers: Final[Mapping[str, str]] = _headers(response)
        self._response = response
        self._max_bytes = max_bytes

    async def read(self) -> bytes:
        """Return the body, unpacked. Raises AnswerOversized, AnswerUnreadable, HostUnreachable, FetchTimedOut."""
        with _translated(self.url.host):
            return await self._read()

    async def _read(self) -> bytes:
        unpack = self._unpacker()
        received, pieces = 0, []
        async for chunk in self._response.aiter_stream():
            received += len(chunk)
            self._check(received)
            pieces.append(unpack.feed(chunk) if unpack else chunk)
        if unpack:
            unpack.finish()
        return b"".join(pieces)

    def _unpacker(self) -> Gunzip | None:
        declared = self.headers.get("content-length", "")
        self._check(int(declared) if declared.isascii() and declared.isdigit() else 0)
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if coding not in {"gzip", "x-gzip", "identity", ""}:
            raise AnswerUnreadable("the answer is packed in a way that was not asked for", self.url.host)
        return Gunzip(self._max_bytes) if "gzip" in coding else None

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise AnswerOversized("the answer is larger than allowed", self.url.host)


class Egress:
    """Fetches addresses on the public internet. Use it as an async context manager, one for the life of the service.

    `resolve`, `network` and `tls` are for tests: names, connections and certificates that are not the machine's.
    """

    def __init__(
        self,
        policy: EgressPolicy | None = None,
        *,
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy or EgressPolicy()
        self._resolver = SystemResolver()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or tls_context(wanted=True),
            max_connections=self._policy.max_connections,
            keepalive_expiry=15.0,
            network_backend=GuardedNetwork(self._policy.private_hosts, resolve or self._resolver, network),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()
        self._resolver.close()

    @asynccontextmanager
    async def open(
        self,
        address: WebAddress,
        *,
        headers: Mapping[str, str] | None = None,
        hop: Hop = lambda _: nullcontext(),
        max_bytes: int | None = None,
    ) -> AsyncIterator[WebAnswer]:
        """Ask for `address`, follow redirects, and yield the answer, whatever its status. Raises EgressError."""
        limit = self._policy.max_bytes if max_bytes is None else max_bytes
        left_s = self._policy.total_s
        for _ in range(self._policy.max_redirects + 1):
            self._check_port(address)
            async with hop(address):
                begun = asyncio.get_running_loop().time()
                async with self._exchange(address, headers or {}, left_s) as response:
                    answer = WebAnswer(address, response, limit)
                    following = _following(answer)
                    if following is None:
                        yield answer
                        return
                left_s -= asyncio.get_running_loop().time() - begun
            address = following
        raise RedirectRefused("redirects more than the allowed number of times", address.host)

    @asynccontextmanager
    async def post(self, address: WebAddress, content: bytes, headers: Mapping[str, str]) -> AsyncIterator[WebAnswer]:
        """Send `content`, once, and yield the answer, whatever its status: a redirect is one. Raises EgressError."""
        self._check_port(address)
        sent = {**headers, "Content-Length": str(len(content))}
        async with self._exchange(address, sent, self._policy.total_s, "POST", content) as response:
            yield WebAnswer(address, response, self._policy.max_bytes)

    def _check_port(self, address: WebAddress) -> None:
        if address.port not in self._policy.ports:
            raise UrlRefused(f"port {address.port} is not among those that may be asked", address.host)

    @asynccontextmanager
    async def _exchange(
        self,
        address: WebAddress,
        headers: Mapping[str, str],
        left_s: float,
        method: str = "GET",
        content: bytes | None = None,
    ) -> AsyncIterator[httpcore.Response]:
        policy = self._policy
        timeouts = {"connect": policy.connect_s, "read": policy.read_s, "write": policy.read_s, "pool": left_s}
        url = httpcore.URL(
            scheme=address.scheme, host=address.host.encode(), port=address.port, target=address.target.encode()
        )
        own = {"Host": address.netloc, "User-Agent": policy.user_agent, "Accept-Encoding": "gzip"}
        sent = list({**own, **headers}.items())
        with _translated(address.host):
            async with (
                asyncio.timeout(left_s),
                self._pool.stream(
                    method, url, headers=sent, content=content, extensions={"timeout": timeouts}
                ) as response,
            ):
                yield response


def _following(answer: WebAnswer) -> WebAddress | None:
    """Where a redirect leads; None when the answer is none. Raises RedirectRefused."""
    if answer.status not in _REDIRECTS or "location" not in answer.headers:
        return None
    try:
        following = answer.url.join(answer.headers["location"])
    except UrlRefused:
        raise RedirectRefused("redirects to something that is not fetched", answer.url.host) from None
    if answer.url.scheme == "https" and following.scheme == "http":
        raise RedirectRefused("redirects from https to http", answer.url.host)
    return following


def _headers(response: httpcore.Response) -> dict[str, str]:
    """Names in lower case; a header that comes twice is one, with a comma (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")  # addresses in `location` are, when they are not ASCII
    except UnicodeDecodeError:
        return value.decode("latin-1")


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """Turn what the libraries raise into how a fetch can fail."""
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError):
        raise FetchTimedOut("no answer in the time allowed", host) from None
    except GzipOversized:
        raise AnswerOversized("the answer is larger than allowed", host) from None
    except (GzipDamaged, httpcore.LocalProtocolError):
        raise AnswerUnreadable("the answer is damaged", host) from None
    except httpcore.RemoteProtocolError:
        raise HostUnreachable("the connection broke, or what came is no HTTP", host) from None
    except (httpcore.NetworkError, OSError) as error:  # TLS that breaks later is an OSError
        untrusted = any(isinstance(reason, ssl.SSLCertVerificationError) for reason in error.args)
        reason = "its certificate is not valid for this name" if untrusted else "the connection failed"
        raise HostUnreachable(reason, host) from None
