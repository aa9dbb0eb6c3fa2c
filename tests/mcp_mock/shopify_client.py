"""A client of the mock Admin API, in process, over the small shop and a clock that obeys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from tests.mcp_mock.small_shop import small_shop
from tillhand_common.testing import FakeClock
from tillhand_mcp.mock.shopify import Limits, routes
from tillhand_mcp.mock.world import ACCESS_TOKEN, World
from tillhand_mockshop.model import Shop

PATH = "/admin/api/2026-10/graphql.json"
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
Answer = dict[str, Any]


class Client:
    """Asks as an app that has its token."""

    def __init__(self, limits: Limits | None = None, shop: Shop | None = None) -> None:
        self.clock = FakeClock(NOW)
        self.world = World(shop or small_shop(), self.clock)
        transport = httpx.ASGITransport(Starlette(routes=routes(self.world, limits)))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://mock")

    async def answer(self, document: str, variables: Mapping[str, Any] | None = None) -> Answer:
        """The whole answer to an operation."""
        body = {"query": document, "variables": dict(variables or {})}
        reply = await self.http.post(PATH, json=body, headers={"X-Shopify-Access-Token": ACCESS_TOKEN})
        assert reply.status_code == 200, reply.text
        found: Answer = reply.json()
        return found

    async def ask(self, document: str, **variables: object) -> Answer:
        """The data of an operation that has to go well."""
        found = await self.answer(document, variables)
        assert "errors" not in found, found["errors"]
        data: Answer = found["data"]
        return data

    async def refused(self, document: str, **variables: object) -> Answer:
        """The first error of an operation that has to be refused."""
        found = await self.answer(document, variables)
        error: Answer = found["errors"][0]
        return error

    async def every(self, root: str, fields: str, size: int, extra: str = "") -> list[Answer]:
        """All items of a list at the root, page by page."""
        found: list[Answer] = []
        after: str | None = None
        while True:
            document = (
                f"query($after: String) {{ page: {root}(first: {size}, after: $after {extra}) "
                f"{{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            )
            page = (await self.ask(document, after=after))["page"]
            found.extend(page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]
