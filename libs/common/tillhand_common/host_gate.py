"""The Host and Origin gate: what a browser can be tricked into sending is refused before anything looks at it.

A name that an attacker points at our address (DNS rebinding) shows in `Host`; a page of another site shows in
`Origin` or `Sec-Fetch-Site`. Served are loopback names with any port, the names in `allowed_hosts`, and the very
address that the connection came to: probes ask by address, and an address cannot be rebound. Behind address
translation the outer address or name goes into `allowed_hosts`, as does a service's name in a container network.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common.problems import Forbidden, MisdirectedHost

_POLICY_VIOLATION: Final = 1008
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignOrigin(Forbidden):
    """A page of another site made the browser send this request."""

    slug, title = "foreign-origin", "Requests from pages of other sites are refused"


class HostOriginGate:
    """Answer 421 for a Host that is not ours and 403 for an Origin that is foreign.

    `allowed_hosts` are names without a port, `allowed_origins` are `scheme://host[:port]`. WebSockets, which no
    route of ours speaks, are closed.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: Iterable[str] = (), allowed_origins: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host_name(host.encode()) for host in allowed_hosts)
        self._origins = frozenset(origin.rstrip("/").lower().encode() for origin in allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it was meant for us."""
        if scope["type"] == "http":
            self._check(scope)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        host, origin = headers.get(b"host", b""), headers.get(b"origin")
        repeated = sum(name == b"host" for name, _ in scope["headers"]) > 1
        if repeated or not self._serves(host_name(host), scope):
            raise MisdirectedHost("Ask by a loopback name, by address, or by a name in TILLHAND_ALLOWED_HOSTS.")
        if origin is not None:
            if not self._welcomes(origin, host):
                raise ForeignOrigin("The origin of this request is not in TILLHAND_ALLOWED_ORIGINS.")
        elif headers.get(b"sec-fetch-site") == b"cross-site" and not _is_link(scope["method"], headers):
            raise ForeignOrigin("A page of another site sent this request.")

    def _serves(self, name: str | None, scope: Scope) -> bool:
        if name is None:
            return False
        server = scope.get("server")
        return name in self._hosts or is_loopback(name) or (server is not None and name == server[0])

    def _welcomes(self, origin: bytes, host: bytes) -> bool:
        origin = origin.lower()
        if origin in self._origins:
            return True
        scheme, _, authority = origin.partition(b"://")
        if scheme not in (b"http", b"https"):
            return False
        return authority == host.lower() or is_loopback(host_name(authority) or "")


def _is_link(method: str, headers: Mapping[bytes, bytes]) -> bool:
    # Following a link to us is not an attack: the page that holds it cannot read the answer.
    return headers.get(b"sec-fetch-mode") == b"navigate" and method in _SAFE_METHODS


@lru_cache(maxsize=256)
def host_name(authority: bytes) -> str | None:
    """Return the host of `host[:port]`, lower-case and without brackets; None when it cannot be read."""
    try:
        parts = urlsplit(f"//{authority.decode('ascii')}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return None
    plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return name if plain and name else None


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether a host name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
