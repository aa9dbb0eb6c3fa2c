"""What pages of other origins may send and read, once `TILLHAND_ALLOWED_ORIGINS` names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from tillhand_common.handlers import ErrorBoundary

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SENT: Final = (
    *("Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("Last-Event-ID", "traceparent", "tracestate", "X-Request-ID"),
    *("Mcp-Method", "Mcp-Name", "Mcp-Protocol-Version", "Mcp-Session-Id"),
)
"""Headers that a page may send: all that some route of some service takes."""
READ: Final = (
    *("Tillhand-Mode", "Tillhand-Rows", "Content-Disposition", "ETag", "Age", "Link", "Location", "Allow"),
    *("Retry-After", "RateLimit", "RateLimit-Policy", "Idempotency-Replayed", "WWW-Authenticate"),
    *("X-Request-ID", "traceparent", "Mcp-Session-Id"),
)
"""Headers that a page may read beside those that it always may (https://fetch.spec.whatwg.org/, "CORS-safelisted
response-header name"). One that an answer promises and this list lacks is hidden from every browser."""
SAFE: Final = ("Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified")
"""What it always may."""
_KEPT_S: Final = 600
"""How long a browser remembers what it was allowed."""


def cross_origin(origins: Iterable[str]) -> list[Middleware]:
    """What answers pages of these origins, if there are any. They send a key of their own; cookies are no part of it.

    Refusals of the middlewares within are answered here too: outside, a page could not read why it was refused.
    """
    named = [origin.rstrip("/") for origin in origins]
    if not named:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=named,
            allow_methods=METHODS,
            allow_headers=SENT,
            expose_headers=READ,
            max_age=_KEPT_S,
        ),
        Middleware(ErrorBoundary),
    ]
