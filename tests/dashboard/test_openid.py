"""Signing in at a provider of identities."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.fakes.identities import CLIENT, FakeProvider, provider
from tests.fakes.visitor import Visitor
from tillhand_common.testing import client
from tillhand_dashboard.app import create_app
from tillhand_dashboard.settings import DashboardSettings


@pytest.fixture
async def identities() -> AsyncIterator[FakeProvider]:
    """The provider."""
    async with provider() as running:
        yield running


@pytest.fixture
async def visitor(identities: FakeProvider, tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody before a console that sends people there."""
    settings = DashboardSettings(
        data_dir=tmp_path,
        dashboard_oidc_issuer=identities.issuer,
        dashboard_oidc_client_id=CLIENT,
        dashboard_oidc_operators=("shop-operators",),
        dashboard_oidc_admins=("shop-admins",),
    )
    async with client(create_app(settings)) as http:
        yield Visitor(http)


async def come_back(visitor: Visitor, identities: FakeProvider) -> int:
    """There and back again; the status of the page at the end."""
    there = await visitor.open("/sign-in/provider?next=/styleguide")
    assert there.status_code == 303
    return (await visitor.open(identities.sign_in(there.headers["location"]))).status_code


async def test_who_comes_back_is_signed_in_by_the_name_and_role_that_the_provider_gives(
    visitor: Visitor, identities: FakeProvider
) -> None:
    assert await come_back(visitor, identities) == 200
    assert visitor.path == "/styleguide"
    assert "ines, operator" in visitor.text


async def test_the_role_is_that_of_today(visitor: Visitor, identities: FakeProvider) -> None:
    await come_back(visitor, identities)
    identities.claims["groups"] = ["shop-admins", "shop-operators"]
    await come_back(visitor, identities)
    assert "ines, admin" in visitor.text


async def test_a_role_that_is_no_longer_given_lets_nobody_in(visitor: Visitor, identities: FakeProvider) -> None:
    identities.claims["groups"] = ["guests"]
    assert await come_back(visitor, identities) == 403
    await visitor.open("/")
    assert visitor.path == "/sign-in"


async def test_an_account_of_the_same_name_is_not_taken_over(visitor: Visitor, identities: FakeProvider) -> None:
    identities.claims["preferred_username"] = "operator"
    assert await come_back(visitor, identities) == 403


@pytest.mark.parametrize(
    "spoil",
    [
        {"aud": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"nonce": "of another sign-in"},
        {"exp": 1},
        {"preferred_username": "../x", "email": "", "sub": "not a name"},
    ],
    ids=["audience", "issuer", "nonce", "expired", "nameless"],
)
async def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(
    visitor: Visitor, identities: FakeProvider, spoil: dict[str, object]
) -> None:
    identities.spoil = spoil
    assert await come_back(visitor, identities) == 403


async def test_a_token_by_another_key_or_by_a_shared_secret_lets_nobody_in(
    visitor: Visitor, identities: FakeProvider
) -> None:
    identities.signs_with = generate_private_key(65537, 2048)
    assert await come_back(visitor, identities) == 403
    identities.algorithm = "HS256"
    assert await come_back(visitor, identities) == 403


async def test_a_way_back_that_another_browser_began_lets_nobody_in(visitor: Visitor, identities: FakeProvider) -> None:
    there = await visitor.open("/sign-in/provider")
    back = identities.sign_in(there.headers["location"])
    stranger = Visitor(visitor.http)
    assert (await stranger.open(back)).status_code == 403
    await stranger.open("/sign-in/provider")
    assert (await stranger.open(back)).status_code == 403
    assert (await stranger.open("/sign-in/provider/return?code=c&state=%C3%A9")).status_code == 403


async def test_a_provider_that_does_not_answer_is_said_to_be_away(tmp_path: Path) -> None:
    settings = DashboardSettings(data_dir=tmp_path, dashboard_oidc_issuer="http://127.0.0.1:9")
    async with client(create_app(settings)) as http:
        visitor = Visitor(http)
        assert (await visitor.open("/sign-in/provider")).status_code == 503
        assert "cannot be reached" in visitor.text
