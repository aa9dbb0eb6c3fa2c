"""A server that answers as services/mcp does, with what a test has put into it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tillhand_mcp.mock.serving import serving

SOURCES: Final = ("shopify", "ga4", "search_console", "bing")
KEY: Final = "a-key-of-analytics"
FETCHED: Final = "2026-11-03T12:00:00Z"
Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Failing:
    """An answer that is none: a problem of services/mcp."""

    reason: str
    status: int = 503
    detail: str = "It does not answer."


Answer = Mapping[str, Any] | Failing
Tool = Callable[[Arguments], Answer]


def jsonl(*rows: Mapping[str, Any]) -> bytes:
    """A file of JSON lines."""
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def money(amount: str, currency: str = "EUR") -> Mapping[str, Any]:
    """As the Admin API writes it."""
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def order(number: int, at: str, **more: Any) -> Mapping[str, Any]:  # noqa: ANN401  # any member of an order
    """An order of an export."""
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": at,
        "cancelledAt": None,
        "test": False,
        "sourceName": "web",
        "taxesIncluded": True,
        "customer": {"id": "gid://shopify/Customer/1"},
        "totalPriceSet": money("25.90"),
        "totalShippingPriceSet": money("5.90"),
        "totalTaxSet": money("4.14"),
        "refunds": [],
        **more,
    }


def line(number: int, of: int, **more: Any) -> Mapping[str, Any]:  # noqa: ANN401  # any member of a line
    """A line of an order of an export: two of the only variant, at 10.00 each."""
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": "A-1",
        "quantity": 2,
        "variant": {"id": "gid://shopify/ProductVariant/1"},
        "originalTotalSet": money("20.00"),
        "discountAllocations": [],
        "__parentId": f"gid://shopify/Order/{of}",
        **more,
    }


PRODUCT: Final = {
    "id": "gid://shopify/Product/1",
    "title": "Jar",
    "status": "ACTIVE",
    "vendor": "Jars & Co",
    "productType": "Kitchen",
    "createdAt": "2026-01-05T23:30:00Z",
}
VARIANT: Final = {
    "id": "gid://shopify/ProductVariant/1",
    "sku": "A-1",
    "title": "Small",
    "price": "10.00",
    "inventoryItem": {"id": "gid://shopify/InventoryItem/1", "unitCost": {"amount": "4.5", "currencyCode": "EUR"}},
    "supplier": None,
    "leadTimeDays": None,
    "__parentId": "gid://shopify/Product/1",
}
ITEM: Final = {
    "id": "gid://shopify/InventoryItem/1",
    "sku": "A-1",
    "tracked": True,
    "variant": {"id": "gid://shopify/ProductVariant/1"},
}


def level(available: int, location: str = "Warehouse") -> Mapping[str, Any]:
    """A level of the only item."""
    told = {"available": available, "on_hand": available + 1, "committed": 1, "incoming": 0}
    return {
        "id": f"gid://shopify/InventoryLevel/{location}",
        "location": {"id": "gid://shopify/Location/1", "name": location},
        "quantities": [{"name": name, "quantity": quantity} for name, quantity in told.items()],
        "__parentId": "gid://shopify/InventoryItem/1",
    }


@dataclass
class FakeConnectors:
    """`states` of connectors, `exports` by kind, and `tools`; `calls` lists what was asked."""

    states: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SOURCES, "live"))
    last_success_at: str | None = None
    key: str = KEY
    exports: dict[str, bytes] = field(
        default_factory=lambda: {
            "products": jsonl(PRODUCT, VARIANT),
            "inventory": jsonl(ITEM, level(7)),
            "orders": jsonl(order(1, "2026-10-20T10:00:00Z"), line(11, 1)),
        }
    )
    tools: dict[str, Tool] = field(default_factory=dict)
    calls: list[tuple[str, Arguments]] = field(default_factory=list)
    turns: int = 1
    url: str = ""

    def __post_init__(self) -> None:
        """A shop of one jar, which nobody visits."""
        found: dict[str, Tool] = {
            "shopify_shop": lambda _: {
                "name": "Jars",
                "domain": "jars.example",
                "currency": "EUR",
                "time_zone": "Europe/Berlin",
            },
            "shopify_bulk_export": self._exported,
            "shopify_refunds": lambda _: {"refunds": []},
            "ga4_report": lambda _: visits(),
            "search_console_analytics": lambda _: searches(),
            "bing_query_stats": lambda _: {"rows": [], "matching": 0, "next_cursor": None},
        }
        self.tools = {**found, **self.tools}
        self._begun: dict[str, int] = {}

    def asked(self, tool: str) -> Sequence[Arguments]:
        """What a tool was called with."""
        return [arguments for name, arguments in self.calls if name == tool]

    def fail(self, *tools: str, reason: str, status: int = 503) -> None:
        """Let tools fail from now on."""
        for tool in tools:
            self.tools[tool] = lambda _: Failing(reason, status)

    @asynccontextmanager
    async def start(self) -> AsyncIterator[FakeConnectors]:
        """Listen on a free loopback port."""
        routes = [
            Route("/v1/connectors", self._connectors),
            Route("/v1/tools/{name}", self._tool, methods=["POST"]),
            Route("/v1/exports/{name}", self._export),
        ]
        async with serving(Starlette(routes=routes)) as url:
            self.url = url
            yield self

    def _exported(self, arguments: Arguments) -> Answer:
        kind = arguments["kind"]
        turn = self._begun[kind] = self._begun.get(kind, 0) + 1
        name = f"gid://shopify/BulkOperation/{kind}"
        if turn % self.turns:
            return {"export_id": name, "status": "running", "kind": kind, "objects": 0, "uri": ""}
        uri = f"shopify-export://{kind}-1" if self.exports[kind] else ""
        return {"export_id": name, "status": "completed", "kind": kind, "objects": 1, "uri": uri}

    def _allowed(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    async def _connectors(self, request: Request) -> Response:
        if not self._allowed(request):
            return JSONResponse({"title": "No"}, 401)
        return JSONResponse({"items": [self._standing(source, state) for source, state in self.states.items()]})

    def _standing(self, source: str, state: str) -> Mapping[str, Any]:
        missing = (
            [{"setting": f"TILLHAND_{source.upper()}", "how": "Ask for it."}] if state in {"mock", "blocked"} else []
        )
        last = self.last_success_at
        return {"id": source, "state": state, "reason": "", "missing": missing, "last_success_at": last}

    async def _tool(self, request: Request) -> Response:
        if not self._allowed(request):
            return JSONResponse({"title": "No"}, 401)
        name, arguments = request.path_params["name"], (await request.json())["arguments"]
        self.calls.append((name, arguments))
        found = self.tools[name](arguments)
        if isinstance(found, Failing):
            return JSONResponse({"title": "No", "detail": found.detail, "reason": found.reason}, found.status)
        source = name.split("_")[0] if not name.startswith("search") else "search_console"
        mode = "mock" if self.states[source] == "mock" else "live"
        origin = {"source": source, "mode": mode, "fetched_at": FETCHED, "stale": False, "truncated": False}
        return JSONResponse({"tool": name, "structured": {**found, "origin": origin}, "text": ""})

    async def _export(self, request: Request) -> Response:
        return Response(self.exports[request.path_params["name"].partition("-")[0]])


def visits(
    *rows: Sequence[Any], cursor: str | None = None, currency: str = "EUR", sampled: bool = False
) -> Mapping[str, Any]:
    """A report of Analytics: day, channel, page, device, country, and nine sums."""
    quality = {
        "currency": currency,
        "time_zone": "Europe/Berlin",
        "sampled": sampled,
        "thresholded": False,
        "data_loss_from_other_row": False,
    }
    return {"columns": [], "rows": rows, "row_count": len(rows), "quality": quality, "next_cursor": cursor}


def searches(*rows: Sequence[Any], cursor: str | None = None) -> Mapping[str, Any]:
    """A report of Search Console: keys, clicks, impressions, position."""
    told = [
        {"keys": each[0], "clicks": each[1], "impressions": each[2], "ctr": 0, "position": each[3]} for each in rows
    ]
    return {"dimensions": [], "rows": told, "aggregation": None, "first_incomplete_date": None, "next_cursor": cursor}
