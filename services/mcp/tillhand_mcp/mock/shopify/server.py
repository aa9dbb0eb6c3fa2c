"""The Admin API over HTTP: a token for the app's secret, GraphQL for the token, files for bulk operations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tillhand_mcp.mock.shopify.engine import Engine, Limits
from tillhand_mcp.mock.shopify.objects.shop import SCOPES
from tillhand_mcp.mock.world import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, World
from tillhand_mcp.schemas.shopify import VERSIONS

TOKEN_LIVES_S: Final = 86399
MOST_BYTES: Final = 1024 * 1024


def routes(world: World, limits: Limits | None = None) -> list[BaseRoute]:
    """Return the routes of one mock shop, which keeps what is written to it as long as they live."""
    return Server(Engine(world, limits)).routes()


class Server:
    """Speaks HTTP for an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def routes(self) -> list[BaseRoute]:
        """Return what is served, by path."""
        return [
            Route("/admin/oauth/access_token", self.token, methods=["POST"]),
            Route("/admin/api/{version}/graphql.json", self.graphql, methods=["POST"]),
            Route("/bulk/{number:int}.jsonl", self.bulk, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """Give an access token for the app's id and secret."""
        given = form(await request.body(), request.headers.get("content-type", ""))
        if given is None:
            return oauth_error(400, "invalid_request", "The body is neither JSON nor a form.")
        if given.get("grant_type") != "client_credentials":
            return oauth_error(400, "unsupported_grant_type", "Only client_credentials is supported.")
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return oauth_error(401, "invalid_client", "Client authentication failed.")
        return JSONResponse({"access_token": ACCESS_TOKEN, "scope": ",".join(SCOPES), "expires_in": TOKEN_LIVES_S})

    async def graphql(self, request: Request) -> Response:
        """Execute an operation."""
        if request.headers.get("x-shopify-access-token") != ACCESS_TOKEN:
            text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return JSONResponse({"errors": text}, 401)
        version = request.path_params["version"]
        if version not in VERSIONS:
            return JSONResponse({"errors": "Not Found"}, 404)
        asked = operation(await request.body())
        if asked is None:
            return JSONResponse({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        answer = await self.engine.answer(*asked, str(request.base_url))
        headers = {"x-shopify-api-version": version}
        return Response(orjson.dumps(answer), media_type="application/json", headers=headers)

    async def bulk(self, request: Request) -> Response:
        """Give the file of a bulk operation; whoever knows its address may have it."""
        found = self.engine.bulks.operations.get(request.path_params["number"])
        if found is None or self.engine.bulks.status(found) != "COMPLETED":
            return Response(status_code=404)
        return Response(found.file, media_type="application/jsonl")


def form(body: bytes, content_type: str) -> Mapping[str, Any] | None:
    """Return the fields of a body that is JSON or a form."""
    try:
        if content_type.startswith("application/json"):
            found = json.loads(body)
            return found if isinstance(found, dict) else None
        return dict(parse_qsl(body.decode()))
    except ValueError:
        return None


def operation(body: bytes) -> tuple[str, Mapping[str, Any], str | None] | None:
    """Return the text, the variables and the name of an operation, or None for what is none."""
    try:
        found = orjson.loads(body) if len(body) <= MOST_BYTES else None
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("query"), str):
        return None
    variables, name = found.get("variables") or {}, found.get("operationName")
    if not isinstance(variables, dict) or not (name is None or isinstance(name, str)):
        return None
    return found["query"], variables, name


def oauth_error(status: int, code: str, text: str) -> Response:
    """Return an error as RFC 6749 words it."""
    return JSONResponse({"error": code, "error_description": text}, status)
