"""The mock Admin API answers over HTTP as Shopify does, errors included."""

from __future__ import annotations

import pytest

from tests.mcp_mock.shopify_client import PATH, Client
from tillhand_mcp.mock.world import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET

TOKEN = "/admin/oauth/access_token"
SECRET = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
HEADERS = {"X-Shopify-Access-Token": ACCESS_TOKEN}


async def test_the_secret_of_the_app_gets_a_token_as_form_or_as_json() -> None:
    http = Client().http
    for reply in (await http.post(TOKEN, data=SECRET), await http.post(TOKEN, json=SECRET)):
        assert reply.status_code == 200
        assert reply.json()["access_token"] == ACCESS_TOKEN
        assert reply.json()["expires_in"] == 86399
        assert "write_inventory" in reply.json()["scope"].split(",")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_another_secret_gets_no_token(changed: dict[str, str], status: int, code: str) -> None:
    reply = await Client().http.post(TOKEN, json={**SECRET, **changed})
    assert (reply.status_code, reply.json()["error"]) == (status, code)


async def test_a_body_that_is_no_form_gets_no_token() -> None:
    reply = await Client().http.post(TOKEN, content=b"[1]", headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("headers", [{}, {"X-Shopify-Access-Token": "other"}])
async def test_without_the_token_nothing_is_answered(headers: dict[str, str]) -> None:
    reply = await Client().http.post(PATH, json={"query": "{ shop { name } }"}, headers=headers)
    assert reply.status_code == 401
    assert reply.json()["errors"].startswith("[API] Invalid API key or access token")


async def test_a_version_that_there_is_not_is_not_found() -> None:
    path = PATH.replace("2026-10", "2020-01")
    reply = await Client().http.post(path, json={"query": "{ shop { name } }"}, headers=HEADERS)
    assert (reply.status_code, reply.json()) == (404, {"errors": "Not Found"})


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"query": 1}', b'{"query": "{ a }", "variables": [1]}', b"\xff"])
async def test_a_body_without_a_query_is_refused(body: bytes) -> None:
    reply = await Client().http.post(PATH, content=body, headers=HEADERS)
    assert (reply.status_code, reply.json()) == (400, {"errors": {"query": "Required parameter missing or invalid"}})


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{ shop { name }", "Syntax Error"),
        ("{ shop { nickname } }", "Cannot query field 'nickname' on type 'Shop'."),
        ("{ shop " * 3000, "nested too deeply"),
        ("{ shop { " + "name " * 20_001 + "} }", "Document contains more than 20000 tokens"),
        ("query A { shop { name } } query B { shop { id } }", "operation name"),
        ("query($n: Int!) { products(first: $n) { nodes { id } } }", "'$n'"),
    ],
)
async def test_what_graphql_does_not_allow_is_told_in_its_words_with_status_200(document: str, told: str) -> None:
    found = await Client().answer(document)
    assert told in found["errors"][0]["message"]
    assert "data" not in found


async def test_an_operation_is_chosen_by_its_name() -> None:
    body = {"query": "query A { shop { name } } query B { shop { id } }", "operationName": "B"}
    reply = await Client().http.post(PATH, json=body, headers=HEADERS)
    assert reply.json()["data"] == {"shop": {"id": "gid://shopify/Shop/1"}}
    assert reply.headers["x-shopify-api-version"] == "2026-10"
