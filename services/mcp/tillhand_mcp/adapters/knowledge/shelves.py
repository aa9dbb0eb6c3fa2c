"""Product pages in the knowledge base, in a collection of their own."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import orjson

from tillhand_common.errors import UpstreamProtocolError
from tillhand_common.http import UpstreamClient
from tillhand_mcp.ports.catalogue import Listed

NOT_FOUND: Final = 404
TIMEOUT_S: Final = 120.0
"""Every page is embedded before the answer comes, on whatever processor there is."""


class KnowledgeShelves:
    """One collection of services/rag."""

    def __init__(self, client: UpstreamClient, collection: str) -> None:
        self._client = client
        self._collection = collection

    async def put(self, products: Sequence[Listed]) -> None:
        """Put pages there, or new editions of them; the same page again changes nothing."""
        lines = b"\n".join(orjson.dumps(self._page(each)) for each in products)
        answer = await self._client.request(
            "POST",
            "/v1/documents",
            content=lines,
            headers={"content-type": "application/x-ndjson"},
            idempotency_key=_key(lines, products),
            timeout_s=TIMEOUT_S,
        )
        refused = answer.json()["refused"]
        if refused:
            raise UpstreamProtocolError("rag", f"refused {len(refused)} product pages: {refused[0]['detail']}")

    async def drop(self, ids: Sequence[str]) -> None:
        """Take pages away; one that is not there is no error."""
        for name in ids:
            path = f"/v1/documents/{quote(_document(name), safe='')}"
            params = {"collection": self._collection}
            await self._client.request("DELETE", path, params=params, accept=frozenset({NOT_FOUND}))

    def _page(self, product: Listed) -> dict[str, Any]:
        offers = "".join(f"<li>{html.escape(each)}</li>" for each in product.offers)
        facts = f"<p>{html.escape(product.product_type)} by {html.escape(product.vendor)}</p>"
        text = f"<h1>{html.escape(product.title)}</h1>{facts}{product.html}<ul>{offers}</ul>"
        return {
            "collection": self._collection,
            "id": _document(product.id),
            "source": f"shopify:/products/{product.handle}",
            "title": product.title,
            "text": text,
            "media_type": "text/html",
            "attributes": {"vendor": product.vendor, "product_type": product.product_type, "handle": product.handle},
        }


def _document(product_id: str) -> str:
    """`gid://shopify/Product/1` is `product-1`."""
    return f"product-{product_id.rsplit('/', 1)[-1]}"


def _key(lines: bytes, products: Sequence[Listed]) -> str:
    """The same edition of the same pages has the same key, so that a lost answer can be asked for again."""
    moments = "".join(each.updated_at.isoformat() for each in products)
    return hashlib.sha256(lines + moments.encode()).hexdigest()[:32]
