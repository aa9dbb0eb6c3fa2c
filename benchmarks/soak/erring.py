"""What nobody should send, and what every monitor asks for."""

from __future__ import annotations

from typing import Any

from benchmarks.soak.visitor import Body, Visitor

TOO_LARGE = b"x" * (1_100_000)
"""More than `TILLHAND_MAX_BODY_BYTES` of the soak."""
_JSON = "application/json"
_BAD: tuple[tuple[int, str, str, Body, str], ...] = (
    (400, "POST", "/v1/search", b'{"query": ', _JSON),
    (404, "GET", "/v1/documents/nowhere", None, _JSON),
    (404, "DELETE", "/v1/corrections/nowhere", None, _JSON),
    (404, "GET", "/v1/ingestions/ing_nowhere", None, _JSON),
    (404, "POST", "/v1/answers/ans_nowhere/feedback", {"rating": "helpful"}, _JSON),
    (404, "GET", "/nowhere", None, _JSON),
    (405, "PATCH", "/v1/search", None, _JSON),
    (413, "POST", "/v1/documents", TOO_LARGE, _JSON),
    (415, "POST", "/v1/documents", b"text", "text/plain"),
    (422, "GET", "/v1/documents?cursor=A", None, _JSON),
    (422, "POST", "/v1/search", {"query": ""}, _JSON),
    (422, "POST", "/v1/search", {"query": "oil", "colour": "red"}, _JSON),
    (422, "POST", "/v1/search", {"query": "oil", "filters": {"price": {}}}, _JSON),
    (422, "POST", "/v1/answers", {"question": "oil", "max_citations": 99}, _JSON),
    (422, "PUT", "/v1/documents/soak", {"source": "s"}, _JSON),
)


def bad(visitor: Visitor) -> None:
    """A request that is refused."""
    status, method, path, body, content_type = visitor.chance.choice(_BAD)
    visitor.call("bad", method, path, body, expected=(status,), headers={"content-type": content_type})


def keyless(visitor: Visitor) -> None:
    """A write with a key that there is none of."""
    body: dict[str, Any] = {"source": "s", "text": "t"}
    visitor.call(
        "keyless", "POST", "/v1/documents", body, expected=(401,), headers={"authorization": "Bearer tk_nobody"}
    )


def probe(visitor: Visitor) -> None:
    """Health, readiness, metrics."""
    visitor.call("probe", "GET", visitor.chance.choice(("/health", "/ready", "/metrics")))
