"""Shopify's Admin API as its own schema describes it, executed over a made-up shop."""

from __future__ import annotations

from tillhand_mcp.mock.shopify.engine import Limits
from tillhand_mcp.mock.shopify.server import routes

__all__ = ["Limits", "routes"]
