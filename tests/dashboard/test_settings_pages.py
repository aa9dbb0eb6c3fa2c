"""The settings without JavaScript: what is everybody's own, and what admins change, each under their name."""

from __future__ import annotations

import hashlib
import html
import re
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.approvals.shop import shop
from tests.fakes.visitor import Visitor
from tillhand_common.clock import SystemClock
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.problems import Conflict
from tillhand_common.testing import FakeClock, client
from tillhand_dashboard.app import create_app
from tillhand_dashboard.settings import DashboardSettings
from tillhand_dashboard.store.accounts import SqliteAccounts
from tillhand_dashboard.store.database import Database

PASSWORD, OTHER = "four unrelated words", "five other unrelated words"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
FORMS = (
    "/settings/accounts",
    "/settings/accounts/operator/role",
    "/settings/accounts/operator/state",
    "/settings/accounts/operator/link",
    "/settings/keys",
    "/settings/keys/0123456789ab/revoke",
    "/settings/keys/0123456789ab/rotate",
)


async def added(admin: Visitor, name: str, role: str) -> Visitor:
    """Somebody whom the admin has added, signed in by the link that the page showed."""
    await admin.open("/settings/accounts")
    await admin.send("/settings/accounts", name=name, role=role)
    visitor = Visitor(admin.http)
    await visitor.enter(shown(admin, "link"))
    return visitor


def shown(visitor: Visitor, name: str) -> str:
    """What the page shows this once."""
    found = re.search(rf'<pre id="{name}"[^>]*>([^<]+)</pre>', visitor.page.text)
    assert found is not None, visitor.text
    return html.unescape(found[1])


def sessions(visitor: Visitor) -> list[str]:
    """The ids of the other sessions that the page lists."""
    return re.findall(r'action="/settings/sessions/([0-9a-f]{16})"', visitor.page.text)


async def again(visitor: Visitor, password: str) -> Visitor:
    """The same person in another browser."""
    other = Visitor(visitor.http)
    await other.open("/sign-in")
    await other.send(name="operator", password=password, next="/")
    return other


async def set_password(visitor: Visitor, password: str, present: str = "") -> httpx.Response:
    """Set one's own."""
    await visitor.open("/settings")
    return await visitor.send("/settings/password", present=present, password=password, again=password)


async def test_somebody_sees_where_they_are_signed_in_and_ends_it_there(operator: Visitor) -> None:
    await set_password(operator, PASSWORD)
    operator.http.headers["user-agent"] = FIREFOX
    other = await again(operator, PASSWORD)
    await operator.open("/settings")
    assert "Firefox on Linux from 127.0.0.1" in operator.text
    await operator.send(f"/settings/sessions/{sessions(operator)[0]}")
    assert "That session is over." in operator.text
    assert sessions(operator) == []
    await other.open("/settings")
    assert other.path == "/sign-in"


async def test_all_other_sessions_end_at_once_and_those_of_others_stay(operator: Visitor) -> None:
    vera = await added(operator, "vera", "viewer")
    await set_password(operator, PASSWORD)
    others = [await again(operator, PASSWORD) for _ in range(2)]
    await operator.open("/settings")
    veras = hashlib.sha256(vera.cookies["tillhand_session"].encode()).hexdigest()
    await operator.send(f"/settings/sessions/{veras[:16]}")
    await operator.send("/settings/sessions/others")
    for each in others:
        await each.open("/settings")
        assert each.path == "/sign-in"
    await vera.open("/settings")
    assert (vera.path, (await operator.open("/settings")).status_code) == ("/settings", 200)


async def test_a_session_that_was_idle_too_long_is_listed_no_more(operator: Visitor, clock: FakeClock) -> None:
    await set_password(operator, PASSWORD)
    await again(operator, PASSWORD)
    for _ in range(3):
        await clock.advance(3_600)
        await operator.open("/settings")
    assert sessions(operator) == []


async def test_a_new_password_wants_the_present_one_and_signs_out_everywhere_else(operator: Visitor) -> None:
    await set_password(operator, PASSWORD)
    assert "You are signed out everywhere else." in operator.text
    other, former = await again(operator, PASSWORD), operator.cookies["tillhand_session"]
    assert (await set_password(operator, OTHER, "a wrong password")).status_code == 422
    assert "That is not your password." in operator.text
    assert (await set_password(operator, "short", PASSWORD)).status_code == 422
    assert "at least 12" in operator.text
    await set_password(operator, OTHER, PASSWORD)
    assert operator.path == "/settings"
    assert operator.cookies["tillhand_session"] != former
    await other.open("/settings")
    assert other.path == "/sign-in"
    assert "operator, admin" in (await again(operator, OTHER)).text


async def test_guessing_the_present_password_is_throttled(operator: Visitor) -> None:
    await set_password(operator, PASSWORD)
    answers = [(await set_password(operator, OTHER, "a wrong password")).status_code for _ in range(6)]
    assert answers[0] == 422
    assert answers[-1] == 429


async def test_the_look_is_kept_by_the_browser(operator: Visitor) -> None:
    await operator.open("/settings")
    assert "data-look" not in operator.page.text
    await operator.send("/settings/appearance", look="dark")
    assert '<html lang="en" data-look="dark"' in operator.page.text
    await operator.send("/settings/appearance", look="")
    assert "data-look" not in operator.page.text
    operator.cookies["tillhand_look"] = '"><b>'
    assert "data-look" not in (await operator.open("/settings")).text


async def test_an_account_is_added_with_a_link_that_is_shown_once(operator: Visitor) -> None:
    vera = await added(operator, "vera", "viewer")
    assert "vera, viewer" in vera.text
    page = await operator.open("/settings/accounts")
    assert "2 accounts" in operator.text
    assert "/sign-in/link/" not in page.text
    await operator.send("/settings/accounts", name="Vera", role="admin")
    assert operator.page.status_code == 409
    assert "an account of this name already" in operator.text
    await operator.send("/settings/accounts", name="<b>", role="admin")
    assert operator.page.status_code == 422
    assert "<b>" not in operator.page.text


async def test_a_role_counts_at_once_and_a_barred_account_is_out(operator: Visitor) -> None:
    vera = await added(operator, "vera", "viewer")
    assert (await vera.open("/audit")).status_code == 403
    await operator.open("/settings/accounts")
    await operator.send("/settings/accounts/vera/role", role="operator")
    assert (await vera.open("/styleguide")).status_code == 200
    assert "vera, operator" in vera.text
    await operator.send("/settings/accounts/vera/state", enabled="no")
    assert "vera is barred" in operator.text
    await vera.open("/")
    assert vera.path == "/sign-in"
    await operator.send("/settings/accounts/vera/state", enabled="yes")
    await operator.send("/settings/accounts/vera/link")
    await vera.enter(shown(operator, "link"))
    assert "vera, operator" in vera.text


async def test_somebody_is_left_who_may_administer(operator: Visitor, settings: DashboardSettings) -> None:
    await operator.open("/settings/accounts")
    for form, fields in (("role", {"role": "viewer"}), ("state", {"enabled": "no"})):
        await operator.open("/settings/accounts")
        assert (await operator.send(f"/settings/accounts/operator/{form}", **fields)).status_code == 409
        assert "another admin can" in operator.text
    database = Database(settings.accounts_file)
    with pytest.raises(Conflict, match="Nobody would be left"):
        await SqliteAccounts(database).change("operator", disabled=True, keep_an_admin=True)
    await database.aclose()
    assert (await operator.open("/settings/accounts")).status_code == 200


async def test_whoever_is_no_admin_has_their_own_settings_alone(operator: Visitor) -> None:
    vera = await added(operator, "vera", "operator")
    page = await vera.open("/settings")
    assert "/settings/accounts" not in page.text
    for path in ("accounts", "keys", "platform"):
        assert (await vera.open(f"/settings/{path}")).status_code == 403
    for path in FORMS:
        await vera.open("/settings")
        assert (await vera.send(path)).status_code == 403, path
        assert (await vera.send(path, csrf="wrong")).status_code == 403, path


async def test_a_key_is_made_shown_once_rotated_and_revoked(operator: Visitor, settings: DashboardSettings) -> None:
    store = KeyStore(store_path(settings.data_dir))
    await operator.open("/settings/keys")
    await operator.send("/settings/keys", name="stock", kind="agent", collections="shop, trade")
    token = shown(operator, "token")
    key = store.authenticate(token)
    assert key is not None
    assert (key.name, key.collections) == ("stock", frozenset({"shop", "trade"}))
    assert token not in (await operator.open("/settings/keys")).text
    await operator.send(f"/settings/keys/{key.id}/rotate")
    second = shown(operator, "token")
    assert (store.authenticate(token), store.authenticate(second)) == (None, store.list()[-1])
    await operator.send(f"/settings/keys/{key.id}/revoke")
    assert store.authenticate(second) is None
    assert "1 revoked" in operator.text
    assert (await operator.send(f"/settings/keys/{key.id}/revoke")).status_code == 404


async def test_no_key_is_made_here_that_speaks_for_others(operator: Visitor, settings: DashboardSettings) -> None:
    store = KeyStore(store_path(settings.data_dir))
    speaks = store.create("speaks", "service").key
    await operator.open("/settings/keys")
    assert (await operator.send("/settings/keys", name="x", kind="service", scope="act_as")).status_code == 422
    assert (await operator.send(f"/settings/keys/{speaks.id}/rotate")).status_code == 422
    await operator.send("/settings/keys", name="plain", kind="service")
    made = store.authenticate(shown(operator, "token"))
    assert made is not None
    assert "act_as" not in made.scopes
    [own] = [each for each in store.list() if each.name == "dashboard"]
    for form in ("revoke", "rotate"):
        assert (await operator.send(f"/settings/keys/{own.id}/{form}")).status_code == 409
    assert (await operator.send("/settings/keys", name="plain", kind="agent")).status_code == 422
    assert "has this name already" in operator.text


async def test_the_platform_page_tells_what_is_set_and_no_secret(tmp_path: Path) -> None:
    settings = DashboardSettings.model_validate(
        {"data_dir": tmp_path, "dashboard_oidc_client_secret": "very-secret", "dashboard_time_zone": "Europe/Berlin"}
    )
    async with client(create_app(settings)) as http:
        visitor = Visitor(http)
        await visitor.enter(settings.link_file.read_text().strip())
        page = await visitor.open("/settings/platform")
        assert "very-secret" not in page.text
        assert re.search(r"TILLHAND_DASHBOARD_OIDC_CLIENT_SECRET set, secret", visitor.text)
        assert re.search(r"TILLHAND_DASHBOARD_TIME_ZONE Europe/Berlin changed", visitor.text)
        assert "MCP_FORCE_MOCKS=true" in visitor.text
        assert "Set TILLHAND_MCP_URL." in visitor.text


async def test_what_admins_change_is_recorded_under_their_name_however_late(tmp_path: Path) -> None:
    alone = DashboardSettings(data_dir=tmp_path)
    async with client(create_app(alone)) as http:
        visitor = Visitor(http)
        await visitor.enter(alone.link_file.read_text().strip())
        await added(visitor, "vera", "viewer")
        await set_password(visitor, PASSWORD)
        cookies = dict(visitor.cookies)
    async with (
        shop(tmp_path) as approvals,
        client(create_app(alone.model_copy(update={"approvals_url": str(approvals.http.base_url)}))) as http,
    ):
        visitor = Visitor(http, cookies)
        await visitor.open("/settings/keys")
        await visitor.send("/settings/keys", name="stock", kind="agent")
        records: list[dict[str, Any]] = []
        while len(records) < 3:  # they come a moment later; the test's own time limit ends a wait in vain
            answer = await approvals.call("operator", "GET", "/v1/audit?type=account.changed&type=key.changed")
            records = answer.json()["items"]
        made, password, key = records
        assert made["actor"] == password["actor"] == key["actor"]
        assert password["data"]["action"] == "password_changed"
        assert made["actor"]["id"] == "operator"
        assert made["data"]["action"] == "added"
        assert made["data"]["role"] == "viewer"
        assert "vera" not in str(made)
        assert key["data"]["action"] == "created"
        await visitor.open("/audit?kind=accounts")
        assert "account.changed" in visitor.text


def without(column: str, connection: sqlite3.Connection) -> None:
    """Make the sessions as they were before this column came."""
    connection.execute(f"ALTER TABLE sessions DROP COLUMN {column}")


async def test_a_file_from_before_is_taken_over(tmp_path: Path) -> None:
    settings = DashboardSettings(data_dir=tmp_path)
    async with client(create_app(settings)) as http:
        await Visitor(http).enter(settings.link_file.read_text().strip())
    database = Database(settings.accounts_file)
    for column in ("address", "browser"):
        await database.run(partial(without, column))
    await database.aclose()
    async with client(create_app(settings, clock=SystemClock())) as http:
        visitor = Visitor(http)
        await visitor.enter(settings.link_file.read_text().strip())
        await visitor.open("/settings")
        assert "Where you are signed in" in visitor.text
