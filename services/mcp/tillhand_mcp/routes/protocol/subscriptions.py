"""Telling clients what changed: `subscriptions/listen` of 2026-07-28, and resources/subscribe of the sessions before.

Every tenant has a bus of its own, so that nobody learns what another tenant's documents are called. A client that
misses something has lost nothing: each message only says to fetch again.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import Final

import anyio
import mcp_types as wire
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ResourceUpdated, ServerEvent

from tillhand_common import context
from tillhand_mcp.routes.protocol.exchange import Context, Exchange
from tillhand_mcp.routes.protocol.faults import invalid
from tillhand_mcp.routes.protocol.sessions import on_end

MAX_LISTENERS: Final = 256
"""The most `subscriptions/listen` streams that one tenant may have open."""

MAX_WATCHED: Final = 4096
"""The most resources that sessions may watch together; the oldest is forgotten for one more."""

_GONE: Final = (anyio.ClosedResourceError, anyio.BrokenResourceError, MCPError)


class _Tenant:
    def __init__(self) -> None:
        self.bus = InMemorySubscriptionBus()
        self.listen = ListenHandler(self.bus, max_subscriptions=MAX_LISTENERS)


class Subscriptions:
    """Who wants to know what."""

    def __init__(self) -> None:
        self._tenants: dict[str, _Tenant] = {}
        self._watched: OrderedDict[tuple[str, str, str], ServerSession] = OrderedDict()
        self._closed = False

    async def publish(self, event: ServerEvent, tenant: str | None = None) -> None:
        """Tell the clients of a tenant, or of all, that something changed."""
        for name, each in tuple(self._tenants.items()):
            if tenant is None or name == tenant:
                await each.bus.publish(event)
        if isinstance(event, ResourceUpdated):
            await self._tell_sessions(event.uri, tenant)

    def close(self) -> None:
        """End every stream: the service is leaving."""
        self._closed = True
        for each in self._tenants.values():
            each.listen.close()

    async def listen(
        self, ctx: Context, params: wire.SubscriptionsListenRequestParams
    ) -> wire.SubscriptionsListenResult:
        """Answer subscriptions/listen with a stream of what changes, until the client leaves or the service does."""
        if self._closed:
            raise MCPError(wire.INTERNAL_ERROR, "The service is shutting down.")
        info = context.current()
        if info is not None:
            info.streaming = True
        tenant = self._tenants.setdefault(Exchange.of(ctx).caller.tenant, _Tenant())
        return await tenant.listen(ctx, params)

    async def subscribe(self, ctx: Context, params: wire.SubscribeRequestParams) -> wire.EmptyResult:
        """Answer resources/subscribe."""
        key = _key(ctx, params.uri)
        if all(session_id != key[2] for _, _, session_id in self._watched):
            on_end(ctx, partial(self._forget, key[2]))
        self._watched[key] = ctx.session
        self._watched.move_to_end(key)
        if len(self._watched) > MAX_WATCHED:
            self._watched.popitem(last=False)
        return wire.EmptyResult()

    async def unsubscribe(self, ctx: Context, params: wire.UnsubscribeRequestParams) -> wire.EmptyResult:
        """Answer resources/unsubscribe."""
        self._watched.pop(_key(ctx, params.uri), None)
        return wire.EmptyResult()

    def _forget(self, session_id: str) -> None:
        for key in [key for key in self._watched if key[2] == session_id]:
            del self._watched[key]

    async def _tell_sessions(self, uri: str, tenant: str | None) -> None:
        for key, session in tuple(self._watched.items()):
            if key[1] == uri and tenant in {None, key[0]}:
                with suppress(*_GONE):
                    await session.send_resource_updated(uri)


def _key(ctx: Context, uri: str) -> tuple[str, str, str]:
    session_id = ctx.request.headers.get("mcp-session-id") if ctx.request is not None else None
    if session_id is None:
        raise invalid("Only a session can subscribe.")
    return Exchange.of(ctx).caller.tenant, uri, session_id
