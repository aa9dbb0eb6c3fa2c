"""The protocol's face: the SDK's server over a toolbox, behind the chassis of a service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import mcp_types as wire
from fastapi import APIRouter, FastAPI, Request
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.subscriptions import ServerEvent
from starlette.routing import Route

from tillhand_common.app import Chassis
from tillhand_mcp.domain.tools import ResourceTemplate
from tillhand_mcp.ports.toolbox import Toolbox
from tillhand_mcp.routes.protocol import oauth
from tillhand_mcp.routes.protocol.documents import Documents
from tillhand_mcp.routes.protocol.endpoint import METHODS, Endpoint
from tillhand_mcp.routes.protocol.exchange import Context
from tillhand_mcp.routes.protocol.faults import boundary
from tillhand_mcp.routes.protocol.prompts import Prompts
from tillhand_mcp.routes.protocol.sessions import MAX_PER_CALLER, Sessions
from tillhand_mcp.routes.protocol.subscriptions import Subscriptions
from tillhand_mcp.routes.protocol.tasks import Tasks
from tillhand_mcp.routes.protocol.tools import PAGE, Tools

SESSION_IDLE_S: Final = 1800.0
MAX_SESSIONS: Final = 2000

_HINTS: Final[Mapping[CacheableMethod, CacheHint]] = {
    # All of it is what the caller's key may see, so none may be shared.
    "server/discover": CacheHint(ttl_ms=300_000),
    "tools/list": CacheHint(ttl_ms=60_000),
    "prompts/list": CacheHint(ttl_ms=60_000),
    "resources/list": CacheHint(ttl_ms=10_000),
    "resources/templates/list": CacheHint(ttl_ms=300_000),
    "resources/read": CacheHint(ttl_ms=0),
}


class ProtocolFace:
    """A toolbox for MCP clients, at /mcp.

    A service includes `router()`, enters `running(app)` in its lifespan, and gives its ServiceSpec `public` and
    `challenge`. `server` is the SDK's, for what a toolbox cannot say.
    """

    public: Final = oauth.METADATA_PATHS

    def __init__(
        self,
        toolbox: Toolbox,
        *,
        version: str,
        instructions: str = "",
        templates: Sequence[ResourceTemplate] = (),
        resource: oauth.ProtectedResource | None = None,
        page_size: int = PAGE,
        session_idle_s: float = SESSION_IDLE_S,
        max_sessions: int = MAX_SESSIONS,
        sessions_per_caller: int = MAX_PER_CALLER,
    ) -> None:
        self.resource = resource or oauth.ProtectedResource()
        self.challenge = self.resource.challenge
        self._tools = Tools(toolbox, page_size)
        self._subscriptions = Subscriptions()
        self._open = Sessions(sessions_per_caller)
        self._endpoint = Endpoint(self._tools, self._open, self.resource)
        self._session_idle_s = session_idle_s
        self._max_sessions = max_sessions
        self.server = self._server(Documents(toolbox, templates), Prompts(toolbox), version, instructions)
        Tasks(toolbox).serve(self.server)

    def router(self) -> APIRouter:
        """Return the routes: the endpoint, and the metadata that leads a client to a token."""
        router = APIRouter()
        router.routes.append(Route(oauth.PATH, self._endpoint, methods=METHODS, include_in_schema=False))
        for path in oauth.METADATA_PATHS:
            router.add_api_route(path, self._metadata, methods=["GET"], summary="OAuth protected resource metadata")
        return router

    @asynccontextmanager
    async def running(self, app: FastAPI) -> AsyncIterator[None]:
        """Serve sessions; belongs into the service's lifespan."""
        chassis: Chassis = app.state.chassis
        logging.getLogger("mcp").setLevel(logging.WARNING)  # below, it tells of each session and names it
        started, stopping = asyncio.Event(), asyncio.Event()
        leaving = asyncio.create_task(self._close_when_draining(chassis))
        sessions = asyncio.create_task(self._sessions(chassis.settings.max_body_bytes, started, stopping))
        try:
            await started.wait()
            if sessions.done():
                await sessions  # raises why it could not begin
            yield
        finally:
            leaving.cancel()
            stopping.set()
            await asyncio.wait([sessions, leaving])

    async def publish(self, event: ServerEvent, tenant: str | None = None) -> None:
        """Tell the clients of a tenant, or of all, that tools, prompts or resources changed."""
        await self._subscriptions.publish(event, tenant)

    async def _sessions(self, max_body_bytes: int, started: asyncio.Event, stopping: asyncio.Event) -> None:
        # In a task of its own: the SDK leaves its task group in the task that entered it, or not at all.
        manager = StreamableHTTPSessionManager(
            self.server,
            session_idle_timeout=self._session_idle_s,
            max_sessions=self._max_sessions,
            max_request_body_size=max_body_bytes,
        )
        try:
            async with manager.run():
                self._endpoint.manager = manager
                started.set()
                await stopping.wait()
        finally:
            self._endpoint.manager = None
            started.set()

    async def _close_when_draining(self, chassis: Chassis) -> None:
        await chassis.drain.wait()
        self._subscriptions.close()

    async def _metadata(self, request: Request) -> dict[str, Any]:
        return self.resource.metadata(request.scope)

    def _server(self, documents: Documents, prompts: Prompts, version: str, instructions: str) -> Server[Any]:
        server: Server[Any] = Server(
            "tillhand",
            version=version,
            title="Tillhand",
            instructions=instructions or None,
            cache_hints=_HINTS,
            get_tool_input_schema=self._tools.schema,
            on_list_tools=self._tools.list_tools,
            on_list_resources=documents.list_resources,
            on_list_resource_templates=documents.list_templates,
            on_read_resource=documents.read,
            on_subscribe_resource=self._subscriptions.subscribe,
            on_unsubscribe_resource=self._subscriptions.unsubscribe,
            on_subscriptions_listen=self._subscriptions.listen,
            on_list_prompts=prompts.list_prompts,
            on_get_prompt=prompts.get,
            on_completion=documents.complete,
        )
        server.add_request_handler("tools/call", wire.CallToolRequestParams, self._tools.call_tool)
        server.add_request_handler("logging/setLevel", wire.SetLevelRequestParams, _set_level)
        server.middleware[:] = [boundary, self._open.count]  # in place of one for telemetry, which records arguments
        return server


async def _set_level(_ctx: Context, _params: wire.SetLevelRequestParams) -> wire.EmptyResult:
    """Take the level that older clients ask for; no tool of ours sends them log lines."""
    return wire.EmptyResult()
