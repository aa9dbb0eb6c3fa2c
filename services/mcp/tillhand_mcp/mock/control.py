"""The mock's own paths, under `/mock`: scripts of faults, what was written, what arrived, and back to the start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.faults import BadScript, parsed
from tillhand_mcp.mock.google.identity import service_account
from tillhand_mcp.mock.quotas import BUDGETS
from tillhand_mcp.mock.refusals import answer
from tillhand_mcp.mock.state import Mock

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(mock: Mock) -> list[BaseRoute]:
    """Return the control's paths."""
    return [
        Route("/mock/health", _fixed({"status": "ok"}), methods=["GET"]),
        Route("/mock/faults", _faults(mock), methods=["GET", "POST", "DELETE"]),
        Route("/mock/journal", _journal(mock), methods=["GET"]),
        Route("/mock/requests", _requests(mock), methods=["GET"]),
        Route("/mock/quotas", _quotas(mock), methods=["GET", "POST"]),
        Route("/mock/reset", _reset(mock), methods=["POST"]),
        Route("/mock/service-account.json", _service_account, methods=["GET"]),
    ]


def _fixed(content: Content) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return _shown(content)

    return endpoint


def _faults(mock: Mock) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if request.method == "DELETE":
            mock.faults.clear()
        if request.method == "POST":
            try:
                scripts = orjson.loads(await request.body())
                mock.faults.script(
                    *[parsed(script) for script in (scripts if isinstance(scripts, list) else [scripts])]
                )
            except ValueError as bad:
                return _shown({"error": str(bad)}, 400)
        return _shown({"faults": [asdict(fault) for fault in mock.faults.waiting]})

    return endpoint


def _journal(mock: Mock) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return _shown({"writes": [asdict(write) for write in mock.world.writes]})

    return endpoint


def _requests(mock: Mock) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return _shown({"requests": [arrival.public() for arrival in mock.requests]})

    return endpoint


def _quotas(mock: Mock) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            try:
                limits = _limits(orjson.loads(await request.body()))
            except ValueError as bad:
                return _shown({"error": str(bad)}, 400)
            for name, limit in limits.items():
                mock.quotas.limit(name, limit)
        return _shown({"limits": mock.quotas.limits})

    return endpoint


def _limits(content: Content) -> dict[str, int]:
    if not isinstance(content, dict):
        raise BadScript("limits are an object of names and numbers")
    for name, limit in content.items():
        if name not in BUDGETS:
            raise BadScript(f"unknown quota {name!r}; there are {', '.join(BUDGETS)}")
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            raise BadScript(f"{name} must be a whole number that is not negative")
    return content


def _reset(mock: Mock) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        mock.reset()
        return _shown({"status": "ok"})

    return endpoint


async def _service_account(request: Request) -> Response:
    return answer(service_account(str(request.base_url)))


def _shown(content: Content, status: int = 200) -> Response:
    # Arguments of a write are whatever the upstream was sent, and need not be JSON themselves.
    return Response(orjson.dumps(content, default=_plain), status, media_type="application/json")


def _plain(value: Content) -> Content:
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return dict(value) if hasattr(value, "items") else str(value)
