"""How a client signs itself in at Google, and what it is told when it does not."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.mcp_mock.tiny_shop import NOW
from tillhand_mcp.mock.google.identity import CLIENT_EMAIL, REFRESH_TOKEN
from tillhand_mcp.mock.google.tokens import JWT_BEARER
from tillhand_mcp.mock.world import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, GA4_PROPERTY

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
TOKEN_URI = "http://mock.test/token"
REFRESH = {
    "grant_type": "refresh_token",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "refresh_token": REFRESH_TOKEN,
}


def claims(**changes: object) -> dict[str, Any]:
    """Return what a client says of itself."""
    now = int(NOW.timestamp())
    return {"iss": CLIENT_EMAIL, "scope": SCOPE, "aud": TOKEN_URI, "iat": now, "exp": now + 3600, **changes}


async def signed(http: httpx.AsyncClient, said: dict[str, Any], key: str | None = None) -> httpx.Response:
    """Ask for a token with an assertion."""
    account = (await http.get("/mock/service-account.json")).json()
    assertion = await asyncio.to_thread(jwt.encode, said, key or account["private_key"], "RS256")
    return await http.post("/token", data={"grant_type": JWT_BEARER, "assertion": assertion})


async def test_the_account_says_where_tokens_are_given(http: httpx.AsyncClient) -> None:
    account = (await http.get("/mock/service-account.json")).json()
    assert (account["type"], account["client_email"]) == ("service_account", CLIENT_EMAIL)
    assert account["token_uri"] == TOKEN_URI
    assert account == (await http.get("/mock/service-account.json")).json()


async def test_a_signed_assertion_gets_a_token(http: httpx.AsyncClient) -> None:
    answer = await signed(http, claims())
    assert answer.json() == {
        "access_token": ACCESS_TOKEN,
        "expires_in": 3599,
        "scope": SCOPE,
        "token_type": "Bearer",
    }


async def test_a_refresh_token_gets_a_token(http: httpx.AsyncClient) -> None:
    assert (await http.post("/token", data=REFRESH)).json()["access_token"] == ACCESS_TOKEN


async def test_a_signature_of_another_key_is_refused(http: httpx.AsyncClient) -> None:
    other = generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    answer = await signed(http, claims(), pem)
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "somebody@else.example"}, "invalid_grant"),
        ({"aud": "https://oauth2.googleapis.com/token"}, "invalid_grant"),
        ({"exp": int(NOW.timestamp()) - 400, "iat": int(NOW.timestamp()) - 4000}, "invalid_grant"),
        ({"exp": int(NOW.timestamp()) + 7200}, "invalid_grant"),
        ({"iat": int(NOW.timestamp()) + 400}, "invalid_grant"),
        ({"iat": "now"}, "invalid_grant"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
    ],
)
async def test_an_assertion_that_does_not_hold_is_refused(
    http: httpx.AsyncClient, changes: dict[str, Any], error: str
) -> None:
    answer = await signed(http, claims(**changes))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": JWT_BEARER}, 400, "invalid_grant"),
        ({"grant_type": JWT_BEARER, "assertion": "a.b.c"}, 400, "invalid_grant"),
        ({**REFRESH, "client_secret": "no"}, 401, "invalid_client"),
        ({**REFRESH, "refresh_token": "no"}, 400, "invalid_grant"),
    ],
)
async def test_a_form_that_grants_nothing_is_refused(
    http: httpx.AsyncClient, form: dict[str, str], status: int, error: str
) -> None:
    answer = await http.post("/token", data=form or {"x": "y"})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_json_is_no_form(http: httpx.AsyncClient) -> None:
    answer = await http.post("/token", json=REFRESH)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("header", ["", "Bearer other", "Basic bW9jaw=="])
@pytest.mark.parametrize("path", [f"/v1beta/properties/{GA4_PROPERTY}/metadata", "/webmasters/v3/sites"])
async def test_nobody_gets_in_without_the_token(http: httpx.AsyncClient, path: str, header: str) -> None:
    answer = await http.get(path, headers={"authorization": header})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (401, 401, "UNAUTHENTICATED")
    assert "authentication credential" in error["message"]
    assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
