"""Addresses of the shop's pages, however its rows hold them."""

from __future__ import annotations

from urllib.parse import urlsplit

from tillhand_mockshop.model import Shop


def absolute(shop: Shop, page: str) -> str:
    """Return a page as an address with its host."""
    return page if "://" in page else f"https://{shop.domain}/{page.lstrip('/')}"


def local(page: str) -> str:
    """Return a page as its path, with its query string where it has one."""
    parts = urlsplit(page)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
