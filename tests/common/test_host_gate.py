"""Where a request may come from, as its Host and Origin say."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.gated import problem, service
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.testing import client, running


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return the key store that the service reads, as the command line has it."""
    return KeyStore(store_path(tmp_path))


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client on this machine, of a service bound to loopback."""
    async with client(service(tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8001", "127.0.0.1:9", "127.8.9.1", "[::1]:8001"])
async def test_loopback_names_are_served_with_any_port(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/v1/documents", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example#localhost",
        "localhost@evil.example",
        "192.0.2.1",
        "localhost:port",
        "",
        "[::1",
        "0.0.0.0",  # noqa: S104  # a Host, not a bind
    ],
)
@pytest.mark.parametrize("path", ["/v1/documents", "/health"])
async def test_any_other_host_is_misdirected(http: httpx.AsyncClient, host: str, path: str) -> None:
    problem(await http.get(path, headers={"host": host}), 421, "misdirected-host")


async def test_two_host_headers_are_misdirected(http: httpx.AsyncClient) -> None:
    headers = [("host", "localhost"), ("host", "localhost")]
    problem(await http.get("/health", headers=headers), 421, "misdirected-host")


async def test_a_service_is_served_by_its_allowed_names_and_by_its_own_address(tmp_path: Path) -> None:
    app = service(tmp_path, host="0.0.0.0", allowed_hosts="Tillhand.example,rag")  # noqa: S104  # what is tested
    # In process, the address that a connection came to is the host of the URL.
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 4711))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://192.0.2.1:8001") as http,
    ):
        for host in ("192.0.2.1:8001", "tillhand.example", "rag:8001"):
            assert (await http.get("/health", headers={"host": host})).status_code == 200
        problem(await http.get("/health", headers={"host": "192.0.2.2:8001"}), 421, "misdirected-host")


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://127.0.0.1", "https://console.example"])
async def test_allowed_origins_may_ask(tmp_path: Path, origin: str) -> None:
    async with client(service(tmp_path, allowed_origins="https://Console.example/")) as http:
        assert (await http.get("/v1/documents", headers={"origin": origin})).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://console.example", "https://console.example:444", "file://localhost", ""],
)
async def test_foreign_origins_may_not(tmp_path: Path, keys: KeyStore, origin: str) -> None:
    token = keys.create("shop", "operator").token
    async with client(service(tmp_path, allowed_origins="https://console.example"), key=token) as http:
        problem(await http.post("/v1/documents", headers={"origin": origin}), 403, "foreign-origin")


async def test_a_page_on_the_name_that_it_asks_for_is_at_home(tmp_path: Path, keys: KeyStore) -> None:
    token = keys.create("shop", "agent").token
    async with client(service(tmp_path, allowed_hosts="tillhand.example"), key=token) as http:
        headers = {"host": "tillhand.example:8443", "origin": "https://tillhand.example:8443"}
        assert (await http.get("/v1/documents", headers=headers)).status_code == 200


async def test_a_request_that_another_site_embeds_is_refused_and_its_link_is_not(http: httpx.AsyncClient) -> None:
    embedded = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    problem(await http.get("/v1/documents", headers=embedded), 403, "foreign-origin")
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert (await http.get("/v1/documents", headers=link)).status_code == 200
    problem(await http.post("/v1/documents", headers=link), 403, "foreign-origin")


async def test_the_gate_holds_on_a_real_socket(tmp_path: Path) -> None:
    async with running(service(tmp_path)) as base_url, httpx.AsyncClient(base_url=base_url) as http:
        assert (await http.get("/v1/documents")).status_code == 200
        problem(await http.get("/v1/documents", headers={"host": "evil.example"}), 421, "misdirected-host")
