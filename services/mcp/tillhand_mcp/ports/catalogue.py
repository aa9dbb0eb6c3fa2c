"""The shop's catalogue, and where its changes go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Listed:
    """A product as the knowledge base is told of it. `html` is its page's text, `offers` a line for each variant."""

    id: str
    title: str
    handle: str
    vendor: str
    product_type: str
    tags: Sequence[str]
    html: str
    offers: Sequence[str]
    updated_at: datetime
    on_sale: bool


class Catalogue(Protocol):
    """What a shop sells. Raises `UpstreamError` and `ToolRefused`."""

    def changed(self, since: datetime | None) -> AsyncIterator[Sequence[Listed]]:
        """Pages of what has changed from a moment on, in the order in which it did; all of it where that is None."""
        ...

    async def places(self) -> Sequence[str]:
        """What the shop and its locations are called."""
        ...


class Shelves(Protocol):
    """The knowledge base, as a place for product pages. Raises `UpstreamError`."""

    async def put(self, products: Sequence[Listed]) -> None:
        """Put pages there, or new editions of them."""
        ...

    async def drop(self, ids: Sequence[str]) -> None:
        """Take pages away; one that is not there is no error."""
        ...


class Names(Protocol):
    """Who must know what the shop's goods are called, so as to take no brand for a person."""

    async def learn(self, names: Sequence[str]) -> None:
        """All names. Raises `UpstreamError` and the approvals' refusal."""
        ...
