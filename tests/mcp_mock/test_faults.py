"""Calls that go wrong as scripted, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.mcp_mock.tiny_shop import tiny_world
from tillhand_common.testing import FakeClock, settle
from tillhand_mcp.mock.app import create_mock
from tillhand_mcp.mock.faults import BadScript, Fault, parsed
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.world import BING_KEY, BING_SITE, World

SUBMIT = f"/webmaster/api.svc/json/SubmitUrl?apikey={BING_KEY}"
QUOTA = f"/webmaster/api.svc/json/GetUrlSubmissionQuota?apikey={BING_KEY}&siteUrl={BING_SITE}"
GRAPHQL = "/admin/api/2026-10/graphql.json"
BODY = {"siteUrl": BING_SITE, "url": f"{BING_SITE}products/oak-shelf"}
WAIT_S = 10.0


async def graphql(request: Request) -> Response:
    """Answer as a shop would, whatever it is asked."""
    await request.body()
    return JSONResponse({"data": {"shop": {"name": "Bracken Lane"}}})


@pytest.fixture
def app(world: World) -> Starlette:
    """Return the mock with a shop behind it that always gives the same answer."""
    return create_mock(world, shopify=[Route(GRAPHQL, graphql, methods=["POST"])])


@pytest.fixture
async def wire(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client with a socket."""
    async with serving(app) as base_url, httpx.AsyncClient(base_url=base_url, timeout=WAIT_S) as client:
        yield client


async def script(client: httpx.AsyncClient, **fault: object) -> None:
    """Tell the mock what goes wrong next."""
    (await client.post("/mock/faults", json=[fault])).raise_for_status()


def faults_met(app: Starlette) -> list[str | None]:
    """Return what went wrong with the requests that arrived."""
    return [arrival.fault for arrival in app.state.mock.requests]


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds; everybody else runs meanwhile."""
    async with asyncio.timeout(WAIT_S):
        while not holds():
            await settle()


async def given_up(call: asyncio.Future[httpx.Response]) -> None:
    """Leave before there is an answer."""
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


@pytest.mark.parametrize("effect", ["before", "after"])
@pytest.mark.parametrize("kind", ["status", "reset", "half_close", "wrong_length", "bad_json"])
async def test_a_write_whose_answer_is_lost_took_effect_only_where_the_script_says_so(
    wire: httpx.AsyncClient, world: World, kind: str, effect: str
) -> None:
    await script(wire, upstream="bing", kind=kind, effect=effect)
    try:
        answered = await wire.post(SUBMIT, json=BODY)
        assert answered.status_code == 503 or kind == "bad_json"
    except httpx.TransportError:
        assert kind in {"reset", "half_close", "wrong_length"}
    assert len(world.writes) == (1 if effect == "after" else 0)
    assert (await wire.post(SUBMIT, json=BODY)).status_code == 200


async def test_a_reset_reaches_the_client_as_one(wire: httpx.AsyncClient) -> None:
    await script(wire, upstream="bing", kind="reset")
    with pytest.raises(httpx.ReadError):
        await wire.get(QUOTA)


async def test_a_half_closed_connection_ends_in_the_middle_of_the_body(wire: httpx.AsyncClient) -> None:
    await script(wire, upstream="bing", kind="half_close")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete") as lost:
        await wire.get(QUOTA)
    assert "received 52 bytes, expected 104" in str(lost.value)


async def test_a_body_is_shorter_than_its_length_says(wire: httpx.AsyncClient) -> None:
    await script(wire, upstream="bing", kind="wrong_length")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        await wire.get(QUOTA)


async def test_what_cannot_be_parsed_has_the_status_of_success(wire: httpx.AsyncClient) -> None:
    await script(wire, upstream="bing", kind="bad_json")
    answer = await wire.get(QUOTA)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer.json()


async def test_a_dripping_answer_comes_whole_in_the_end(wire: httpx.AsyncClient, clock: FakeClock) -> None:
    whole = (await wire.get(QUOTA)).content
    await script(wire, upstream="bing", kind="drip", seconds=2)
    received: list[bytes] = []
    async with asyncio.timeout(WAIT_S), wire.stream("GET", QUOTA) as answer:
        pieces = answer.aiter_raw()
        for _ in whole:
            dripping = asyncio.ensure_future(anext(pieces))
            while not dripping.done():
                await clock.advance(2)
            received.append(await dripping)
    assert received[0] == whole[:1]
    assert b"".join(received) == whole


async def test_out_of_a_black_hole_nothing_comes(wire: httpx.AsyncClient, app: Starlette) -> None:
    await script(wire, upstream="bing", kind="black_hole")
    waiting = asyncio.ensure_future(wire.get(QUOTA))
    await until(lambda: faults_met(app) == ["black_hole"])
    await wire.get("/mock/health")
    assert not waiting.done()
    await given_up(waiting)
    assert app.state.mock.requests[-1].status is None


async def test_a_delayed_answer_comes_when_its_time_has_come(wire: httpx.AsyncClient, clock: FakeClock) -> None:
    await script(wire, upstream="bing", kind="delay", seconds=30)
    waiting = asyncio.ensure_future(wire.get(QUOTA))
    async with asyncio.timeout(WAIT_S):
        while not waiting.done():
            await clock.advance(30)
    assert (await waiting).status_code == 200


async def test_a_delayed_write_is_not_done_for_a_client_that_has_left(
    wire: httpx.AsyncClient, app: Starlette, world: World, clock: FakeClock
) -> None:
    await script(wire, upstream="bing", kind="delay", seconds=30)
    waiting = asyncio.ensure_future(wire.post(SUBMIT, json=BODY))
    await until(lambda: faults_met(app) == ["delay"])
    await given_up(waiting)
    await wire.get("/mock/health")  # the server has seen the client go by now
    await clock.advance(60)
    assert world.writes == []


async def test_a_delayed_write_may_have_been_done_already(wire: httpx.AsyncClient, world: World) -> None:
    await script(wire, upstream="bing", kind="delay", seconds=30, effect="after")
    waiting = asyncio.ensure_future(wire.post(SUBMIT, json=BODY))
    await until(lambda: len(world.writes) == 1)
    assert not waiting.done()
    await given_up(waiting)


async def test_a_server_ends_with_calls_in_a_black_hole(app: Starlette) -> None:
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(timeout=WAIT_S) as client:
        async with serving(app) as base_url:
            await client.post(f"{base_url}/mock/faults", json=[{"kind": "black_hole", "times": -1}])
            waiting = [asyncio.ensure_future(client.get(f"{base_url}{QUOTA}")) for _ in range(3)]
            await until(lambda: len(faults_met(app)) == 3)
            ending = loop.time()
        took = loop.time() - ending
        for each in waiting:
            with pytest.raises(httpx.TransportError):
                await each
    assert took < 2.0  # half a second on a machine that is not busy


@pytest.mark.parametrize(
    ("upstream", "path", "status", "shown"),
    [
        ("bing", QUOTA, 400, {"ErrorCode": 4, "Message": "ERROR!!! ThrottleUser"}),
        ("search_console", "/webmasters/v3/sites", 429, "RESOURCE_EXHAUSTED"),
        ("ga4", "/v1beta/properties/1/metadata", 429, "RESOURCE_EXHAUSTED"),
    ],
)
async def test_each_vendor_says_in_its_own_way_that_a_quota_is_spent(
    http: httpx.AsyncClient, upstream: str, path: str, status: int, shown: object
) -> None:
    await script(http, upstream=upstream, kind="quota")
    answer = await http.get(path)
    assert answer.status_code == status
    assert shown in (answer.json(), answer.json().get("error", {}).get("status"))


async def test_the_shop_throttles_with_a_status_of_success(http: httpx.AsyncClient) -> None:
    await script(http, upstream="shopify", kind="throttled")
    answer = await http.post(GRAPHQL, json={"query": "query Shop { shop { name } }"})
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert answer.json()["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize(
    ("path", "names"),
    [
        (QUOTA, {"ErrorCode", "Message"}),
        ("/webmasters/v3/sites", {"error"}),
        ("/v1beta/properties/1/metadata", {"error"}),
        ("/token", {"error", "error_description"}),
    ],
)
async def test_each_vendor_words_a_status_in_its_own_way(
    http: httpx.AsyncClient, path: str, names: set[str], status: int
) -> None:
    await script(http, kind="status", status=status)
    answer = await http.get(path)
    assert (answer.status_code, set(answer.json())) == (status, names)
    assert ("retry-after" in answer.headers) == (status == 429)


async def test_the_shop_fails_with_a_page_and_refuses_with_a_word(http: httpx.AsyncClient) -> None:
    await script(http, upstream="shopify", kind="status", status=502)
    await script(http, upstream="shopify", kind="status", status=429)
    await script(http, upstream="shopify", kind="throttled")
    assert (await http.get("/bulk/1.jsonl")).headers["content-type"].startswith("text/html")
    for answer in (await http.get("/bulk/1.jsonl"), await http.get("/bulk/1.jsonl")):
        assert answer.status_code == 429
        assert "Exceeded" in answer.json()["errors"]


async def test_too_many_requests_come_with_a_time_to_wait(http: httpx.AsyncClient) -> None:
    await script(http, kind="status", status=429, retry_after_s=7)
    answer = await http.get(QUOTA)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


async def test_a_script_skips_calls_and_is_used_up(http: httpx.AsyncClient) -> None:
    await script(http, upstream="bing", kind="status", status=500, after=1, times=2)
    assert [(await http.get(QUOTA)).status_code for _ in range(4)] == [200, 500, 500, 200]


async def test_a_script_for_ever_goes_on_until_it_is_taken_back(http: httpx.AsyncClient) -> None:
    await script(http, kind="status", status=502, times=-1)
    assert [(await http.get(QUOTA)).status_code for _ in range(3)] == [502] * 3
    await http.delete("/mock/faults")
    assert (await http.get(QUOTA)).status_code == 200


async def test_a_script_meets_only_the_upstream_and_the_operation_that_it_names(http: httpx.AsyncClient) -> None:
    await script(http, upstream="shopify", kind="status", status=500, operation="productUpdate")
    update = {"query": 'mutation Rename { productUpdate(product: {id: "1"}) { product { id } } }'}
    assert (await http.get(QUOTA)).status_code == 200
    assert (await http.post(GRAPHQL, json={"query": "{ shop { name } }"})).status_code == 200
    assert (await http.post(GRAPHQL, json=update)).status_code == 500


async def test_two_scripts_take_their_turns(http: httpx.AsyncClient) -> None:
    await script(http, kind="status", status=500)
    await script(http, kind="status", status=502)
    assert [(await http.get(QUOTA)).status_code for _ in range(3)] == [500, 502, 200]


async def test_in_process_a_broken_connection_is_an_error_of_its_own() -> None:
    app = create_mock(tiny_world())
    app.state.mock.faults.script(Fault("reset"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock.test") as client:
        with pytest.raises(ConnectionError):
            await client.get(QUOTA)


@pytest.mark.parametrize(
    "bad",
    [
        [],
        {},
        {"kind": "explode"},
        {"kind": "reset", "upstream": "amazon"},
        {"kind": "reset", "times": 0},
        {"kind": "reset", "times": -2},
        {"kind": "reset", "after": "1"},
        {"kind": "delay", "seconds": -1},
        {"kind": "delay", "seconds": True},
        {"kind": "status", "operation": 3},
        {"kind": "status", "status": 99},
        {"kind": "status", "colour": "red"},
        {"kind": "status", "effect": "never"},
    ],
)
def test_a_script_that_says_nothing_possible_is_refused(bad: object) -> None:
    with pytest.raises(BadScript):
        parsed(bad)
