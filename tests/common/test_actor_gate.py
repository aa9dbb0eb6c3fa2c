"""The actor's header on services whose routes never ask for it: refused, or at least judged; never ignored."""

from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fakes.gated import problem, service
from tillhand_common.actor import Actor, ActorSigner, ActorVerifier
from tillhand_common.keys import KeyStore, NewKey, store_path
from tillhand_common.problems import MEDIA_TYPE
from tillhand_common.testing import client

ANNA = Actor("operator:anna", "operator", "default")
SIGNING_KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return the key store of the service."""
    return KeyStore(store_path(tmp_path))


def in_annas_name(made: NewKey) -> dict[str, str]:
    """Return the header that a caller with this key sends to the service `sample`."""
    return ActorSigner(SIGNING_KEY, made.key.id).header(ANNA, "sample")


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/me", "/v1/no-such-thing", "/openapi.json"])
async def test_a_key_without_act_as_is_refused_everywhere(tmp_path: Path, keys: KeyStore, path: str) -> None:
    plain = keys.create("plain", "agent")
    header = in_annas_name(plain)
    async with client(service(tmp_path), key=plain.token) as http:
        refused = await http.get(path, headers=header)
        assert problem(refused, 403, "forbidden")["missing_scopes"] == ["act_as"]
        assert header["tillhand-actor"] not in refused.text
        assert (await http.get("/v1/documents")).status_code == 200


async def test_a_service_that_takes_no_actors_refuses_them_from_every_key(tmp_path: Path, keys: KeyStore) -> None:
    console = keys.create("console", "service")
    assert "act_as" in console.key.scopes
    async with client(service(tmp_path), key=console.token) as http:
        refused = await http.get("/v1/documents", headers=in_annas_name(console))
        assert "missing_scopes" not in problem(refused, 403, "forbidden")
        assert (await http.get("/v1/documents")).status_code == 200


async def test_nobody_without_a_key_names_an_actor(tmp_path: Path, keys: KeyStore) -> None:
    console = keys.create("console", "service")
    async with client(service(tmp_path)) as http:
        assert (await http.get("/v1/documents")).status_code == 200
        problem(await http.get("/v1/documents", headers=in_annas_name(console)), 401, "unauthorized")


async def test_a_token_is_judged_also_on_a_route_that_acts_for_the_key(tmp_path: Path, keys: KeyStore) -> None:
    console = keys.create("console", "service")
    app = service(tmp_path)
    app.state.actors = ActorVerifier([SIGNING_KEY.public_key()], "sample")
    async with client(app, key=console.token) as http:
        assert (await http.get("/v1/documents", headers=in_annas_name(console))).status_code == 200
        problem(await http.get("/v1/documents", headers={"tillhand-actor": "anna"}), 401, "invalid-actor")


async def test_refused_actors_count_against_the_rate(tmp_path: Path, keys: KeyStore) -> None:
    console = keys.create("console", "service")
    async with client(service(tmp_path, rate_limit="2/hour"), key=console.token) as http:
        answers = [await http.get("/v1/documents", headers=in_annas_name(console)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_probes_act_for_nobody_and_refuse_nobody(tmp_path: Path, keys: KeyStore, path: str) -> None:
    async with client(service(tmp_path), key=keys.create("plain", "agent").token) as http:
        assert (await http.get(path, headers={"tillhand-actor": "anna"})).status_code == 200


@pytest.mark.parametrize("takes_actors", [True, False])
async def test_only_a_service_that_takes_actors_documents_that_they_may_be_invalid(
    tmp_path: Path, takes_actors: bool
) -> None:
    app = service(tmp_path)
    if takes_actors:
        app.state.actors = ActorVerifier([SIGNING_KEY.public_key()], "sample")
    async with client(app) as http:
        assert ("invalid-actor" in await _unauthorized(http)) is takes_actors


async def _unauthorized(http: httpx.AsyncClient) -> set[str]:
    """Return which problems of status 401 a route is documented to give."""
    document = (await http.get("/openapi.json")).json()
    return set(document["paths"]["/v1/documents"]["get"]["responses"]["401"]["content"][MEDIA_TYPE]["examples"])
