"""The mock's own paths: what it tells of what happened, and back to the start."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tillhand_mcp.mock.app import create_mock
from tillhand_mcp.mock.serving import NotLoopback, listening, serving
from tillhand_mcp.mock.world import BING_KEY, BING_SITE, World

SUBMIT = f"/webmaster/api.svc/json/SubmitUrl?apikey={BING_KEY}"
BODY = {"siteUrl": BING_SITE, "url": f"{BING_SITE}products/oak-shelf"}
GRAPHQL = "/admin/api/2026-10/graphql.json"
WAIT_S = 60.0
PROGRAM = (sys.executable, "-m", "tillhand_mcp.mock", "--skus=20", "--days=20")


async def test_it_says_that_it_is_well(http: httpx.AsyncClient) -> None:
    assert (await http.get("/mock/health")).json() == {"status": "ok"}


async def test_the_journal_holds_what_took_effect(http: httpx.AsyncClient) -> None:
    await http.post(SUBMIT, json=BODY)
    [write] = (await http.get("/mock/journal")).json()["writes"]
    assert write["upstream"] == "bing"
    assert write["operation"] == "SubmitUrl"
    assert write["arguments"] == BODY
    assert write["at"] == "2026-03-15T12:00:00+00:00"


async def test_the_journal_shows_arguments_that_are_no_json(http: httpx.AsyncClient, world: World) -> None:
    world.wrote("shopify", "tag", "k", {"tags": frozenset({"a"}), "nothing": None, "kind": Path("x")})
    [write] = (await http.get("/mock/journal")).json()["writes"]
    assert write["arguments"] == {"tags": ["a"], "nothing": None, "kind": "x"}


async def test_requests_are_listed_without_what_is_secret_in_them(http: httpx.AsyncClient) -> None:
    await http.post(SUBMIT, json=BODY)
    await http.get("/v1beta/properties/1/metadata")
    answer = await http.get("/mock/requests")
    assert BING_KEY not in answer.text
    seen = [(each["upstream"], each["operation"], each["status"]) for each in answer.json()["requests"]]
    assert seen == [("bing", "SubmitUrl", 200), ("ga4", "metadata", 403)]


@pytest.mark.parametrize(
    ("call", "operation", "key"),
    [
        ({"query": "query Shop { shop { name } }"}, "Shop", None),
        ({"query": "{ products(first: 1) { nodes { id } } }"}, "products", None),
        ({"query": 'mutation M { tagsAdd @idempotent(key: "k-1") { userErrors { field } } }'}, "M", "k-1"),
        (
            {
                "operationName": "Other",
                "query": "mutation M($key: String!) { tagsAdd @idempotent(key: $key) { node { id } } }",
                "variables": {"key": "k-2"},
            },
            "Other",
            "k-2",
        ),
        ({"query": "mutation M($key: String!) { tagsAdd @idempotent(key: $key) { node { id } } }"}, "M", None),
        ({"no": "query"}, "graphql.json", None),
    ],
)
async def test_a_request_for_the_shop_is_listed_by_its_operation_and_its_key(
    world: World, call: dict[str, Any], operation: str, key: str | None
) -> None:
    async def graphql(_: Request) -> Response:
        return JSONResponse({"data": {}})

    app = create_mock(world, shopify=[Route(GRAPHQL, graphql, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock.test") as client:
        await client.post(GRAPHQL, json=call)
        [seen] = (await client.get("/mock/requests")).json()["requests"]
    assert (seen["operation"], seen["idempotency_key"]) == (operation, key)


async def test_a_reset_forgets_everything_that_happened(world: World) -> None:
    told: list[str] = []
    app = create_mock(world, resets=[lambda: told.append("shop")])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock.test") as client:
        await client.post("/mock/faults", json={"kind": "reset", "after": 5})
        await client.post("/mock/quotas", json={"bing.urlsPerDay": 1})
        await client.post(SUBMIT, json=BODY)
        await client.post("/mock/reset")
        assert (await client.get("/mock/journal")).json() == {"writes": []}
        assert (await client.get("/mock/requests")).json() == {"requests": []}
        assert (await client.get("/mock/faults")).json() == {"faults": []}
        assert (await client.get("/mock/quotas")).json()["limits"]["bing.urlsPerDay"] == 100
        assert (await client.post(SUBMIT, json=BODY)).status_code == 200
    assert told == ["shop"]


async def test_a_reset_makes_the_shop_anew(world: World) -> None:
    def shop(_: World) -> list[Route]:
        asked: list[str] = []

        async def count(request: Request) -> Response:
            asked.append(request.method)
            return JSONResponse(len(asked))

        return [Route(GRAPHQL, count, methods=["POST"])]

    app = create_mock(world, shopify=shop)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock.test") as client:
        counted = [(await client.post(GRAPHQL)).json() for _ in range(2)]
        await client.post("/mock/reset")
        counted.append((await client.post(GRAPHQL)).json())
    assert counted == [1, 2, 1]


@pytest.mark.parametrize("body", ["{", "3", '[{"kind": "no"}]'])
async def test_a_script_that_cannot_be_read_is_refused_as_a_whole(http: httpx.AsyncClient, body: str) -> None:
    answer = await http.post("/mock/faults", content=body)
    assert answer.status_code == 400
    assert (await http.get("/mock/faults")).json() == {"faults": []}


@pytest.mark.parametrize("body", ["{", "[]", '{"no.such": 1}', '{"bing.urlsPerDay": -1}', '{"bing.urlsPerDay": "x"}'])
async def test_a_limit_that_cannot_be_set_is_refused(http: httpx.AsyncClient, body: str) -> None:
    assert (await http.post("/mock/quotas", content=body)).status_code == 400


async def test_a_small_answer_is_not_held_back(app: Starlette) -> None:
    async with serving(app) as base_url, httpx.AsyncClient(base_url=base_url) as client:
        assert (await client.get("/mock/health")).status_code == 200
    with listening("localhost", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "shop.example", "::"])  # noqa: S104  # refused
def test_it_listens_on_no_address_that_others_reach(host: str) -> None:
    with pytest.raises(NotLoopback), listening(host, 0):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_program_ends_cleanly_when_told_to(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(*PROGRAM, "--port=0", stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WAIT_S):
            line = (await process.stdout.readline()).decode()
            base_url = line.rsplit(maxsplit=1)[-1]
            async with httpx.AsyncClient(base_url=base_url) as client:
                assert (await client.get("/mock/health")).status_code == 200
                process.send_signal(number)
                assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_program_refuses_an_address_that_others_reach() -> None:
    process = await asyncio.create_subprocess_exec(*PROGRAM, "--host=0.0.0.0", stderr=asyncio.subprocess.PIPE)
    async with asyncio.timeout(WAIT_S):
        _, written = await process.communicate()
    assert process.returncode == 2
    assert b"no loopback address" in written
