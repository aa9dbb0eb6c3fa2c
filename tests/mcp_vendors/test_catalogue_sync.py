"""What a shop sells reaches the knowledge base: all of it once, then what has changed, and what is gone is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import NOW, How, QuickClock, Stage
from tests.mcp_vendors.writes import executed, wanted
from tillhand_common.errors import UpstreamError, UpstreamProtocolError, UpstreamUnavailable
from tillhand_common.http import UpstreamClient
from tillhand_common.testing import FakeClock, FakeUpstream, Reply, settle
from tillhand_mcp.adapters.knowledge.shelves import KnowledgeShelves
from tillhand_mcp.adapters.shopify.catalogue import ShopifyCatalogue
from tillhand_mcp.mock.faults import FOREVER, Fault
from tillhand_mcp.ports.catalogue import Listed
from tillhand_mcp.service.catalogue import CatalogueSync
from tillhand_mockshop.model import Shop


@dataclass
class Knowledge:
    """A knowledge base and a redactor that keep what they are told."""

    pages: dict[str, Listed] = field(default_factory=dict)
    put_ids: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    learned: list[Sequence[str]] = field(default_factory=list)
    fails: Exception | None = None

    async def put(self, products: Sequence[Listed]) -> None:
        if self.fails is not None:
            raise self.fails
        self.put_ids += [each.id for each in products]
        self.pages |= {each.id: each for each in products}

    async def drop(self, ids: Sequence[str]) -> None:
        self.dropped += ids
        for each in ids:
            self.pages.pop(each, None)

    async def learn(self, names: Sequence[str]) -> None:
        self.learned.append(names)


@dataclass
class Shelf:
    """A catalogue that a test writes."""

    products: list[Listed]
    asked: list[object] = field(default_factory=list)
    named: list[str] = field(default_factory=list)

    async def changed(self, since: Any) -> AsyncIterator[Sequence[Listed]]:  # noqa: ANN401  # a moment, or None
        self.asked.append(since)
        found = [each for each in self.products if since is None or each.updated_at >= since]
        for start in range(0, len(found), 2):
            yield found[start : start + 2]

    async def places(self) -> Sequence[str]:
        return self.named


def listed(number: int, **changes: Any) -> Listed:  # noqa: ANN401  # any field
    made = Listed(
        id=f"gid://shopify/Product/{number}",
        title=f"Product {number}",
        handle=f"product-{number}",
        vendor="Ashdown",
        product_type="Lamps",
        tags=[],
        html="<p>Of wood.</p>",
        offers=["Small (A): 1.00 GBP"],
        updated_at=NOW - timedelta(days=number),
        on_sale=True,
    )
    return replace(made, **changes)


def syncing(catalogue: Any, knowledge: Knowledge, clock: FakeClock, folder: Path) -> CatalogueSync:  # noqa: ANN401  # any catalogue
    return CatalogueSync(
        catalogue=catalogue, shelves=knowledge, names=knowledge, clock=clock, file=folder / "mark.json", every_s=60.0
    )


async def test_of_a_shop_everything_on_sale_is_put_there_and_then_what_has_changed(
    stage: Stage, connect: Connect, goods: Shop, folder: Path, clock: QuickClock
) -> None:
    made = connect.shopify(stage.url, How(clock))
    knowledge = Knowledge()
    sync = syncing(ShopifyCatalogue(made.client, made.reading), knowledge, clock, folder)
    active = {f"gid://shopify/Product/{each.id}" for each in goods.products if each.status == "ACTIVE"}
    assert await sync.once() == len(active)
    assert (set(knowledge.put_ids), len(knowledge.put_ids)) == (active, len(active))
    assert len(knowledge.learned) == 1
    await clock.advance(60)
    again = await sync.once()
    newest = max(each.updated_at for each in goods.products if each.status == "ACTIVE")
    assert again == sum(each.updated_at >= newest for each in goods.products if each.status == "ACTIVE")
    assert len(knowledge.learned) == 1
    await clock.advance(60)
    arguments = {**wanted("shopify_product_update", goods)}
    assert (await executed(made, "shopify_product_update", arguments, "a"))[0] == "executed"
    knowledge.put_ids.clear()
    await sync.once()
    assert arguments["product_id"] in knowledge.put_ids
    assert knowledge.pages[arguments["product_id"]].title == "Another title"
    assert "Another title" in knowledge.learned[-1]
    await clock.advance(60)
    draft = {"product_id": arguments["product_id"], "status": "DRAFT"}
    assert (await executed(made, "shopify_product_update", draft, "b"))[0] == "executed"
    await sync.once()
    assert knowledge.dropped == [arguments["product_id"]]
    assert "Another title" not in knowledge.learned[-1]


async def test_what_was_deleted_is_noticed_when_everything_is_looked_at(folder: Path) -> None:
    clock, knowledge = FakeClock(NOW), Knowledge()
    shelf = Shelf([listed(1), listed(2), listed(3)])
    sync = syncing(shelf, knowledge, clock, folder)
    assert await sync.once() == 3
    del shelf.products[1]
    await clock.advance(3600)
    await sync.once()
    assert (knowledge.dropped, shelf.asked[1]) == ([], NOW - timedelta(days=1, seconds=1))
    await clock.advance(24 * 3600)
    assert await sync.once() == 3
    assert (knowledge.dropped, shelf.asked[2]) == (["gid://shopify/Product/2"], None)
    assert set(knowledge.pages) == {"gid://shopify/Product/1", "gid://shopify/Product/3"}


async def test_a_round_that_fails_leaves_the_mark_and_is_done_again(folder: Path) -> None:
    clock, knowledge = FakeClock(NOW), Knowledge()
    sync = syncing(Shelf([listed(1)]), knowledge, clock, folder)
    knowledge.fails = UpstreamUnavailable("rag")
    with pytest.raises(UpstreamError):
        await sync.once()
    assert not (folder / "mark.json").exists()
    knowledge.fails = None
    assert await sync.once() == 1
    mark = (folder / "mark.json").read_bytes()
    assert (folder / "mark.json").stat().st_mode & 0o777 == 0o600
    knowledge.fails = UpstreamUnavailable("rag")
    with pytest.raises(UpstreamError):
        await sync.once()
    assert (folder / "mark.json").read_bytes() == mark


async def test_a_mark_that_cannot_be_read_begins_anew(folder: Path) -> None:
    (folder / "mark.json").write_text("{")
    knowledge = Knowledge()
    assert await syncing(Shelf([listed(1)]), knowledge, FakeClock(NOW), folder).once() == 1


async def test_names_are_learned_once_for_each_change(folder: Path) -> None:
    clock, knowledge = FakeClock(NOW), Knowledge()
    shelf = Shelf([listed(1)])
    sync = syncing(shelf, knowledge, clock, folder)
    for _ in range(3):
        await sync.once()
    assert knowledge.learned == [["Ashdown", "Lamps", "Product 1"]]
    shelf.products[0] = listed(1, title="x" * 500, updated_at=NOW)
    await sync.once()
    await sync.once()
    assert len(knowledge.learned) == 2
    assert "x" * 200 in knowledge.learned[1]


@pytest.mark.parametrize(
    "error",
    [UpstreamUnavailable("rag"), OSError("No space left on device"), KeyError("secret"), RuntimeError("secret")],
)
async def test_it_goes_on_after_any_failure_and_says_that_it_waits(folder: Path, error: Exception) -> None:
    clock, knowledge = FakeClock(NOW), Knowledge(fails=error)
    sync = syncing(Shelf([listed(1)]), knowledge, clock, folder)
    running = asyncio.ensure_future(sync.run())
    await waited(lambda: bool(sync.failure))
    assert "secret" not in sync.failure
    assert sync.last_success_at is None
    knowledge.fails = None
    await clock.advance(60)
    await waited(lambda: not sync.failure)
    assert set(knowledge.pages) == {"gid://shopify/Product/1"}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def waited(true: Any) -> None:  # noqa: ANN401  # any condition
    """The mark is read in a thread, whose end no clock of ours tells."""
    async with asyncio.timeout(10):
        while not true():
            await settle()


async def test_pages_that_fail_or_make_no_sense_are_the_shops_fault(
    stage: Stage, connect: Connect, folder: Path, clock: QuickClock
) -> None:
    made = connect.shopify(stage.url, How(clock))
    knowledge = Knowledge()
    sync = syncing(ShopifyCatalogue(made.client, made.reading), knowledge, clock, folder)
    stage.mock.faults.script(Fault(kind="reset", operation="TillhandCatalogue", times=FOREVER))
    with pytest.raises(UpstreamUnavailable):
        await sync.once()
    shop = {"shop": {"currencyCode": "GBP"}}
    circles = [{"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": each}} for each in ("a", "b", "a")]
    answers: list[list[dict[str, Any]]] = [[{}], [{"products": {"nodes": [{"id": 1}]}}]]
    for pages in (*answers, [{"products": each} for each in circles]):
        async with FakeUpstream.start(Reply.json({"data": {}})) as upstream:
            upstream.script(*(Reply.json({"data": each}) for each in (shop, *pages)))
            other = connect.shopify(upstream.base_url)
            with pytest.raises(UpstreamProtocolError):
                await syncing(ShopifyCatalogue(other.client, other.reading), knowledge, clock, folder).once()
    assert not (folder / "mark.json").exists()


async def test_pages_go_to_the_knowledge_base_as_html_with_nothing_unescaped() -> None:
    async with FakeUpstream.start(Reply.json({"refused": []})) as rag, UpstreamClient("rag", rag.base_url) as client:
        shelves = KnowledgeShelves(client, "catalogue")
        await shelves.put([listed(1, title="A <b>", offers=["<i>: 1.00 GBP"])])
        (page,) = [json.loads(line) for line in rag.requests[0].body.splitlines()]
        assert page["text"].startswith("<h1>A &lt;b&gt;</h1>")
        assert "<li>&lt;i&gt;: 1.00 GBP</li>" in page["text"]
        assert (page["id"], page["source"], page["collection"]) == (
            "product-1",
            "shopify:/products/product-1",
            "catalogue",
        )
        key = rag.requests[0].headers["idempotency-key"]
        await shelves.put([listed(1, title="A <b>", offers=["<i>: 1.00 GBP"])])
        assert rag.requests[1].headers["idempotency-key"] == key
        rag.script(Reply(404))
        await shelves.drop(["gid://shopify/Product/1"])
        assert rag.requests[2].target == "/v1/documents/product-1?collection=catalogue"
        rag.script(Reply.json({"refused": [{"detail": "too long"}]}))
        with pytest.raises(UpstreamProtocolError, match="too long"):
            await shelves.put([listed(1)])
