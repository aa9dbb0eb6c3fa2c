"""What resolvers get: the state, and what is noted while one operation is executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo

from tillhand_mcp.mock.shopify.connections import Key, Listing, Page, listing_of, page
from tillhand_mcp.mock.shopify.state import State

if TYPE_CHECKING:
    from tillhand_mcp.mock.shopify.bulk import Bulks
    from tillhand_mcp.mock.shopify.idempotency import Keys


@dataclass(slots=True)
class Context:
    """One execution. With `whole` connections give everything, at the root what `window` lets through.

    Under the keys in `busy` another request is at work.
    """

    state: State
    bulks: Bulks
    keys: Keys
    base_url: str
    whole: bool = False
    window: tuple[int, int] | None = None
    busy: frozenset[str] = frozenset()
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def page(self, listing: Listing, args: Mapping[str, Any]) -> Page:
        """Return the page of a list that the arguments of a connection ask for."""
        return page(listing, args, whole=self.whole)

    def root(self, listing: Listing, args: Mapping[str, Any]) -> Page:
        """Return the page of a list at the root."""
        if self.window is not None:
            start, stop = self.window
            return Page(listing, start, min(stop, len(listing.items)))
        return self.page(listing, args)

    def short(self, items: Sequence[Any], args: Mapping[str, Any], key: Callable[[Any], Key] | None = None) -> Page:
        """Return the page of a list that hangs on one object."""
        return self.page(listing_of(items, args, key or by_id), args)


Args = Mapping[str, Any]
Info = GraphQLResolveInfo[Context]
Handler = Callable[[Any, Context, Args], object]
Table = dict[str, Handler]


def by_id(item: Any) -> Key:  # noqa: ANN401  # anything with an id
    """Return the key of a list that is sorted by id."""
    return (item.id,)


def plain(**fields: str) -> Table:
    """Return handlers for fields that are attributes under another name."""
    return {name: _attribute(attribute) for name, attribute in fields.items()}


def same(*names: str) -> Table:
    """Return handlers for fields that are attributes of the same name."""
    return plain(**{name: name for name in names})


def fixed(**fields: object) -> Table:
    """Return handlers for fields that say the same of every object."""
    return {name: _constant(value) for name, value in fields.items()}


def _attribute(name: str) -> Handler:
    get = attrgetter(name)
    return lambda source, *_: get(source)


def _constant(value: object) -> Handler:
    return lambda *_: value


def empty(_source: object, context: Context, args: Args) -> Page:
    """Return a connection to things of which a mock shop has none."""
    return context.short((), args)
