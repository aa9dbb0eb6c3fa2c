"""The console beside the real services, each in process on a socket, with one key store among them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tests.approvals.shop import Shop, shop
from tests.fakes.restarting import Serve
from tests.fakes.visitor import Visitor
from tillhand_common.testing import running
from tillhand_dashboard.app import create_app
from tillhand_dashboard.routes.dependencies import Console
from tillhand_dashboard.settings import DashboardSettings


@dataclass
class Beside:
    """The running console, the approvals beside it, and who is signed in."""

    app: FastAPI
    url: str
    http: httpx.AsyncClient
    visitor: Visitor
    approvals: Shop

    @property
    def console(self) -> Console:
        """What its routes work with."""
        found: Console = self.app.state.dashboard
        return found


@asynccontextmanager
async def beside_approvals(folder: Path, **settings: Any) -> AsyncIterator[Beside]:  # noqa: ANN401  # each has a type of its own
    """The console and the approvals, with an operator signed in."""
    async with AsyncExitStack() as stack:
        approvals = await stack.enter_async_context(shop(folder))
        address = {"approvals_url": str(approvals.http.base_url)}
        yield await stack.enter_async_context(console(folder, approvals, {**address, **settings}))


@asynccontextmanager
async def console(
    folder: Path, approvals: Shop, settings: Mapping[str, Any], *, serve: Serve = running
) -> AsyncIterator[Beside]:
    """The console beside approvals that run already."""
    given = DashboardSettings(data_dir=folder, rate_limit="off", **settings)
    made: list[FastAPI] = []

    def made_app() -> FastAPI:
        made.append(create_app(given))
        return made[-1]

    async with serve(made_app) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
        visitor = Visitor(http)
        await visitor.enter(given.link_file.read_text().strip())
        yield Beside(made[0], url, http, visitor, approvals)
