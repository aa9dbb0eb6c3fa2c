"""Lists page by page: cursors that name a place rather than a count, so that a page is right although the list grew."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tillhand_mcp.mock.shopify.values import refusal

MOST: Final = 250
Key = tuple[Any, ...]
Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in the order in which it is shown; `key` is what it is sorted by, downwards where `reverse` says so."""

    sort: str
    items: Sequence[Any]
    key: Callable[[Any], Key]
    reverse: bool = False

    def cursor(self, item: object) -> str:
        """Return the place of an item, opaque to whoever gets it."""
        return base64.urlsafe_b64encode(json.dumps([self.sort, *self.key(item)]).encode()).decode()

    def place(self, cursor: str) -> Key:
        """Return the key in a cursor; one that was made for another order is refused."""
        try:
            sort, *key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        except (ValueError, TypeError, binascii.Error):
            sort, key = None, []
        if sort != self.sort:
            raise refusal("Invalid cursor for current pagination sort.")
        return tuple(key)

    def index(self, key: Key, *, behind: bool) -> int:
        """Return where the items after a key begin, or with `behind` unset where that key itself would be."""
        low, high = 0, len(self.items)
        while low < high:
            middle = (low + high) // 2
            found = self.key(self.items[middle])
            if (found == key and behind) or (found > key if self.reverse else found < key):
                low = middle + 1
            else:
                high = middle
        return low


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, as a connection shows it."""

    listing: Listing
    start: int
    stop: int

    @property
    def nodes(self) -> Sequence[Any]:
        """What is on the page."""
        return self.listing.items[self.start : self.stop]

    @property
    def edges(self) -> list[Edge]:
        """What is on the page, with the place of each."""
        return [Edge(self.listing, node) for node in self.nodes]

    @property
    def info(self) -> dict[str, object]:
        """What a client needs in order to go on."""
        nodes = self.nodes
        return {
            "hasNextPage": self.stop < len(self.listing.items),
            "hasPreviousPage": self.start > 0,
            "startCursor": self.listing.cursor(nodes[0]) if nodes else None,
            "endCursor": self.listing.cursor(nodes[-1]) if nodes else None,
        }


@dataclass(frozen=True, slots=True)
class Edge:
    """One item on a page."""

    listing: Listing
    node: Any

    @property
    def cursor(self) -> str:
        """The item's place."""
        return self.listing.cursor(self.node)


def page(listing: Listing, args: Args, *, whole: bool = False) -> Page:
    """Return the page that the arguments of a connection ask for; with `whole` everything, as for a bulk query."""
    start, stop = 0, len(listing.items)
    if whole:
        return Page(listing, start, stop)
    first, last = limits(args)
    if args.get("after") is not None:
        start = listing.index(listing.place(args["after"]), behind=True)
    if args.get("before") is not None:
        stop = max(start, listing.index(listing.place(args["before"]), behind=False))
    if first is not None:
        stop = min(stop, start + first)
    if last is not None:
        start = max(start, stop - last)
    return Page(listing, start, stop)


def limits(args: Args) -> tuple[int | None, int | None]:
    """Return `first` and `last` of a connection, refused as Shopify refuses them."""
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise refusal("you must provide one of first or last")
    for name, value in (("first", first), ("last", last)):
        if value is not None and value > MOST:
            raise refusal(f"{name} cannot exceed {MOST}")
        if value is not None and value < 0:
            raise refusal(f"{name} must be greater than or equal to 0")
    return first, last


def listing_of(items: Sequence[Any], args: Args, key: Callable[[Any], Key], sort: str = "POSITION") -> Listing:
    """Return a short list, already in the order of its key, in the direction that the arguments ask for."""
    reverse = bool(args.get("reverse"))
    return Listing(f"{sort} {reverse}", items[::-1] if reverse else items, key, reverse)
