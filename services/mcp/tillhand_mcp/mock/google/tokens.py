"""Google's token endpoint: a signed assertion or a refresh token in, an access token out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import jwt
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.google.identity import CLIENT_EMAIL, REFRESH_TOKEN, TOKEN_PATH, public_key
from tillhand_mcp.mock.refusals import answer
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXPIRES_IN_S: Final = 3599
LONGEST_S: Final = 3600
SKEW_S: Final = 300
FORM: Final = "application/x-www-form-urlencoded"
SCOPES: Final = frozenset(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("analytics", "analytics.readonly", "webmasters", "webmasters.readonly")
)


class Refused(Exception):
    """A grant that is not given, with OAuth's code for it."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


def routes(mock: Mock) -> list[BaseRoute]:
    """Return the endpoint."""

    async def token(request: Request) -> Response:
        try:
            given = _form(request, await request.body())
            granted = _grant(given, f"{request.base_url}{TOKEN_PATH}", mock.world.clock.now().timestamp())
        except Refused as refused:
            return answer({"error": refused.code, "error_description": refused.description}, refused.status)
        return answer(granted)

    return [Route(f"/{TOKEN_PATH}", token, methods=["POST"])]


def _form(request: Request, body: bytes) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused("invalid_request", f"The request body must be {FORM}.")
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _grant(given: Mapping[str, str], token_uri: str, now: float) -> dict[str, Any]:
    match given.get("grant_type"):
        case "refresh_token":
            scope = _refreshed(given)
        case str(grant) if grant == JWT_BEARER:
            scope = _asserted(given.get("assertion", ""), token_uri, now)
        case None:
            raise Refused("invalid_request", "Required parameter is missing: grant_type")
        case other:
            raise Refused("unsupported_grant_type", f"Invalid grant_type: {other}")
    return {"access_token": ACCESS_TOKEN, "expires_in": EXPIRES_IN_S, "scope": scope, "token_type": "Bearer"}  # nosec B105 # a type of token


def _refreshed(given: Mapping[str, str]) -> str:
    if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise Refused("invalid_client", "The OAuth client was not found.", 401)
    if given.get("refresh_token") != REFRESH_TOKEN:
        raise Refused("invalid_grant", "Token has been expired or revoked.")
    return " ".join(sorted(SCOPES))


def _asserted(assertion: str, token_uri: str, now: float) -> str:
    # The world's clock decides whether it is still good, so the library only looks at the rest.
    try:
        claims = jwt.decode(
            assertion,
            public_key(),
            algorithms=["RS256"],
            audience=token_uri,
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "require": ["iss", "aud", "iat", "exp"],
            },
        )
    except jwt.InvalidSignatureError:
        raise Refused("invalid_grant", "Invalid JWT Signature.") from None
    except jwt.InvalidTokenError as error:
        raise Refused("invalid_grant", f"Invalid JWT: {error}") from None
    if claims["iss"] != CLIENT_EMAIL:
        raise Refused("invalid_grant", "Invalid grant: account not found")
    _check_times(claims, now)
    return _scope(claims.get("scope"))


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    issued, expires = claims["iat"], claims["exp"]
    good = all(isinstance(moment, int | float) for moment in (issued, expires))
    if not good or expires - issued > LONGEST_S or issued > now + SKEW_S or expires < now - SKEW_S:
        raise Refused(
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim.",
        )


def _scope(scope: Content) -> str:
    wanted = scope.split() if isinstance(scope, str) else []
    if not wanted or not SCOPES.issuperset(wanted):
        raise Refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    return " ".join(wanted)
