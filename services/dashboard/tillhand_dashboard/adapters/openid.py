"""A provider of identities by OpenID Connect: authorization code with PKCE (RFC 7636), ID tokens verified here.

What the provider says about itself is read at the first sign-in (OpenID Connect Discovery 1.0), its keys anew where a
token names one that is not known.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import jwt
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_common.http import Method, Options, Timeouts, UpstreamClient
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import NAME
from tillhand_dashboard.ports.identities import Identity, Journey

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Asymmetric ones alone: a shared secret would let whoever has it make tokens."""
LEEWAY_S: Final = 30
_NAMED_BY: Final = ("preferred_username", "email", "sub")


class _Said(BaseModel):
    """What a provider says about itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class Client:
    """Who the console is at the provider, and which claim gives roles."""

    issuer: str
    client_id: str
    secret: SecretStr | None
    role_claim: str


class OpenIdProvider:
    """Leads people there, and learns who came back."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._said: _Said | None = None
        self._keys: Mapping[str, Any] = {}
        self._upstreams: dict[str, UpstreamClient] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        for upstream in self._upstreams.values():
            await upstream.aclose()

    async def way_there(self, journey: Journey, return_to: str) -> str:
        """The address to send the browser to. Raises `ProviderAway`."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": return_to,
            "scope": "openid profile email",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = (await self._provider()).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def identity(self, code: str, journey: Journey, return_to: str) -> Identity:
        """Who has come back with this code. Raises `ProviderRefused`, `ProviderAway`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "client_id": self._client.client_id,
            "code_verifier": journey.verifier,
        }
        if self._client.secret is not None:
            form["client_secret"] = self._client.secret.get_secret_value()
        answer = await self._json("POST", (await self._provider()).token_endpoint, data=form)
        claims = await self._claims(str(answer.get("id_token", "")))
        if claims.get("nonce") != journey.nonce:
            raise errors.ProviderRefused("The provider's token belongs to another sign-in.")
        return self._identity(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        claimed = claims.get(self._client.role_claim, ())
        values = [claimed] if isinstance(claimed, str) else claimed if isinstance(claimed, list) else ()
        names = (str(claims.get(claim, "")).lower() for claim in _NAMED_BY)
        name = next((name for name in names if NAME.fullmatch(name)), None)
        if name is None:
            raise errors.ProviderRefused("The provider gives no name that an account can have.")
        return Identity(f"{claims['iss']} {claims['sub']}", name, frozenset(map(str, values)))

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """The claims of an ID token, verified as OpenID Connect Core 1.0, section 3.1.3.7 asks for."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            return jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._client.client_id,
                issuer=self._client.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "sub", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise errors.ProviderRefused("The provider's token is not valid.") from error

    async def _key(self, kid: str) -> jwt.PyJWK:
        if kid not in self._keys:
            document = await self._json("GET", (await self._provider()).jwks_uri)
            self._keys = {key.key_id or "": key for key in jwt.PyJWKSet.from_dict(dict(document)).keys}
        if kid not in self._keys:
            raise errors.ProviderRefused("The provider signs with a key that it does not show.")
        found: jwt.PyJWK = self._keys[kid]
        return found

    async def _provider(self) -> _Said:
        if self._said is None:
            base = self._client.issuer.rstrip("/")
            document = await self._json("GET", f"{base}/.well-known/openid-configuration")
            try:
                said = _Said.model_validate(document)
            except ValidationError as error:
                raise errors.ProviderAway("The provider does not say what it is.") from error
            if said.issuer != self._client.issuer:
                raise errors.ProviderAway("The provider calls itself by another name than the settings do.")
            self._said = said
        return self._said

    async def _json(self, method: Method, address: str, **options: Any) -> Mapping[str, Any]:  # noqa: ANN401  # as `Options` has them
        parts = urlsplit(address)
        origin, path = (
            f"{parts.scheme}://{parts.netloc}",
            f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
        )
        if origin not in self._upstreams:
            self._upstreams[origin] = UpstreamClient("provider", origin, timeouts=Timeouts(total_s=10.0))
        asked: Options = {**options}  # type: ignore[typeddict-item]  # a subset of them
        try:
            document = (await self._upstreams[origin].request(method, path, **asked)).json()
        except UpstreamRejected as error:
            raise errors.ProviderRefused("The provider did not confirm the sign-in.") from error
        except UpstreamError as error:
            raise errors.ProviderAway(retry_after_s=5) from error
        return document if isinstance(document, dict) else {}
