"""Who may ask: keys, scopes and the loopback rule. Where a request may come from is in `host_gate`.

The loopback rule: a service that listens on a loopback address answers reads without a key, so that the first
question works; everything else needs a key, there as anywhere. A request counts as local only if the service is
bound to loopback, the connection comes from loopback, the Host is a loopback name and no header says that a proxy
passed it on. A key that is presented and not good is refused even there: it never falls back to anonymous.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal, Protocol, Self

import structlog
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.host_gate import ForeignOrigin, HostOriginGate, host_name, is_loopback
from tillhand_common.keys import SCOPES, Key, KeyStore, KeyStoreUnreadable
from tillhand_common.lifecycle import PROBE_PATHS, READY_PATH
from tillhand_common.problems import Forbidden, NotFound, Unauthorized, Unavailable

__all__ = [
    "ANONYMOUS",
    "NOBODY",
    "Authentication",
    "BearerTokens",
    "ForeignOrigin",
    "HostOriginGate",
    "Principal",
    "is_loopback",
    "require",
]

RECHECK_S: Final = 0.1
_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request. `collections` None means all of them."""

    key_id: str
    kind: Literal["agent", "service", "operator", "anonymous"]
    tenant: str
    collections: frozenset[str] | None
    scopes: frozenset[str]

    @classmethod
    def of(cls, key: Key) -> Self:
        """Return who a key stands for."""
        return cls(key.id, key.kind, key.tenant, key.collections, key.scopes)

    def may_see(self, collection: str) -> bool:
        """Tell whether a collection is one of the caller's."""
        return self.collections is None or collection in self.collections

    def check_collection(self, collection: str) -> None:
        """Raise NotFound for a foreign collection, as for one that does not exist."""
        if not self.may_see(collection):
            raise NotFound("There is no such collection.", field="collection")


ANONYMOUS: Final = Principal("anonymous", "anonymous", "default", None, frozenset({"rag:read", "analytics:read"}))
"""A local caller without a key: may read documents and reports, nothing else."""

NOBODY: Final = Principal("anonymous", "anonymous", "default", None, frozenset())
"""Whoever asks a probe and would be let in nowhere else."""


class BearerTokens(Protocol):
    """Reads bearer tokens that are no keys of ours, such as those of an authorization server."""

    def principal(self, token: str) -> Principal | None:
        """Return whom a token stands for; None when it is not good here, for whatever reason."""
        ...


class Authentication:
    """Find out who makes the request and put them into its context; 401 when that is nobody.

    `host` is the address that the service is bound to. Probes are answered without a key, from anywhere, and nobody
    is refused there; `/ready` tells more to whoever would be let in elsewhere. A good key is remembered for a tenth of
    a second, so that is how long one that was revoked may still be taken. `on_refused` is told of each that is no good.

    `public` paths are for everybody, in nobody's name; with `keyless` all paths are. `tokens` reads what is no key of
    ours. `challenge` gives further
    parameters for the `WWW-Authenticate` header of a request that is refused.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: KeyStore,
        host: str,
        on_refused: Callable[[], None] = lambda: None,
        public: Collection[str] = (),
        keyless: bool = False,
        tokens: BearerTokens | None = None,
        challenge: Callable[[Scope], str] = lambda _: "",
    ) -> None:
        self._app = app
        self._keys = keys
        self._bound_to_loopback = is_loopback(host)
        self._on_refused = on_refused
        self._open = PROBE_PATHS | frozenset(public)
        self._keyless = keyless
        self._tokens = tokens
        self._challenge = challenge
        self._good: dict[bytes, Principal] = {}
        self._good_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on in its caller's name."""
        if scope["type"] == "http":
            free = self._keyless or scope["path"] in self._open
            try:
                context.set_principal(self._prober(scope) if free else self._identify(scope))
            except Unauthorized as refused:
                if parameters := self._challenge(scope):
                    refused.headers["www-authenticate"] += f", {parameters}"
                raise
        await self._app(scope, receive, send)

    def _prober(self, scope: Scope) -> Principal:
        if scope["path"] != READY_PATH:
            return NOBODY
        try:
            return self._identify(scope)
        except (Unauthorized, Unavailable):
            return NOBODY

    def _identify(self, scope: Scope) -> Principal:
        presented: list[bytes] = []
        local = self._bound_to_loopback
        for name, value in scope["headers"]:
            if name == b"authorization":
                presented.append(value)
            elif name in _FORWARDED or (name == b"host" and not is_loopback(host_name(value) or "")):
                local = False
        if presented:
            return self._verify(presented)
        client = scope.get("client")
        if local and client is not None and is_loopback(client[0]):
            return ANONYMOUS
        raise Unauthorized("Send a key as a bearer token.")

    def _verify(self, presented: list[bytes]) -> Principal:
        now = time.monotonic()
        if now >= self._good_until:
            self._good.clear()
            self._good_until = now + RECHECK_S
        caller = self._good.get(presented[0])
        if caller is None or len(presented) > 1:
            try:
                if len(presented) > 1:
                    raise _bad_key()
                caller = self._good[presented[0]] = self._authenticate(presented[0])
            except Unauthorized:
                self._on_refused()
                raise
        return caller

    def _authenticate(self, presented: bytes) -> Principal:
        scheme, _, token = presented.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            raise _bad_key()
        try:
            key = self._keys.authenticate(token.strip())
        except KeyStoreUnreadable as error:
            _log.error("key_store_unreadable", path=str(self._keys.path))
            raise Unavailable("Keys cannot be checked at the moment.") from error
        if key is not None:
            return Principal.of(key)
        caller = None if self._tokens is None else self._tokens.principal(token.strip())
        if caller is None:
            raise _bad_key()
        return caller


def _bad_key() -> Unauthorized:
    return Unauthorized(
        "The key is not valid.", headers={"www-authenticate": 'Bearer realm="tillhand", error="invalid_token"'}
    )


class _Require(SecurityBase):
    """A dependency that gives a route its caller, and the OpenAPI document its security scheme."""

    scheme_name = "ApiKey"

    def __init__(self, scopes: tuple[str, ...]) -> None:
        self.model = HTTPBearerModel(
            bearerFormat="th_<kind>_<id>_<secret>", description="A key made by `tillhand keys create`."
        )
        self.scopes: Final = scopes
        self._wanted = frozenset(scopes)

    async def __call__(self) -> Principal:
        """Return the caller. Raises Unauthorized or Forbidden."""
        caller = context.principal()
        if caller is not None and self._wanted <= caller.scopes and (self.scopes or caller.kind != "anonymous"):
            return caller
        if caller is None or caller.kind == "anonymous":
            raise Unauthorized("This needs a key. Send it as a bearer token.")
        missing = [scope for scope in self.scopes if scope not in caller.scopes]
        raise Forbidden(
            f"The key lacks the scope {' and '.join(missing)}.",
            extensions={"missing_scopes": missing},
            headers={"www-authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(self.scopes)}"'},
        )


def require(*scopes: str) -> _Require:
    """Return a dependency that gives a route its `Principal`, who has all of `scopes`.

    Without scopes, any key will do. Use it as `caller: Annotated[Principal, Depends(require("rag:read"))]`.
    """
    if unknown := set(scopes) - SCOPES.keys():
        raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))}")
    return _Require(scopes)
