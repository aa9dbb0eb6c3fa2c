"""Google's credentials: what a file may hold, what is told of one that is none, and what tokens they bring."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.mcp_vendors.stage import QuickClock, Stage
from tests.mcp_vendors.test_access import GA4, NOBODY, SECRET, google_file, settings
from tillhand_common.lifecycle import StartupError
from tillhand_mcp.adapters.google.credentials import (
    READ_ANALYTICS,
    READ_SEARCH,
    AuthorizedUser,
    ServiceAccount,
    grant,
    read_credentials,
)
from tillhand_mcp.adapters.upstreams.tokens import RenewedTokens
from tillhand_mcp.app.vendors import vendors
from tillhand_mcp.errors import ConnectorUnavailable
from tillhand_mcp.mock.google.identity import service_account
from tillhand_mcp.mock.world import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET


@pytest.mark.parametrize("scope", [READ_ANALYTICS, READ_SEARCH])
@pytest.mark.parametrize("kind", ["service_account", "authorized_user"])
async def test_google_gives_tokens_for_a_key_and_for_a_persons_leave(
    stage: Stage, folder: Path, clock: QuickClock, kind: str, scope: str
) -> None:
    person = {
        "type": "authorized_user",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": "mock-refresh-token",
        "token_uri": f"{stage.url}/token",
    }
    path = folder / "google.json"
    path.write_text(json.dumps(person if kind == "authorized_user" else service_account(stage.url)))
    credentials = read_credentials(path)
    assert isinstance(credentials, AuthorizedUser if kind == "authorized_user" else ServiceAccount)
    client, renew = grant(credentials, scope, clock)
    async with client:
        assert await RenewedTokens(renew, clock).current() == ACCESS_TOKEN
        wrong, renew_wrong = grant(credentials.model_copy(update=WRONG[kind]), scope, clock)
        async with wrong:
            with pytest.raises(ConnectorUnavailable, match=r"invalid_grant|invalid_client"):
                await renew_wrong()


WRONG: Mapping[str, Mapping[str, Any]] = {
    "service_account": {"client_email": "stranger@example.com"},
    "authorized_user": {"client_secret": SecretStr("x")},
}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("{", "the file"),
        ("[]", "the file"),
        (json.dumps({"client_email": SECRET}), "type"),
        (json.dumps({"type": SECRET}), "type"),
        (json.dumps({"type": "service_account", "client_email": SECRET}), "private_key"),
        (json.dumps({"type": "service_account", "client_email": SECRET, "private_key": SECRET}), "private_key"),
        (json.dumps({"type": "authorized_user", "client_id": SECRET, "client_secret": SECRET}), "refresh_token"),
    ],
)
def test_a_credentials_file_that_is_none_is_named_and_tells_nothing(
    folder: Path, content: str | None, told: str
) -> None:
    path = folder / "google.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match=told) as refused:
        read_credentials(path)
    assert str(path) in str(refused.value)
    assert SECRET not in str(refused.value)
    with pytest.raises(StartupError, match="TILLHAND_GOOGLE_CREDENTIALS"):
        vendors(
            settings(folder, **{**GA4, "google_credentials": path}),
            QuickClock(),
            None,
            lambda: NOBODY,
            AsyncExitStack(),
        )


def test_tokens_are_asked_for_over_https_alone(folder: Path) -> None:
    path = google_file(folder, token_uri="http://127.0.0.1:1/token")
    with pytest.raises(StartupError, match="https"):
        vendors(
            settings(folder, **{**GA4, "google_credentials": path}),
            QuickClock(),
            None,
            lambda: NOBODY,
            AsyncExitStack(),
        )
