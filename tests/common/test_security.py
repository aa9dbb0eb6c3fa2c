"""Who may ask: the loopback rule, keys and scopes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.fakes.gated import problem, service
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.security import RECHECK_S, require
from tillhand_common.testing import client


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return the key store that the service reads, as the command line has it."""
    return KeyStore(store_path(tmp_path))


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client on this machine, of a service bound to loopback."""
    async with client(service(tmp_path)) as opened:
        yield opened


@asynccontextmanager
async def from_afar(app: FastAPI, address: str = "192.0.2.7") -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client whose connection comes from another machine and asks by an allowed name."""
    transport = httpx.ASGITransport(app, client=(address, 4711))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tillhand.example") as opened,
    ):
        yield opened


def bearer(token: str) -> dict[str, str]:
    """Return the header that presents a key."""
    return {"authorization": f"Bearer {token}"}


# --- the loopback rule ---


async def test_a_local_caller_reads_without_a_key(http: httpx.AsyncClient) -> None:
    response = await http.get("/v1/documents")
    assert response.json() == {"key": "anonymous", "kind": "anonymous", "tenant": "default"}


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/documents"), ("GET", "/v1/audit"), ("GET", "/v1/me")])
async def test_a_local_caller_without_a_key_may_only_read_documents_and_reports(
    http: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await http.request(method, path)
    problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == 'Bearer realm="tillhand"'


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer th_agent_000000000000_" + "0" * 64,
        "Bearer ",
        "Bearer",
        "",
        "Basic dXNlcjpwYXNz",
        "th_agent_000000000000_" + "0" * 64,
    ],
)
async def test_a_bad_key_is_refused_even_locally_and_even_for_reads(
    http: httpx.AsyncClient, authorization: str
) -> None:
    response = await http.get("/v1/documents", headers={"authorization": authorization})
    document = problem(response, 401, "unauthorized")
    assert "invalid_token" in response.headers["www-authenticate"]
    assert "000000000000" not in str(document)


async def test_two_keys_in_one_request_are_refused(http: httpx.AsyncClient, keys: KeyStore) -> None:
    token = keys.create("shop", "agent").token
    headers = [("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}")]
    problem(await http.get("/v1/documents", headers=headers), 401, "unauthorized")


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip"])
async def test_what_a_proxy_passed_on_is_not_local(http: httpx.AsyncClient, header: str) -> None:
    problem(await http.get("/v1/documents", headers={header: "127.0.0.1"}), 401, "unauthorized")


async def test_a_caller_on_another_machine_needs_a_key(tmp_path: Path, keys: KeyStore) -> None:
    token = keys.create("shop", "agent").token
    app = service(tmp_path, host="0.0.0.0", allowed_hosts="tillhand.example")  # noqa: S104  # what is tested
    async with from_afar(app) as http:
        problem(await http.get("/v1/documents"), 401, "unauthorized")
        assert (await http.get("/v1/documents", headers=bearer(token))).status_code == 200


async def test_a_service_on_all_addresses_has_no_local_callers(tmp_path: Path) -> None:
    async with client(service(tmp_path, host="0.0.0.0")) as http:  # noqa: S104  # what is tested
        problem(await http.get("/v1/documents"), 401, "unauthorized")


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_probes_need_no_key_from_anywhere_and_ignore_a_bad_one(tmp_path: Path, path: str) -> None:
    app = service(tmp_path, host="0.0.0.0", allowed_hosts="tillhand.example")  # noqa: S104  # what is tested
    async with from_afar(app) as http:
        for headers in ({}, bearer("stale")):
            assert (await http.get(path, headers=headers)).status_code in {200, 503}


# --- keys and scopes ---


async def test_a_key_is_known_by_its_tenant_and_kind(http: httpx.AsyncClient, keys: KeyStore) -> None:
    made = keys.create("shop", "agent", tenant="harbour")
    response = await http.get("/v1/documents", headers=bearer(made.token))
    assert response.json() == {"key": made.key.id, "kind": "agent", "tenant": "harbour"}


async def test_a_missing_scope_is_named(http: httpx.AsyncClient, keys: KeyStore) -> None:
    token = keys.create("shop", "agent", scopes=["rag:read"]).token
    response = await http.post("/v1/documents", headers=bearer(token))
    document = problem(response, 403, "forbidden")
    assert document["missing_scopes"] == ["rag:write"]
    assert "rag:write" in str(document["detail"])
    assert response.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="rag:read rag:write"'


async def test_a_key_revoked_by_the_command_line_is_refused_a_tenth_of_a_second_later(
    http: httpx.AsyncClient, keys: KeyStore
) -> None:
    token = keys.create("shop", "agent").token
    assert (await http.get("/v1/documents", headers=bearer(token))).status_code == 200
    keys.revoke("shop")
    async with asyncio.timeout(RECHECK_S + 5):
        while (await http.get("/v1/documents", headers=bearer(token))).status_code == 200:
            pass
    problem(await http.get("/v1/documents", headers=bearer(token)), 401, "unauthorized")


async def test_a_foreign_collection_looks_like_one_that_does_not_exist(http: httpx.AsyncClient, keys: KeyStore) -> None:
    token = keys.create("shop", "agent", collections=["manuals"]).token
    assert (await http.get("/v1/collections/manuals", headers=bearer(token))).status_code == 200
    document = problem(await http.get("/v1/collections/secrets", headers=bearer(token)), 404, "not-found")
    assert "secrets" not in str(document)


async def test_a_damaged_key_store_refuses_keys_and_says_no_more_than_that(
    http: httpx.AsyncClient, keys: KeyStore
) -> None:
    token = keys.create("shop", "agent").token
    keys.path.write_text("garbage")
    document = problem(await http.get("/v1/documents", headers=bearer(token)), 503, "unavailable")
    assert str(keys.path) not in str(document)


def test_a_scope_that_does_not_exist_cannot_be_required() -> None:
    with pytest.raises(ValueError, match="rag:raed"):
        require("rag:raed")


async def test_openapi_names_the_key_that_a_route_needs(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    assert document["paths"]["/v1/documents"]["get"]["security"] == [{"ApiKey": []}]
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    assert "security" not in document["paths"]["/health"]["get"]
