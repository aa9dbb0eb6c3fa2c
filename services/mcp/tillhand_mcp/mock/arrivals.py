"""What a request is, read from its outside: which upstream is meant, which operation, and under which key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from starlette.datastructures import Headers
from starlette.types import Scope

Upstream = Literal["shopify", "ga4", "search_console", "bing", "google_token", "mock"]

PREFIXES: Final[tuple[tuple[str, Upstream], ...]] = (
    ("/mock", "mock"),
    ("/v1beta/", "ga4"),
    ("/webmasters/", "search_console"),
    ("/v1/urlInspection", "search_console"),
    ("/webmaster/", "bing"),
    ("/token", "google_token"),
)
NAMED: Final = re.compile(r"^\s*(?:query|mutation|subscription)\s+(\w+)", re.MULTILINE)
ROOT_FIELD: Final = re.compile(r"\{\s*(?:\w+\s*:\s*)?(\w+)")
IDEMPOTENT: Final = re.compile(r'@idempotent\(\s*key:\s*(?:"([^"]*)"|\$(\w+))')


@dataclass(slots=True)
class Arrival:
    """A request as it came in; `status` is what it was answered with, None when no whole answer was sent.

    `searched` is the text in which a script's `operation` is looked for: the operation's names and the path.
    """

    upstream: Upstream
    method: str
    path: str
    operation: str
    key: str | None
    at: datetime
    searched: str
    status: int | None = None
    fault: str | None = None
    graphql: bool = field(default=False)

    def public(self) -> dict[str, Any]:
        """Return what the control tells of it."""
        return {
            "upstream": self.upstream,
            "method": self.method,
            "path": self.path,
            "operation": self.operation,
            "idempotency_key": self.key,
            "at": self.at,
            "status": self.status,
            "fault": self.fault,
        }


def arrival(scope: Scope, body: bytes, at: datetime) -> Arrival:
    """Read a request from its outside; what is no JSON is no GraphQL either."""
    path = str(scope["path"])
    headers = Headers(scope=scope)
    upstream = upstream_of(path)
    names, key = [path.rstrip("/").rpartition("/")[2].rpartition(":")[2]], headers.get("idempotency-key")
    call = _graphql(body) if upstream == "shopify" else None
    if call is not None:
        names, key = _graphql_names(call), _graphql_key(call) or key
    searched = " ".join([*names, path])
    return Arrival(
        upstream, scope["method"], path, names[0], key, at, searched, graphql=call is not None or "graphql" in path
    )


def upstream_of(path: str) -> Upstream:
    """Return whose path it is; all that is nobody else's is the shop's."""
    return next((upstream for prefix, upstream in PREFIXES if path.startswith(prefix)), "shopify")


def _graphql(body: bytes) -> Mapping[str, Any] | None:
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        call = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return call if isinstance(call.get("query"), str) else None


def _graphql_names(call: Mapping[str, Any]) -> list[str]:
    document = call["query"]
    named, root = NAMED.search(document), ROOT_FIELD.search(document)
    found = [call.get("operationName"), named and named[1], root and root[1]]
    return list(dict.fromkeys(name for name in found if isinstance(name, str) and name)) or ["graphql"]


def _graphql_key(call: Mapping[str, Any]) -> str | None:
    found = IDEMPOTENT.search(call["query"])
    if found is None:
        return None
    if found[1] is not None:
        return found[1]
    variables = call.get("variables")
    value = variables.get(found[2]) if isinstance(variables, Mapping) else None
    return value if isinstance(value, str) else None
