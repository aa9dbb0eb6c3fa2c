"""What the shop sells, page by page, for the knowledge base."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from tillhand_common.errors import UpstreamProtocolError
from tillhand_mcp.adapters.shopify import documents
from tillhand_mcp.adapters.shopify.client import ShopifyClient
from tillhand_mcp.adapters.shopify.reading import Reading
from tillhand_mcp.adapters.upstreams.agreed import as_agreed
from tillhand_mcp.ports.catalogue import Listed

PAGE: Final = 40


class ShopifyCatalogue:
    """Products by the moment of their last change."""

    def __init__(self, client: ShopifyClient, reading: Reading) -> None:
        self._client = client
        self._reading = reading

    async def changed(self, since: datetime | None) -> AsyncIterator[Sequence[Listed]]:
        """Pages of what has changed from a moment on; all of it where that is None."""
        with as_agreed("shopify"):
            currency = await self._reading.currency()
        query = None if since is None else f"updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
        cursor: str | None = None
        seen: set[str | None] = {None, ""}
        while True:
            variables = {"first": PAGE, "after": cursor, "query": query}
            with as_agreed("shopify"):
                found = (await self._client.read(documents.CATALOGUE, variables))["products"]
                page = [listed(node, currency) for node in found["nodes"]]
                more, cursor = found["pageInfo"]["hasNextPage"], found["pageInfo"]["endCursor"]
            yield page
            if not more:
                return
            if cursor in seen:
                raise UpstreamProtocolError("shopify", "gave a cursor that does not advance")
            seen.add(cursor)

    async def places(self) -> Sequence[str]:
        """What the shop and its locations are called."""
        shop = (await self._client.read(documents.SHOP))["shop"]["name"]
        nodes = (await self._client.read(documents.LOCATIONS, {"first": 100}))["locations"]["nodes"]
        return [shop, *(each["name"] for each in nodes)]


def listed(node: Mapping[str, Any], currency: str) -> Listed:
    """A product as the knowledge base is told of it."""
    variants = node["variants"]["nodes"]
    return Listed(
        id=node["id"],
        title=node["title"],
        handle=node["handle"],
        vendor=node["vendor"],
        product_type=node["productType"],
        tags=node["tags"],
        html=node["descriptionHtml"],
        offers=[f"{_named(each)}: {each['price']} {currency}" for each in variants],
        updated_at=datetime.fromisoformat(node["updatedAt"]),
        on_sale=node["status"] == "ACTIVE",
    )


def _named(variant: Mapping[str, Any]) -> str:
    return f"{variant['title']} ({variant['sku']})" if variant["sku"] else str(variant["title"])
