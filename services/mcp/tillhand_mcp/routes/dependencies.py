"""What the routes take from the running application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from tillhand_common import actor as actors
from tillhand_common import context
from tillhand_common.security import require
from tillhand_mcp.ports.connector import Connector
from tillhand_mcp.ports.shelf import Files
from tillhand_mcp.ports.toolbox import Caller, Toolbox
from tillhand_mcp.ports.watching import Watcher


@dataclass(frozen=True, slots=True)
class Joined:
    """The running connectors, as the routes find them in `app.state.mcp`."""

    toolbox: Toolbox
    connectors: dict[str, Connector]
    watcher: Watcher
    exports: Files


async def _joined(request: Request) -> Joined:
    return request.app.state.mcp  # type: ignore[no-any-return]  # app.py puts them there


async def _caller(request: Request, actor: Annotated[actors.Actor, Depends(actors.acting)]) -> Caller:
    principal = context.principal()
    scopes = frozenset[str]() if principal is None else principal.scopes
    return Caller(actor.subject, actor.kind, actor.tenant, scopes, request.headers.get("idempotency-key"))


Parts = Annotated[Joined, Depends(_joined)]
Calls = Annotated[Caller, Depends(_caller)]
Calling = Depends(require("mcp:call"))
