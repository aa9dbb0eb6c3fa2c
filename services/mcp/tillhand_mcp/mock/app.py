"""The one server that stands for all vendors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from tillhand_mcp.mock import bing, control
from tillhand_mcp.mock.google import ga4, search_console, tokens
from tillhand_mcp.mock.misbehaving import Misbehaving
from tillhand_mcp.mock.shopify import routes as shop_routes
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import World

Shopify = Sequence[BaseRoute] | Callable[[World], Sequence[BaseRoute]]


def create_mock(world: World, *, shopify: Shopify = (), resets: Sequence[Callable[[], object]] = ()) -> Starlette:
    """Return the server over a world: Google's and Bing's answers, the `shopify` routes, and the control.

    Routes given as a function are made anew by `POST /mock/reset`, which then calls `resets`, for what else keeps state
    of its own. `app.state.mock` holds the rest of it.
    """
    made = list(shopify(world) if callable(shopify) else shopify)

    def renew() -> None:
        if callable(shopify):
            app.router.routes[len(own) :] = shopify(world)

    mock = Mock.over(world, [renew, *resets])
    vendors = (control, tokens, ga4, search_console, bing)
    own = [route for vendor in vendors for route in vendor.routes(mock)]
    recording = Middleware(Misbehaving, faults=mock.faults, clock=world.clock, requests=mock.requests)
    app = Starlette(routes=[*own, *made], middleware=[recording])
    app.state.mock = mock
    return app


def whole_mock(world: World) -> Starlette:
    """Return the server with the shop's routes."""
    return create_mock(world, shopify=shop_routes)
