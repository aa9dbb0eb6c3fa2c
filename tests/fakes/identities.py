"""A provider of identities that signs tokens with a key of its own, and remembers what it was asked."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tillhand_mcp.mock.serving import serving

CLIENT = "the-console"


@dataclass
class FakeProvider:
    """Vouches for whoever `claims` describe. `spoil` changes the claims before they are signed."""

    issuer: str = ""
    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "u-1", "preferred_username": "Ines", "groups": ["shop-operators"]}
    )
    spoil: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    signs_with: RSAPrivateKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_in(self, address: str) -> str:
        """Do what a person does there: the way back, as a path of the console."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        self.codes["the-code"] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?code=the-code&state={asked['state']}"

    def routes(self) -> list[Route]:
        """What it answers."""
        return [
            Route("/.well-known/openid-configuration", self._about),
            Route("/keys", self._keys),
            Route("/token", self._token, methods=["POST"]),
        ]

    async def _about(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def _keys(self, _: Request) -> Response:
        shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [{**shown, "kid": "one", "alg": "RS256", "use": "sig"}]})

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {**told, **self.claims, **self.spoil}
        key: Any = (
            "a secret that both have, of decent length" if self.algorithm == "HS256" else self.signs_with or self.key
        )
        return JSONResponse({"id_token": jwt.encode(claims, key, self.algorithm, headers={"kid": "one"})})


@asynccontextmanager
async def provider() -> AsyncIterator[FakeProvider]:
    """A running one."""
    made = FakeProvider()
    async with serving(Starlette(routes=made.routes())) as url:
        made.issuer = url
        yield made
