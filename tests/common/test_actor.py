"""On whose behalf: the header, as a service that takes it sees it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, Depends, FastAPI

from tillhand_common.actor import (
    Actor,
    ActorSigner,
    ActorVerifier,
    acting,
    bootstrap_signing_key,
    load_private_key,
    load_public_keys,
    thumbprint,
)
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.keys import KeyStore, NewKey, store_path
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import FakeClock, client

ANNA = Actor("operator:anna", "operator", "default", frozenset({"support"}))

router = APIRouter(prefix="/v1")


@router.get("/actor")
async def whoami(actor: Annotated[Actor, Depends(acting)]) -> dict[str, object]:
    """Tell in whose name the request acts."""
    return {"subject": actor.subject, "kind": actor.kind, "tenant": actor.tenant, "roles": sorted(actor.roles)}


@pytest.fixture
def private_key(tmp_path: Path) -> Ed25519PrivateKey:
    """Return the signing key that the first start left."""
    return load_private_key(bootstrap_signing_key(tmp_path / "keys"))


@pytest.fixture
def console(tmp_path: Path) -> NewKey:
    """Return the key of a service that may act for others."""
    return KeyStore(store_path(tmp_path)).create("console", "service", scopes=["approvals:decide", "act_as"])


@pytest.fixture
def app(tmp_path: Path, private_key: Ed25519PrivateKey) -> FastAPI:
    """Return a service called approvals that takes actors."""
    settings = CommonSettings.model_validate({"data_dir": tmp_path})
    app = create_app(
        ServiceSpec(
            name="approvals", version="1", title="Sample", description="Sample.", settings=settings, routers=(router,)
        )
    )
    app.state.actors = ActorVerifier(load_public_keys(tmp_path / "keys" / "actor.pub"), "approvals")
    return app


@pytest.fixture
async def http(app: FastAPI, console: NewKey) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client that presents the console's key."""
    async with client(app, key=console.token) as opened:
        yield opened


def problem(response: httpx.Response) -> tuple[int, str]:
    """Return status and type of a problem response."""
    return response.status_code, str(response.json()["type"]).removeprefix("urn:tillhand:problem:")


async def test_a_service_acts_for_the_person_it_names(
    http: httpx.AsyncClient, private_key: Ed25519PrivateKey, console: NewKey
) -> None:
    headers = ActorSigner(private_key, console.key.id).header(ANNA, "approvals")
    response = await http.get("/v1/actor", headers=headers)
    assert response.json() == {
        "subject": "operator:anna",
        "kind": "operator",
        "tenant": "default",
        "roles": ["support"],
    }


async def test_without_the_header_a_key_acts_for_itself(http: httpx.AsyncClient, console: NewKey) -> None:
    response = await http.get("/v1/actor")
    assert response.json() == {
        "subject": f"key:{console.key.id}",
        "kind": "service",
        "tenant": "default",
        "roles": [],
    }


async def test_nobody_without_a_key_acts_at_all(app: FastAPI) -> None:
    async with client(app) as http:
        assert problem(await http.get("/v1/actor")) == (401, "unauthorized")


async def test_a_key_without_act_as_is_refused_rather_than_its_header_ignored(
    app: FastAPI, tmp_path: Path, private_key: Ed25519PrivateKey
) -> None:
    plain = KeyStore(store_path(tmp_path)).create("plain", "operator")
    headers = ActorSigner(private_key, plain.key.id).header(ANNA, "approvals")
    async with client(app, key=plain.token) as http:
        response = await http.get("/v1/actor", headers=headers)
    assert problem(response) == (403, "forbidden")
    assert response.json()["missing_scopes"] == ["act_as"]


async def test_an_actor_of_another_tenant_is_refused(
    http: httpx.AsyncClient, private_key: Ed25519PrivateKey, console: NewKey
) -> None:
    stranger = Actor("operator:anna", "operator", "another-shop")
    headers = ActorSigner(private_key, console.key.id).header(stranger, "approvals")
    assert problem(await http.get("/v1/actor", headers=headers)) == (403, "forbidden")


async def test_a_token_made_for_another_service_or_another_key_is_not_valid(
    http: httpx.AsyncClient, private_key: Ed25519PrivateKey, console: NewKey
) -> None:
    for key_id, audience in ((console.key.id, "mcp"), ("0123456789ab", "approvals")):
        headers = ActorSigner(private_key, key_id).header(ANNA, audience)
        response = await http.get("/v1/actor", headers=headers)
        assert problem(response) == (401, "invalid-actor")
        assert "anna" not in response.text


@pytest.mark.parametrize(("age_s", "status"), [(-4, 200), (0, 200), (50, 200), (66, 401), (-10, 401), (3600, 401)])
async def test_a_token_is_good_for_a_minute(
    http: httpx.AsyncClient, private_key: Ed25519PrivateKey, console: NewKey, age_s: int, status: int
) -> None:
    made_at = FakeClock(datetime.now(UTC) - timedelta(seconds=age_s))
    headers = ActorSigner(private_key, console.key.id, clock=made_at).header(ANNA, "approvals")
    assert (await http.get("/v1/actor", headers=headers)).status_code == status


def forged(private_key: Ed25519PrivateKey, key_id: str, **changes: object) -> str:
    """Return a token signed with the right key and wrong in what `changes` says; None leaves a claim out."""
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": key_id,
        "aud": "approvals",
        "sub": "operator:anna",
        "kind": "operator",
        "tenant": "default",
        "roles": [],
        "iat": now,
        "exp": now + 60,
        **changes,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, private_key, algorithm="EdDSA", headers={"kid": thumbprint(private_key.public_key())})


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"iat": None},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"tenant": None},
        {"sub": ""},
        {"sub": 7},
        {"kind": "admin"},
        {"roles": "all"},
        pytest.param({"exp": int(datetime.now(UTC).timestamp()) + 3600}, id="exp an hour ahead"),
    ],
    ids=str,
)
async def test_a_token_that_is_wrong_in_one_claim_is_not_valid(
    http: httpx.AsyncClient, private_key: Ed25519PrivateKey, console: NewKey, changes: dict[str, object]
) -> None:
    assert (
        await http.get("/v1/actor", headers={"tillhand-actor": forged(private_key, console.key.id)})
    ).status_code == 200
    token = forged(private_key, console.key.id, **changes)
    assert problem(await http.get("/v1/actor", headers={"tillhand-actor": token})) == (401, "invalid-actor")


async def test_a_signature_by_anybody_else_or_by_nobody_is_not_valid(
    http: httpx.AsyncClient, private_key: Ed25519PrivateKey, console: NewKey
) -> None:
    good = forged(private_key, console.key.id)
    kid = thumbprint(private_key.public_key())
    claims = jwt.decode(good, options={"verify_signature": False})
    public = private_key.public_key().public_bytes_raw()
    tokens = [
        jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": kid}),
        jwt.encode(claims, None, algorithm="none", headers={"kid": kid}),  # type: ignore[arg-type]  # what is tested
        jwt.encode(claims, public, algorithm="HS256", headers={"kid": kid}),
        jwt.encode(claims, private_key, algorithm="EdDSA"),
        good[:-4] + "AAAA",
        "not.a.token",
        "",
    ]
    for token in tokens:
        assert problem(await http.get("/v1/actor", headers={"tillhand-actor": token})) == (401, "invalid-actor")


async def test_two_actors_in_one_request_are_refused(
    http: httpx.AsyncClient, private_key: Ed25519PrivateKey, console: NewKey
) -> None:
    token = forged(private_key, console.key.id)
    headers = [("tillhand-actor", token), ("tillhand-actor", token)]
    assert problem(await http.get("/v1/actor", headers=headers)) == (401, "invalid-actor")


def test_the_signing_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    private = bootstrap_signing_key(tmp_path / "keys")
    before = private.read_bytes()
    assert bootstrap_signing_key(tmp_path / "keys").read_bytes() == before
    assert private.stat().st_mode & 0o777 == 0o600


def test_several_public_keys_in_one_file_are_all_good(tmp_path: Path) -> None:
    folders = [tmp_path / "old", tmp_path / "new"]
    signers = [load_private_key(bootstrap_signing_key(folder)) for folder in folders]
    both = tmp_path / "actors.pub"
    both.write_text("".join((folder / "actor.pub").read_text() for folder in folders))
    verifier = ActorVerifier(load_public_keys(both), "approvals")
    for signer in signers:
        (token,) = ActorSigner(signer, "key1").header(ANNA, "approvals").values()
        assert verifier.verify(token, "key1") == ANNA


def test_a_token_cannot_be_made_for_longer(private_key: Ed25519PrivateKey) -> None:
    with pytest.raises(ValueError, match="60"):
        ActorSigner(private_key, "key1").header(ANNA, "approvals", lifetime_s=61)
