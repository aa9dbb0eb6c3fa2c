"""The tools over HTTP: steps of a call as events or as lines, the mode in a header, and figures by connector."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tillhand_common import keys
from tillhand_common.clock import SystemClock
from tillhand_common.sse_reader import EventDecoder
from tillhand_common.testing import running
from tillhand_mcp.app import create_app
from tillhand_mcp.mock.app import create_mock
from tillhand_mcp.mock.faults import Fault
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.shopify import Limits, routes
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import World
from tillhand_mcp.schemas import location
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.generator import build

pytestmark = pytest.mark.skipif(
    not (location.folder() / "NOTICE").is_file(), reason="the vendors' schemas are not here: python tools/schemas.py"
)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Mock]]:
    """The connectors over a mock whose exports take no time."""
    keys.bootstrap(folder)
    quick = Limits(bulk_created_s=0.0, bulk_running_s=0.3)
    mock = create_mock(World(build(skus=20, days=20), SystemClock()), shopify=lambda world: routes(world, quick))
    headers = {"authorization": f"Bearer {keys.read_token(folder, 'agent')}"}
    async with (
        serving(mock) as mock_url,
        running(create_app(McpSettings(data_dir=folder, mock_url=mock_url))) as base_url,
        httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60) as http,
    ):
        yield http, mock.state.mock


async def call(http: httpx.AsyncClient, tool: str, accept: str = "application/json", **arguments: object) -> Any:  # noqa: ANN401  # a response
    return await http.post(f"/v1/tools/{tool}", json={"arguments": arguments}, headers={"accept": accept})


async def test_an_answer_of_a_mock_says_so_in_a_header_too(tmp_path: Path) -> None:
    async with served(tmp_path) as (http, _):
        answer = await call(http, "shopify_products", limit=1)
        assert (answer.headers["tillhand-mode"], answer.json()["structured"]["origin"]["mode"]) == ("mock", "mock")


async def test_lines_tell_how_a_long_call_gets_on_and_what_came_of_it(tmp_path: Path) -> None:
    async with served(tmp_path) as (http, _):
        answer = await call(http, "shopify_bulk_export", "application/x-ndjson", kind="inventory")
        lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [line["event"] for line in lines[:-1]] == ["progress"] * (len(lines) - 1)
    assert len(lines) > 1
    assert lines[-1]["event"] == "result"
    assert lines[-1]["data"]["structured"]["status"] == "completed"


async def test_events_end_with_the_result_or_with_the_problem(tmp_path: Path) -> None:
    async with served(tmp_path) as (http, _):
        good = await call(http, "shopify_locations", "text/event-stream")
        bad = await call(http, "shopify_order", "text/event-stream", order_id="gid://shopify/Order/1")
        none = await call(http, "no_such_tool", "text/event-stream")
        ended = [list(EventDecoder().feed(each.content))[-1] for each in (good, bad)]
    assert [event.name for event in ended] == ["result", "problem"]
    assert json.loads(ended[1].data)["reason"] == "not-found"
    assert none.status_code == 404


async def test_an_export_is_read_as_a_resource_of_its_own(tmp_path: Path) -> None:
    async with served(tmp_path) as (http, _):
        made = (await call(http, "shopify_bulk_export", kind="products")).json()["structured"]
    (kept,) = (tmp_path / "mcp" / "exports").glob("*.jsonl")
    assert made["uri"] == f"shopify-export://{kept.stem}"
    assert made["objects"] == len(kept.read_text().splitlines())
    assert made["first"][0]["id"].startswith("gid://shopify/Product/")


async def test_figures_tell_calls_from_cached_ones_and_failures_from_refusals(tmp_path: Path) -> None:
    async with served(tmp_path) as (http, mock):
        for _ in range(2):
            await call(http, "shopify_products", limit=2)
        await call(http, "shopify_order", order_id="gid://shopify/Order/1")
        mock.faults.script(Fault(kind="status", upstream="shopify", times=-1))
        failed = await call(http, "shopify_orders", limit=2)
        figures = (await http.get("/v1/connectors/shopify/metrics")).json()
        exposed = (await http.get("/metrics")).text
    assert failed.status_code == 503
    assert figures["calls"] == {"answered": 1, "cached": 1, "failed": 1, "refused": 1, "stale": 0}
    assert figures["durations"]["calls"] == 2
    assert figures["upstream"]["retries"] > 0
    assert figures["quota"]["unit"] == "points"
    assert 'connector_calls_total{connector="shopify",outcome="cached"} 1.0' in exposed
    assert 'upstream_pool_wait_seconds_count{upstream="shopify"}' in exposed


async def test_a_connector_that_is_not_there_is_not_measured(tmp_path: Path) -> None:
    async with served(tmp_path) as (http, _):
        assert (await http.get("/v1/connectors/nothing/metrics")).status_code == 404


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("knowledge_document", '{"document_id": "a", "start": 1e30}'),
        ("knowledge_document", '{"document_id": "a", "start": 1180591620717411303424}'),
        ("bing_submit_url", '{"url": "https://brackenlane.example/", "reason": "\\ud800"}'),
        ("bing_submit_url", '{"url": "https://brackenlane.example/", "\\ud800": 1}'),
        ("shopify_products", '{"query": "\\ud800"}'),
        ("shopify_order", '{"order_id": NaN}'),
    ],
)
async def test_arguments_that_no_json_can_hold_are_the_callers_to_mend(
    tmp_path: Path, tool: str, arguments: str
) -> None:
    async with served(tmp_path) as (http, _):
        body = f'{{"arguments": {arguments}}}'
        answer = await http.post(f"/v1/tools/{tool}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
