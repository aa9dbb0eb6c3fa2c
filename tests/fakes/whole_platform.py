"""All five services over one data folder, each in process on a socket, and somebody who uses every one of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.shops import HeldSources
from tests.fakes.visitor import Visitor
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app as analytics
from tillhand_analytics.commands import note_purchases
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_approvals.app import create_app as approvals
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common import keys
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.testing import running
from tillhand_dashboard.app import create_app as dashboard
from tillhand_dashboard.settings import DashboardSettings
from tillhand_mcp.app import create_app as connectors
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.generator import build
from tillhand_rag.app import create_app as rag
from tillhand_rag.settings import RagSettings

PASSWORD = "four unrelated words"
CUSTOMER = "ann.harper@customers.example"
REPLY = {"to": CUSTOMER, "subject": "Re: Return", "body": "Within 30 days.", "reason": "returns.md says so."}
PURCHASES = "id,supplier,sku,ordered_on,promised_on,received_on,ordered,received\nP-1,Harbour,A-1,2026-01-02,,,40,\n"
SENT_ONCE = {"idempotency-key": "sent-once"}


@dataclass
class Platform:
    """The services' addresses, and the keys of who uses them."""

    folder: Path
    http: httpx.AsyncClient
    urls: dict[str, str]

    async def call(self, who: str, method: str, service: str, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401  # JSON of any shape
        token = keys.read_token(self.folder, who)  # type: ignore[arg-type]  # the kinds there are
        sent = {"authorization": f"Bearer {token}", **headers}
        answer = await self.http.request(method, self.urls[service] + path, json=body, headers=sent)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    async def ingest(self) -> httpx.Response:
        """Send a document under a key that makes a repetition harmless."""
        token = keys.read_token(self.folder, "operator")
        return await self.http.post(
            f"{self.urls['rag']}/v1/documents",
            json={"source": "returns.md", "text": "# Returns\n\nSend it back within 30 days of delivery."},
            headers={"authorization": f"Bearer {token}", **SENT_ONCE},
        )

    async def used(self) -> None:
        """Leave something behind in every store."""
        assert (await self.ingest()).is_success
        await self.call("operator", "PUT", "rag", "/v1/goldens", GOLDENS)
        await self._replied()
        await self.call("operator", "POST", "approvals", "/v1/audit/verify", {})
        link = (self.folder / "keys" / "sign-in-link").read_text().strip()
        async with self.browser() as visitor:
            await visitor.open(urlsplit(link).path)
            await visitor.send(password=PASSWORD, again=PASSWORD)
        (self.folder.parent / "purchases.csv").write_text(PURCHASES)
        await asyncio.to_thread(note_purchases, self.folder.parent / "purchases.csv", self._analytics)
        KeyStore(store_path(self.folder)).create("shop-b", "agent")

    async def facts(self) -> dict[str, Any]:
        """What everybody finds, as far as the passing of time does not change it."""
        found = await self.call("agent", "POST", "rag", "/v1/search", {"query": "send it back"})
        proposals = await self.call("operator", "GET", "approvals", "/v1/proposals")
        full = [
            await self.call("operator", "GET", "approvals", f"/v1/proposals/{each['id']}?view=full")
            for each in proposals["items"]
        ]
        assert CUSTOMER in str(full), "the vault opens"
        keeper = SqliteKeeper(Database(self._analytics.kept))
        purchases = await keeper.purchases("live")
        await keeper.aclose()
        return {
            "documents": (await self.call("operator", "GET", "rag", "/v1/documents"))["items"],
            "hits": [[hit["text"], hit["document_id"]] for hit in found["hits"]],
            "goldens": await self.call("operator", "GET", "rag", "/v1/goldens?collection=default"),
            "proposals": proposals["items"],
            "as they came": [each["full"] for each in full],
            "purchases": purchases,
            "objectives": bool(await self.call("operator", "GET", "analytics", "/v1/slo")),
            "mailbox": [json.loads(line) for line in (self.folder / "mcp/mailbox.jsonl").read_text().splitlines()],
            "keys": KeyStore(store_path(self.folder)).list(),
        }

    async def record(self) -> list[Any]:
        """The audit log."""
        items: list[Any] = (await self.call("operator", "GET", "approvals", "/v1/audit?limit=500"))["items"]
        return items

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Visitor]:
        """Somebody at the console who is not signed in."""
        async with httpx.AsyncClient(base_url=self.urls["dashboard"], timeout=30) as http:
            yield Visitor(http)

    async def _replied(self) -> None:
        """An agent proposes a reply, a person approves it, and it goes out."""
        while "reply_to_customer" not in str(await self.call("operator", "GET", "approvals", "/v1/tools")):
            pass  # the test's own time limit ends a wait in vain
        called = await self.call("agent", "POST", "mcp", "/v1/tools/reply_to_customer", {"arguments": REPLY})
        path = f"/v1/proposals/{called['id']}"
        digest = (await self.call("operator", "GET", "approvals", path))["digest"]
        decision = {"decision": "approve", "digest": digest}
        await self.call("operator", "POST", "approvals", f"{path}/decisions", decision)
        while (await self.call("operator", "GET", "approvals", path))["state"] != "executed":
            pass

    @property
    def _analytics(self) -> AnalyticsSettings:
        return AnalyticsSettings(data_dir=self.folder)


GOLDENS = {"collection": "default", "questions": [{"id": "q1", "question": "May I send it back?", "answerable": False}]}


@asynccontextmanager
async def platform(folder: Path) -> AsyncIterator[Platform]:
    """Everything, from an empty data folder or from one that is there."""
    keys.bootstrap(folder)
    shared: dict[str, Any] = {"data_dir": folder, "rate_limit": "off"}
    goods = HeldSources(columns(build(skus=20, days=120)))
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}

        async def serve(name: str, app: Any) -> None:  # noqa: ANN401  # an application
            urls[name] = await stack.enter_async_context(running(app))

        await serve("rag", rag(RagSettings(**shared), embedder=HashingEmbedder()))
        await serve("approvals", approvals(ApprovalsSettings(**shared, undo_s=0, checkpoint_every=1)))
        others: dict[str, Any] = {f"{name}_url": url for name, url in urls.items()}
        await serve("mcp", connectors(McpSettings(**shared, **others, mock_port=0, catalogue_sync="off")))
        await serve("analytics", analytics(AnalyticsSettings(**shared), sources=goods))
        others = {f"{name}_url": url for name, url in urls.items()}
        await serve("dashboard", dashboard(DashboardSettings(**shared, **others)))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        yield Platform(folder, http, urls)
