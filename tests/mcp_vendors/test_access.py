"""Which connectors are live, by what is set; and credentials that are there never lead to a mock's answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.mcp_vendors.stage import NAMES, QuickClock, Stage, asked
from tillhand_common.http import UpstreamClient
from tillhand_common.problems import Problem
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_mcp.adapters.shopify.grant import grant as shopify_grant
from tillhand_mcp.app.vendors import Vendors, vendors
from tillhand_mcp.errors import ConnectorUnavailable, CredentialsMissing
from tillhand_mcp.mock.google.identity import service_account
from tillhand_mcp.mock.world import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET
from tillhand_mcp.ports.connector import Connector
from tillhand_mcp.settings import McpSettings, access

SECRET = "made-up-and-secret"
NOBODY = "http://127.0.0.1:9"
SHOPIFY = {"shopify_store": "a.myshopify.com", "shopify_client_id": "id", "shopify_client_secret": SECRET}
BING = {"bing_api_key": SECRET, "bing_site": "https://example.com/"}
GA4 = {"google_credentials": "google.json", "ga4_property": "123"}
CONSOLE = {"google_credentials": "google.json", "search_console_site": "sc-domain:example.com"}
EVERYTHING: Mapping[str, Mapping[str, Any]] = {"shopify": SHOPIFY, "bing": BING, "ga4": GA4, "search_console": CONSOLE}


def settings(folder: Path, **given: object) -> McpSettings:
    return McpSettings(data_dir=folder, **given)  # type: ignore[arg-type]  # settings by name


def connectors(found: Vendors) -> dict[str, Connector]:
    return {each.id: each for each in (found.shopify, found.ga4, found.search_console, found.bing)}


@asynccontextmanager
async def joined(given: McpSettings, url: str) -> AsyncIterator[dict[str, Connector]]:
    """The connectors as the service joins them."""
    async with AsyncExitStack() as stack:
        found = connectors(vendors(given, QuickClock(), None, lambda: url, stack))
        for each in found.values():
            stack.push_async_callback(each.aclose)
        yield found


def google_file(folder: Path, **changes: object) -> Path:
    path = folder / "google.json"
    path.write_text(json.dumps({**service_account("https://oauth2.googleapis.com"), **changes}))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_without_anything_a_mock_answers_unless_mocks_are_never_wanted(folder: Path, name: str) -> None:
    assert access.BY_NAME[name](settings(folder)).mode == "mock"
    never = access.BY_NAME[name](settings(folder, mocks="never"))
    wanted = {f"TILLHAND_{each}".upper() for each in EVERYTHING[name]}
    assert (never.mode, {each.setting for each in never.missing}) == ("blocked", wanted)
    assert all(each.how for each in never.missing)


@pytest.mark.parametrize(("name", "left"), [(name, left) for name, given in EVERYTHING.items() for left in given])
def test_a_part_of_what_is_needed_blocks_and_names_the_rest(folder: Path, name: str, left: str) -> None:
    given = {each: value for each, value in EVERYTHING[name].items() if each != left}
    found = access.BY_NAME[name](settings(folder, **given))
    if given == {"google_credentials": "google.json"}:
        assert found.mode == "mock"  # shared by two connectors: no sign that this one is wanted
        return
    assert (found.mode, [each.setting for each in found.missing]) == ("blocked", [f"TILLHAND_{left}".upper()])


@pytest.mark.parametrize("name", NAMES)
def test_everything_there_is_live_and_mocks_can_be_forced(folder: Path, name: str) -> None:
    assert access.BY_NAME[name](settings(folder, **EVERYTHING[name])).mode == "live"
    assert access.BY_NAME[name](settings(folder, **EVERYTHING[name], mocks="never")).mode == "live"
    assert access.BY_NAME[name](settings(folder, **EVERYTHING[name], force_mocks=True)).mode == "mock"


def test_an_older_apps_token_takes_the_place_of_id_and_secret(folder: Path) -> None:
    given = settings(folder, shopify_store="a.myshopify.com", shopify_access_token=SECRET)
    assert access.shopify(given).mode == "live"
    without = access.shopify(settings(folder, shopify_access_token=SECRET))
    assert (without.mode, [each.setting for each in without.missing]) == ("blocked", ["TILLHAND_SHOPIFY_STORE"])


async def test_a_blocked_connector_says_what_is_missing_and_calls_nobody(folder: Path, stage: Stage) -> None:
    async with joined(settings(folder, mocks="never"), stage.url) as found:
        for name, each in found.items():
            with pytest.raises(CredentialsMissing) as missing:
                await asked(each)
            listed: Any = missing.value.extensions["missing"]
            told = {one["setting"] for one in listed}
            assert told == {f"TILLHAND_{one}".upper() for one in EVERYTHING[name]}
            assert ((await each.state()).state, (await each.check()).state) == ("blocked", "blocked")
    assert stage.exchanges == []


async def test_forced_mocks_say_so_whatever_is_set(folder: Path, stage: Stage) -> None:
    given = {key: value for one in EVERYTHING.values() for key, value in one.items()}
    async with joined(settings(folder, **given, force_mocks=True), stage.url) as found:
        for each in found.values():
            assert (await asked(each)).origin.mode == "mock"
            assert (await each.check()).state == "mock"
    assert SECRET not in str([(each.query, each.body) for each in stage.exchanges])


@pytest.fixture
def rerouted(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Have what would call a vendor call a server of the test's; only the address is another."""
    target: dict[str, str] = {}

    def client(name: str, base_url: str, **more: Any) -> UpstreamClient:  # noqa: ANN401  # the client's own options
        return UpstreamClient(name, target["url"] if base_url.startswith("https://") else base_url, **more)

    monkeypatch.setattr("tillhand_mcp.app.vendors.UpstreamClient", client)
    monkeypatch.setattr("tillhand_mcp.adapters.google.credentials.UpstreamClient", client)
    return target


@pytest.mark.parametrize("fault", [Reply(500), Reply(401), Reply(403), Reply(429), Reply(failure="reset"), Reply(200)])
async def test_a_live_connector_whose_vendor_fails_is_an_error_and_never_a_mock(
    folder: Path, stage: Stage, rerouted: dict[str, str], fault: Reply
) -> None:
    given: Mapping[str, object] = {key: value for one in EVERYTHING.values() for key, value in one.items()}
    made = settings(folder, **{**given, "google_credentials": google_file(folder)}, mock_url=stage.url)
    async with FakeUpstream.start(fault) as vendor:
        rerouted["url"] = vendor.base_url
        async with joined(made, stage.url) as found:
            for each in found.values():
                with pytest.raises(Problem) as problem:
                    await asked(each)
                assert SECRET not in str(problem.value) + str(problem.value.extensions)
                checked = await each.check()
                assert (checked.state, bool(checked.reason)) == ("degraded", True)
        assert vendor.requests
    assert stage.exchanges == []


async def test_a_live_connector_says_that_it_is_live(folder: Path, stage: Stage, rerouted: dict[str, str]) -> None:
    made = settings(folder, **BING, mock_url=stage.url)
    async with FakeUpstream.start(Reply.json({"d": {"DailyQuota": 1, "MonthlyQuota": 2}})) as vendor:
        rerouted["url"] = vendor.base_url
        async with joined(made, stage.url) as found:
            assert (await asked(found["bing"])).origin.mode == "live"
            assert (await found["bing"].state()).state == "live"


class Taken:
    """Counts tokens that a server gives out; the one that is good is the last."""

    def __init__(self, upstream: FakeUpstream) -> None:
        self._upstream = upstream

    def count(self) -> int:
        return sum("token" in each.target for each in self._upstream.requests)


async def test_a_token_that_is_refused_is_renewed_once(folder: Path, rerouted: dict[str, str]) -> None:
    refused = Reply.json({"errors": "[API] Invalid API key or access token"}, 401)
    good = Reply.json({"data": {"locations": {"nodes": []}}})
    async with FakeUpstream.start() as vendor:
        rerouted["url"] = vendor.base_url
        vendor.fixed["/admin/oauth/access_token"] = Reply.json({"access_token": "t", "expires_in": 86399})
        taken = Taken(vendor)
        async with joined(settings(folder, **SHOPIFY), NOBODY) as found:
            vendor.script(refused, good)
            assert (await asked(found["shopify"])).origin.mode == "live"
            assert taken.count() == 2
            vendor.script(refused, refused, good)
            with pytest.raises(Problem, match="401"):
                await asked(found["shopify"])
            assert taken.count() == 3
            assert (await found["shopify"].state()).state == "degraded"
            await asked(found["shopify"])
            assert (await found["shopify"].state()).state == "live"


@pytest.mark.parametrize(
    ("name", "given", "path"),
    [("shopify", SHOPIFY, "/admin/oauth/access_token"), ("ga4", GA4, "/token"), ("search_console", CONSOLE, "/token")],
)
async def test_credentials_that_are_refused_are_told_and_remembered(
    folder: Path, rerouted: dict[str, str], name: str, given: dict[str, object], path: str
) -> None:
    made = dict(given)
    if "google_credentials" in made:
        made["google_credentials"] = google_file(folder)
    async with FakeUpstream.start(Reply(500)) as vendor:
        rerouted["url"] = vendor.base_url
        vendor.fixed[path] = Reply.json({"error": "invalid_client", "error_description": SECRET}, 401)
        async with joined(settings(folder, **made), NOBODY) as found:
            with pytest.raises(ConnectorUnavailable, match="refuses") as refused:
                await asked(found[name])
            assert SECRET not in str(refused.value)
            state = await found[name].state()
            assert (state.state, state.breaker) == ("degraded", "closed")
            assert "refuses" in state.reason
            vendor.fixed[path] = Reply.json({"error": "slow_down"}, 429)
            with pytest.raises(Problem) as throttled:
                await asked(found[name])
            assert throttled.value.slug == "upstream-throttled"
        assert {each.target for each in vendor.requests} == {path}


async def test_the_mock_lets_in_whom_it_knows_alone(stage: Stage) -> None:
    async with UpstreamClient("shopify", stage.url) as http:
        token = await shopify_grant(http, CLIENT_ID, SecretStr(CLIENT_SECRET))()
        assert (token.value.get_secret_value(), token.lifetime_s) == (ACCESS_TOKEN, 86399.0)
        with pytest.raises(ConnectorUnavailable, match="client credentials"):
            await shopify_grant(http, CLIENT_ID, SecretStr("another"))()
