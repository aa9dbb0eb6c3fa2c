"""The chassis stands in front: keys and tokens, scopes and limits, before the SDK sees a byte."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.mcp.fixtures.raw import Message, initialize, legacy, modern
from tests.mcp.fixtures.service import Service, build, serving
from tests.mcp.fixtures.toolbox import FakeToolbox
from tillhand_common.actor import Actor, ActorSigner, ActorVerifier
from tillhand_common.testing import client
from tillhand_mcp.routes.protocol.oauth import JwtTokens, ProtectedResource

LIST = modern("tools/list", {})
ISSUER, RESOURCE = "https://login.example.com", "https://shop.example.com/mcp"
WELL_KNOWN = "/.well-known/oauth-protected-resource"


async def post(
    service: Service, key: str | None, headers: Mapping[str, str] | None = None, message: Message = LIST
) -> httpx2.Response:
    """Send a message."""
    async with httpx2.AsyncClient() as http:
        return await http.post(service.url, **message.sent(key, headers))


@pytest.mark.parametrize("key", [None, "th_agent_none_0123456789abcdef0123456789abcdef", "a.b.c"])
@pytest.mark.parametrize("message", [LIST, initialize()])
async def test_without_a_good_key_a_client_is_told_where_to_get_a_token(
    service: Service, key: str | None, message: Message
) -> None:
    answer = await post(service, key, message=message)
    origin = service.url.removesuffix("/mcp")
    challenge = answer.headers["www-authenticate"]
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert challenge.startswith("Bearer ")
    assert f'resource_metadata="{origin}{WELL_KNOWN}/mcp"' in challenge
    assert ('error="invalid_token"' in challenge) == (key is not None)


async def test_a_key_without_the_scope_is_told_which(service: Service) -> None:
    answer = await post(service, service.key("reader", scopes=["rag:read"]))
    challenge = answer.headers["www-authenticate"]
    assert answer.status_code == 403
    assert answer.json()["missing_scopes"] == ["mcp:call"]
    assert 'error="insufficient_scope"' in challenge
    assert "resource_metadata=" in challenge
    assert challenge.count('scope="mcp:call"') == 1


@pytest.mark.parametrize("path", [WELL_KNOWN, f"{WELL_KNOWN}/mcp"])
async def test_the_metadata_needs_no_key_wherever_the_service_listens(tmp_path: Path, path: str) -> None:
    resource = ProtectedResource(RESOURCE, [ISSUER], "https://shop.example.com/docs")
    app, _ = build(FakeToolbox(), tmp_path, settings={"host": "0.0.0.0"}, resource=resource)  # noqa: S104  # not bound
    async with client(app) as http:
        answer = await http.get(path)
        refused = await http.post("/mcp", json={})
        elsewhere = await http.get("/v1/none")
    assert answer.json() == {
        "resource": RESOURCE,
        "resource_name": "Tillhand connectors",
        "scopes_supported": ["mcp:call"],
        "bearer_methods_supported": ["header"],
        "authorization_servers": [ISSUER],
        "resource_documentation": "https://shop.example.com/docs",
    }
    assert f'resource_metadata="https://shop.example.com{WELL_KNOWN}/mcp"' in refused.headers["www-authenticate"]
    assert elsewhere.status_code == 401
    assert "resource_metadata" not in elsewhere.headers["www-authenticate"]


async def test_a_resource_without_a_public_address_is_called_as_it_was_asked(service: Service) -> None:
    async with httpx2.AsyncClient() as http:
        answer = await http.get(service.url.replace("/mcp", WELL_KNOWN))
    assert answer.json()["resource"] == service.url
    assert "authorization_servers" not in answer.json()


SIGNING = Ed25519PrivateKey.generate()


def claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # claims of all kinds
    """Return the claims of a good token, changed; None leaves one out."""
    good = {
        "iss": ISSUER,
        "aud": RESOURCE,
        "sub": "ada",
        "scope": "mcp:call openid",
        "tenant": "north",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(kid: str = "k1", key: Ed25519PrivateKey = SIGNING, **changes: Any) -> str:  # noqa: ANN401  # as claims
    """Return an access token."""
    return jwt.encode(claims(**changes), key, algorithm="EdDSA", headers={"kid": kid})


def tokens() -> JwtTokens:
    """Return what reads them."""
    public = jwt.algorithms.OKPAlgorithm.to_jwk(SIGNING.public_key(), as_dict=True)
    return JwtTokens({"k1": jwt.PyJWK({**public, "alg": "EdDSA"})}, ISSUER, RESOURCE)


async def test_a_token_for_this_resource_is_as_good_as_a_key(tmp_path: Path) -> None:
    toolbox = FakeToolbox()
    async with serving(toolbox, tmp_path, tokens=tokens()) as service:
        call = modern("tools/call", {"name": "echo", "arguments": {"text": "x"}})
        answer = await post(service, token(), {"mcp-name": "echo"}, call)
        with_key = await post(service, service.key("tester"))
    ((caller, _, _),) = toolbox.calls
    assert (answer.status_code, with_key.status_code) == (200, 200)
    assert (caller.tenant, caller.kind, caller.scopes) == ("north", "agent", frozenset({"mcp:call"}))
    assert caller.subject.endswith("#ada")


@pytest.mark.parametrize(
    "made",
    [
        lambda: token(aud="https://elsewhere.example.com/mcp"),
        lambda: token(aud=None),
        lambda: token(iss="https://evil.example.com"),
        lambda: token(exp=datetime.now(UTC) - timedelta(seconds=1)),
        lambda: token(exp=None),
        lambda: token(sub=None),
        lambda: token(tenant=None),
        lambda: token(kid="k2"),
        lambda: token(key=Ed25519PrivateKey.generate()),
        lambda: jwt.encode(claims(), "x" * 32, algorithm="HS256", headers={"kid": "k1"}),
        lambda: jwt.encode(claims(), "", algorithm="none", headers={"kid": "k1"}),
        lambda: "a.b.c",
    ],
)
def test_a_token_that_is_not_for_us_is_none(made: Callable[[], str]) -> None:
    assert tokens().principal(made()) is None


async def test_such_a_token_is_refused_as_a_bad_key_is(tmp_path: Path) -> None:
    async with serving(FakeToolbox(), tmp_path, tokens=tokens()) as service:
        answer = await post(service, token(aud="https://elsewhere.example.com/mcp"))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_grants_no_more_than_it_says_and_than_an_agent_may(tmp_path: Path) -> None:
    async with serving(FakeToolbox(), tmp_path, tokens=tokens()) as service:
        answer = await post(service, token(scope="approvals:decide rag:read"))
    assert answer.status_code == 403
    granted = tokens().principal(token(scope="mcp:call approvals:decide act_as"))
    assert granted is not None
    assert granted.scopes == {"mcp:call"}


async def test_a_session_answers_only_to_the_key_that_opened_it(service: Service, key: str) -> None:
    opened = await post(service, key, message=initialize())
    message = legacy("ping", {}, opened.headers["mcp-session-id"])
    assert (await post(service, key, message=message)).status_code == 200
    assert (await post(service, service.key("stranger"), message=message)).status_code == 404


async def test_an_actor_is_the_caller_of_its_own_message(service: Service, toolbox: FakeToolbox) -> None:
    signing = Ed25519PrivateKey.generate()
    service.app.state.actors = ActorVerifier([signing.public_key()], "mcp")
    keys = service.app.state.chassis.keys
    made = keys.create("front", "service", scopes=["mcp:call", "act_as"])
    header = ActorSigner(signing, made.key.id).header(Actor("user:ada", "operator", "default"), "mcp")
    call = modern("tools/call", {"name": "echo", "arguments": {"text": "x"}})
    assert (await post(service, made.token, {"mcp-name": "echo", **header}, call)).status_code == 200
    assert (await post(service, made.token, {"mcp-name": "echo"}, call)).status_code == 200
    assert [(caller.subject, caller.kind) for caller, _, _ in toolbox.calls] == [
        ("user:ada", "operator"),
        (f"key:{made.key.id}", "service"),
    ]


async def test_a_foreign_host_and_a_foreign_origin_are_refused(service: Service, key: str) -> None:
    assert (await post(service, key, {"host": "evil.example.com"})).status_code == 421
    assert (await post(service, key, {"origin": "http://evil.example.com"})).status_code == 403


async def test_bodies_and_rates_are_limited_in_the_chassis_own_words(tmp_path: Path) -> None:
    settings = {"max_body_bytes": 4096, "rate_limit": "2/minute"}
    async with serving(FakeToolbox(), tmp_path, settings=settings) as service:
        key = service.key("tester")
        large = modern("tools/call", {"name": "echo", "arguments": {"text": "x" * 5000}})
        answers = [await post(service, key, {"mcp-name": "echo"}, large), *[await post(service, key) for _ in range(3)]]
    assert [answer.status_code for answer in answers] == [413, 200, 200, 429]
    assert {answers[0].headers["content-type"], answers[3].headers["content-type"]} == {"application/problem+json"}
    assert int(answers[3].headers["retry-after"]) > 0


async def test_other_methods_are_not_allowed(service: Service, key: str) -> None:
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}) as http:
        answer = await http.put(service.url, json={})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
