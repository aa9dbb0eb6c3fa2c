"""Signing in with a link and a password, and what ends it; all as a browser without JavaScript does it."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest

from tests.fakes.visitor import Visitor
from tillhand_common.testing import FakeClock, client
from tillhand_dashboard.app import create_app
from tillhand_dashboard.commands import add_account, enable_account, link_account
from tillhand_dashboard.settings import DashboardSettings

PASSWORD = "four unrelated words"


async def with_password(visitor: Visitor, link: str) -> None:
    """Sign in with a link, and set a password."""
    await visitor.open(urlsplit(link).path)
    await visitor.send(password=PASSWORD, again=PASSWORD)


async def by_password(visitor: Visitor, password: str = PASSWORD) -> httpx.Response:
    """Sign in on the sign-in page."""
    await visitor.open("/sign-in")
    return await visitor.send(name="operator", password=password, next="/")


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(visitor: Visitor) -> None:
    await visitor.open("/styleguide?x=1")
    assert visitor.path == "/sign-in"
    assert 'value="/styleguide?x=1"' in visitor.page.text


async def test_a_program_is_told_by_a_problem_document(http: httpx.AsyncClient) -> None:
    answer = await http.get("/events", headers={"accept": "text/event-stream"})
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:tillhand:problem:sign-in-needed"


async def test_the_first_link_signs_in_once(visitor: Visitor, link: str, settings: DashboardSettings) -> None:
    await visitor.enter(link)
    assert (visitor.path, visitor.page.status_code) == ("/", 200)
    assert "operator, admin" in visitor.text
    assert not settings.link_file.exists()
    assert (await Visitor(visitor.http).open(urlsplit(link).path)).status_code == 410


async def test_looking_at_a_link_does_not_use_it_up(visitor: Visitor, link: str) -> None:
    for _ in range(2):
        assert (await visitor.open(urlsplit(link).path)).status_code == 200


async def test_a_link_is_good_for_a_day(visitor: Visitor, link: str, clock: FakeClock) -> None:
    await clock.advance(24 * 3600)
    assert (await visitor.open(urlsplit(link).path)).status_code == 410


async def test_a_password_set_with_the_link_signs_in_later(visitor: Visitor, link: str) -> None:
    await with_password(visitor, link)
    other = Visitor(visitor.http)
    await by_password(other)
    assert "operator, admin" in other.text


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("short", "short", "at least 12"),
        ("operator operator", "operator operator", "too easy"),
        (PASSWORD, f"{PASSWORD}s", "not the same"),
    ],
)
async def test_a_weak_or_mistyped_password_is_asked_for_again(
    visitor: Visitor, link: str, password: str, again: str, told: str
) -> None:
    await visitor.open(urlsplit(link).path)
    assert (await visitor.send(password=password, again=again)).status_code == 422
    assert told in visitor.text
    await visitor.send(password=PASSWORD, again=PASSWORD)
    assert visitor.path == "/"


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(visitor: Visitor, link: str) -> None:
    await with_password(visitor, link)
    stranger = Visitor(visitor.http)
    wrong = await by_password(stranger, "something else entirely")
    await stranger.open("/sign-in")
    unknown = await stranger.send(name="nobody", password=PASSWORD, next="/")
    assert wrong.status_code == unknown.status_code == 401
    assert "do not match" in stranger.text


async def test_guessing_has_to_wait_longer_and_longer(visitor: Visitor, link: str, clock: FakeClock) -> None:
    await with_password(visitor, link)
    guesser = Visitor(visitor.http)
    for _ in range(4):
        assert (await by_password(guesser, "wrong password")).status_code == 401
    refused = await by_password(guesser)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    await clock.advance(3)
    await by_password(guesser)
    assert guesser.path == "/"


async def test_signing_out_ends_the_session_on_the_server(operator: Visitor) -> None:
    kept = dict(operator.cookies)
    await operator.send("/sign-in/out")
    assert operator.path == "/sign-in"
    operator.cookies = kept
    await operator.open("/")
    assert operator.path == "/sign-in"


async def test_a_session_ends_when_it_is_not_used(operator: Visitor, clock: FakeClock) -> None:
    await clock.advance(119 * 60)
    await operator.open("/")
    assert operator.path == "/"
    await clock.advance(121 * 60)
    await operator.open("/")
    assert operator.path == "/sign-in"


async def test_a_session_ends_after_half_a_day_however_much_it_is_used(operator: Visitor, clock: FakeClock) -> None:
    for _ in range(11):
        await clock.advance(3600)
        assert (await operator.open("/styleguide")).status_code == 200
        assert operator.path == "/styleguide"
    await clock.advance(3600)
    await operator.open("/")
    assert operator.path == "/sign-in"


async def test_a_sign_in_gives_a_new_session_and_ends_the_former(visitor: Visitor, link: str) -> None:
    await with_password(visitor, link)
    former = dict(visitor.cookies)
    visitor.cookies["tillhand_visit"] = "0"
    await visitor.open("/sign-in/link/none")
    other = Visitor(visitor.http, cookies=dict(former))
    await other.open("/")
    await other.send("/sign-in", name="operator", password=PASSWORD, next="/")
    assert other.cookies["tillhand_session"] != former["tillhand_session"]
    stale = Visitor(visitor.http, cookies=former)
    await stale.open("/")
    assert stale.path == "/sign-in"


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(visitor: Visitor, link: str) -> None:
    await visitor.open(urlsplit(link).path)
    cookies = f"tillhand_visit={visitor.cookies['tillhand_visit']}"
    answer = await visitor.http.post(
        urlsplit(link).path, data={"csrf": visitor.token, "password": "", "again": ""}, headers={"cookie": cookies}
    )
    [given] = [each for each in answer.headers.get_list("set-cookie") if each.startswith("tillhand_session=")]
    assert "HttpOnly" in given
    assert "SameSite=lax" in given


async def test_behind_tls_cookies_go_over_tls_alone(settings: DashboardSettings) -> None:
    public = settings.model_copy(update={"dashboard_public_url": "https://console.example.com"})
    async with client(create_app(public)) as http:
        answer = await http.get("/sign-in", headers={"accept": "text/html"})
        assert answer.headers["set-cookie"].startswith("__Host-tillhand_visit=")
        assert "Secure" in answer.headers["set-cookie"]
        assert settings.link_file.read_text().startswith("https://console.example.com/sign-in/link/")


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_form_without_the_token_of_its_page_does_nothing(operator: Visitor, token: str) -> None:
    assert (await operator.send("/sign-in/out", csrf=token)).status_code == 403
    await operator.open("/")
    assert operator.path == "/"


async def test_the_token_of_another_session_is_none(operator: Visitor) -> None:
    stranger = Visitor(operator.http)
    await stranger.open("/sign-in")
    assert (await operator.send("/sign-in/out", csrf=stranger.token)).status_code == 403


@pytest.mark.parametrize("origin", ["http://localhost:9999", "null", "https://evil.example"])
async def test_a_form_of_another_origin_does_nothing(operator: Visitor, origin: str) -> None:
    assert (await operator.send("/sign-in/out", origin=origin)).status_code == 403
    await operator.open("/")
    assert operator.path == "/"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:0", ""]
)
async def test_after_the_sign_in_nobody_is_led_elsewhere(visitor: Visitor, link: str, elsewhere: str) -> None:
    await with_password(visitor, link)
    other = Visitor(visitor.http)
    await other.open("/sign-in")
    answer = await other.send("/sign-in", name="operator", password=PASSWORD, next=elsewhere)
    assert answer.status_code == 200
    assert other.path == "/"


async def test_what_is_kept_opens_nothing(operator: Visitor, settings: DashboardSettings, link: str) -> None:
    kept = settings.accounts_file.read_bytes()
    assert operator.cookies["tillhand_session"].encode() not in kept
    assert link.rpartition("/")[2].encode() not in kept
    assert settings.accounts_file.stat().st_mode & 0o077 == 0


async def test_disabling_an_account_ends_its_sessions_at_once(
    operator: Visitor, settings: DashboardSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(settings.data_dir))
    await enable_account("operator", enabled=False)
    await operator.open("/")
    assert operator.path == "/sign-in"


async def test_an_account_made_while_the_console_runs_signs_in(
    visitor: Visitor, settings: DashboardSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(settings.data_dir))
    first = await add_account("vera", "viewer")
    second = await link_account("vera")
    assert (await visitor.open(urlsplit(first).path)).status_code == 410  # by the newer link
    await visitor.enter(second)
    assert "vera, viewer" in visitor.text


async def test_a_restart_before_anybody_signed_in_makes_a_new_link_and_none_after(settings: DashboardSettings) -> None:
    links = []
    for _ in range(2):
        async with client(create_app(settings)) as http:
            links.append(settings.link_file.read_text().strip())
            visitor = Visitor(http)
            assert (await visitor.open(urlsplit(links[0]).path)).status_code == (410 if len(links) > 1 else 200)
    async with client(create_app(settings)) as http:
        await with_password(Visitor(http), settings.link_file.read_text().strip())
    async with client(create_app(settings)):
        assert not settings.link_file.exists()
