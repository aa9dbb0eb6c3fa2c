"""A shop whose approvals run on a socket: an agent, an executor and people, and a clock that a test sets forward."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
from fastapi import FastAPI

from tests.fakes.restarting import Serve
from tillhand_approvals.app import create_app
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common import keys
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.testing import running

TOOL = {
    "name": "stock_set",
    "version": "1",
    "risk": "medium",
    "subject": "/email",
    "schema": {
        "type": "object",
        "properties": {
            "sku": {"type": "string"},
            "count": {"type": "integer", "minimum": 0},
            "email": {"type": "string"},
        },
        "required": ["sku", "count"],
        "additionalProperties": False,
    },
}
ARGUMENTS = {"sku": "A-1", "count": 3, "email": "ann@example.com"}


@dataclass
class Shop:
    """The running service and everybody's keys."""

    http: httpx.AsyncClient
    tokens: dict[str, str]
    folder: Path
    people: list[str] = field(default_factory=list)

    def headers(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}"}

    async def call(self, who: str, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        return await self.http.request(method, path, json=body, headers=self.headers(who) | headers)

    async def register(self, *tools: object) -> httpx.Response:
        return await self.call("service", "PUT", "/v1/executors/mcp/tools", {"tools": list(tools or (TOOL,))})

    async def propose(self, **body: object) -> dict[str, Any]:
        answer = await self.call("agent", "POST", "/v1/proposals", {"tool": "stock_set", "arguments": ARGUMENTS} | body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def decide(self, who: str, proposal: Mapping[str, Any], decision: str, **body: object) -> httpx.Response:
        told = {"decision": decision, **({"digest": proposal["digest"]} if decision in {"approve", "edit"} else {})}
        return await self.call(who, "POST", f"/v1/proposals/{proposal['id']}/decisions", told | body)

    async def run(self, proposal: Mapping[str, Any], step: str, **body: object) -> httpx.Response:
        return await self.call("service", "POST", f"/v1/proposals/{proposal['id']}/execution/{step}", body)

    async def get(self, proposal: Mapping[str, Any]) -> dict[str, Any]:
        return cast("dict[str, Any]", (await self.call("operator", "GET", f"/v1/proposals/{proposal['id']}")).json())

    async def types(self) -> list[str]:
        answer = await self.call("operator", "GET", "/v1/audit?limit=500")
        return [record["type"] for record in answer.json()["items"]]


@asynccontextmanager
async def shop(folder: Path, serve: Serve = running, /, **settings: float | str) -> AsyncIterator[Shop]:
    """A shop with one tool, an agent, an executor, and three people: operator, second and third."""
    keys.bootstrap(folder)
    tokens = {kind: keys.read_token(folder, kind) or "" for kind in ("agent", "service", "operator")}
    store = KeyStore(store_path(folder, None))
    ids = {}
    for name in ("second", "third"):
        made = store.create(name, "operator")
        tokens[name] = made.token
        ids[name] = made.key.id
    given = {"undo_s": 0, "rate_limit": "off", "heartbeat_s": 0.5} | settings

    def made_app() -> FastAPI:
        return create_app(ApprovalsSettings(data_dir=folder, **given))  # type: ignore[arg-type]  # settings by name

    async with (
        serve(made_app) as base_url,
        httpx.AsyncClient(base_url=base_url, timeout=30) as http,
    ):
        opened = Shop(http, tokens, folder, [f"key:{each}" for each in ids.values()])
        assert (await opened.register()).status_code == 200
        yield opened
