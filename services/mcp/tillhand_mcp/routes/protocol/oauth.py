"""This service as an OAuth 2.0 protected resource: its metadata (RFC 9728), and tokens of an authorization server.

API keys stay what they are. With an authorization server, its access tokens are taken beside them: only those that
were made for this resource (their audience, RFC 8707), so that a token for another service cannot be replayed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import jwt
from jwt.types import Options
from starlette.types import Scope

from tillhand_common.key_records import DEFAULT_SCOPES
from tillhand_common.security import Principal
from tillhand_mcp.routes.protocol.exchange import SCOPE

PATH: Final = "/mcp"
WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"
METADATA_PATHS: Final = (WELL_KNOWN, f"{WELL_KNOWN}{PATH}")
_CLAIMS: Final[Options] = {"require": ["exp", "iss", "aud", "sub"]}


@dataclass(frozen=True, slots=True)
class ProtectedResource:
    """What a client must know to get a token. `url` is the public address of /mcp; without it, the one asked for."""

    url: str | None = None
    authorization_servers: Sequence[str] = ()
    documentation: str | None = None

    def metadata(self, scope: Scope) -> dict[str, Any]:
        """Return the metadata document."""
        document: dict[str, Any] = {
            "resource": self.url or f"{_origin(scope)}{PATH}",
            "resource_name": "Tillhand connectors",
            "scopes_supported": [SCOPE],
            "bearer_methods_supported": ["header"],
        }
        if self.authorization_servers:
            document["authorization_servers"] = list(self.authorization_servers)
        if self.documentation:
            document["resource_documentation"] = self.documentation
        return document

    def challenge(self, scope: Scope) -> str:
        """Return the parameters of `WWW-Authenticate` that lead a client of /mcp to the metadata."""
        return f'{self.pointer(scope)}, scope="{SCOPE}"' if scope["path"] == PATH else ""

    def pointer(self, scope: Scope) -> str:
        """Return the parameter that names the metadata's address."""
        return f'resource_metadata="{self._origin(scope)}{WELL_KNOWN}{PATH}"'

    def _origin(self, scope: Scope) -> str:
        if self.url is None:
            return _origin(scope)
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def _origin(scope: Scope) -> str:
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")  # the Host gate has let it in
    return f"{scope['scheme']}://{host}"


@dataclass(frozen=True, slots=True)
class JwtTokens:
    """Reads access tokens (RFC 9068) signed with one of `keys`, which are looked up by the token's `kid`.

    `audience` is the resource's URL. The claim `tenant` says whose data they reach; `tenant` here is for a server that
    serves one tenant only. A token grants at most what an agent's key may do.
    """

    keys: Mapping[str, jwt.PyJWK]
    issuer: str
    audience: str
    tenant: str | None = None
    kind: Literal["agent", "service", "operator"] = "agent"

    def principal(self, token: str) -> Principal | None:
        """Return whom a token stands for; None when it is forged, expired, or made for another service."""
        try:
            key = self.keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token, key, algorithms=[key.algorithm_name], audience=self.audience, issuer=self.issuer, options=_CLAIMS
            )
        except (jwt.InvalidTokenError, KeyError, TypeError):
            return None
        tenant, scopes = claims.get("tenant", self.tenant), claims.get("scope", "")
        if not isinstance(tenant, str) or not isinstance(scopes, str) or not tenant:
            return None
        granted = DEFAULT_SCOPES["agent"] & frozenset(scopes.split())
        return Principal(f"{self.issuer}#{claims['sub']}", self.kind, tenant, None, granted)
