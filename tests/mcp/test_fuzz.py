"""Whatever is sent to the connectors over HTTP, well formed or not, is answered as their OpenAPI document says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from tests.fakes.fuzzing import TIMEOUT_S, Known, Sending, fuzzed
from tillhand_common import keys
from tillhand_common.clock import SystemClock
from tillhand_common.testing import service_process
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.world import World
from tillhand_mcp.schemas import location
from tillhand_mockshop.generator import build

SCRIPT: Final = Path(__file__).resolve().parents[1] / "fakes" / "mcp_service.py"
CALL: Final = "/v1/tools/{name}"
SLOW: Final = "/v1/tools/shopify_bulk_export"
"""Waits for what the upstream takes its time for, every time."""
pytestmark = pytest.mark.skipif(
    not (location.folder() / "NOTICE").is_file(), reason="the vendors' schemas are not here: python tools/schemas.py"
)


def by_tool(document: dict[str, Any], tools: list[dict[str, Any]]) -> dict[str, Any]:
    """The document with an operation for each tool beside that for all, its arguments as the tool's own schema says."""
    told = document["paths"][CALL]["post"]
    for tool in tools:
        schema = json.loads(
            json.dumps(tool["input_schema"]).replace("#/$defs/", f"#/components/schemas/{tool['name']}.")
        )
        for name, definition in schema.pop("$defs", {}).items():
            document["components"]["schemas"][f"{tool['name']}.{name}"] = definition
        body = {
            "type": "object",
            "properties": {"arguments": schema},
            "required": ["arguments"] if schema.get("required") else [],
            "additionalProperties": False,
        }
        content = {"application/json": {"schema": body}}
        others = [each for each in told.get("parameters", []) if each.get("in") != "path"]
        document["paths"][f"/v1/tools/{tool['name']}"] = {
            "post": {
                **told,
                "operationId": tool["name"],
                "parameters": others,
                "requestBody": {"required": True, "content": content},
            }
        }
    return document


def test_whatever_is_sent_is_answered_as_described(tmp_path: Path) -> None:
    keys.bootstrap(tmp_path)
    world = World(build(skus=30, days=30), SystemClock())
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(world)) as mock_url,
        portal.wrap_async_context_manager(
            service_process(
                SCRIPT,
                {
                    "TILLHAND_DATA_DIR": str(tmp_path),
                    "TILLHAND_RATE_LIMIT": "off",
                    "TILLHAND_MOCK_URL": mock_url,
                    "TILLHAND_MAX_BODY_BYTES": str(2**20),
                },
            )
        ) as service,
        httpx.Client(base_url=service.base_url, timeout=TIMEOUT_S) as http,
    ):
        token = f"Bearer {keys.read_token(tmp_path, 'agent')}"

        def authorization(method: str, path: str) -> str:
            return token

        tools = http.get("/v1/tools", headers={"authorization": token}).json()["items"]
        names = [tool["name"] for tool in tools]

        def filled() -> Known:
            return {"name": names, "connector": ["shopify", "ga4", "bing", "knowledge"], "task_id": ["0" * 32]}

        sending = Sending(http, authorization)
        document = by_tool(http.get("/openapi.json").json(), tools)
        fuzzed(sending, document, filled, without=(SLOW,))
        alive = http.get("/ready?for=traffic")
    assert alive.status_code == 200
    assert not sending.wrong, "\n\n".join(sending.wrong[:10])
    assert world.writes == [], "nothing was approved"
    assert len(re.findall(r"shopify_", " ".join(names))) >= 10
