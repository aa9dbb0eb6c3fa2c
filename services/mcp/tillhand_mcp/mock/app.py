"""The one server that stands for all vendors."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from tillhand_mcp.mock import bing, control
from tillhand_mcp.mock.google import ga4, search_console, tokens
from tillhand_mcp.mock.misbehaving import Misbehaving
from tillhand_mcp.mock.state import Mock
from tillhand_mcp.mock.world import World

SHOPIFY: Final = "tillhand_mcp.mock.shopify"


def create_mock(
    world: World, *, shopify: Sequence[BaseRoute] = (), resets: Sequence[Callable[[], Any]] = ()
) -> Starlette:
    """Return the server over a world: Google's and Bing's answers, the shop's `shopify` routes, and the control.

    `resets` are called by `POST /mock/reset`, for what keeps state of its own. `app.state.mock` holds the rest of it.
    """
    mock = Mock.over(world, resets)
    app = Starlette(
        routes=[
            *control.routes(mock),
            *tokens.routes(mock),
            *ga4.routes(mock),
            *search_console.routes(mock),
            *bing.routes(mock),
            *shopify,
        ],
        middleware=[
            Middleware(Misbehaving, faults=mock.faults, clock=world.clock, requests=mock.requests),
        ],
    )
    app.state.mock = mock
    return app


def whole_mock(world: World) -> Starlette:
    """Return the server with the shop's routes, where they are installed."""
    try:
        shopify = importlib.import_module(SHOPIFY)
    except ModuleNotFoundError as missing:
        if missing.name != SHOPIFY:
            raise
        return create_mock(world)
    return create_mock(world, shopify=shopify.routes(world))
