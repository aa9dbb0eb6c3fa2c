"""The connectors as they run in production, before a mock shop that keeps account of what it is asked."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette

from tillhand_common import keys
from tillhand_common.clock import SystemClock
from tillhand_common.testing import running
from tillhand_mcp.app import create_app
from tillhand_mcp.mock.app import create_mock
from tillhand_mcp.mock.serving import serving
from tillhand_mcp.mock.shopify.engine import Answer, Engine, Limits
from tillhand_mcp.mock.shopify.server import Server
from tillhand_mcp.mock.world import World
from tillhand_mcp.ports.toolbox import Caller, Toolbox
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.model import Shop

ROOMY: Final = Limits(maximum_available=1e9, restore_rate=1e9)
"""A bucket that nobody can empty, where points are not what is measured."""
CALLER: Final = Caller("agent:bench", "agent", "default", frozenset())


class Accounting(Engine):
    """The mock shop; `costs` are the requested and the actual cost of each answer, None for one that was refused."""

    def __init__(self, world: World, limits: Limits | None = None) -> None:
        super().__init__(world, limits)
        self.costs: list[tuple[float, float | None]] = []

    async def answer(self, text: str, variables: Mapping[str, Any], name: str | None, base_url: str) -> Answer:
        """Answer, and note what it cost."""
        found = await super().answer(text, variables, name, base_url)
        cost = found["extensions"]["cost"]
        self.costs.append((cost["requestedQueryCost"], cost["actualQueryCost"]))
        return found


@dataclass(frozen=True, slots=True)
class Stage:
    """A running service, its toolbox without HTTP around it, an agent's key, and the mock behind it."""

    url: str
    toolbox: Toolbox
    token: str
    mock: Starlette
    engine: Accounting

    @property
    def headers(self) -> dict[str, str]:
        """What every call over HTTP carries; nothing is compressed, so that sizes can be compared."""
        return {"authorization": f"Bearer {self.token}", "accept-encoding": "identity"}


@asynccontextmanager
async def staged(shop: Shop, limits: Limits | None = None) -> AsyncIterator[Stage]:
    """All of it on sockets of this event loop, with the client, breaker and bucket that production has."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillhand-connectors-")))
        keys.bootstrap(folder)
        world = World(shop, SystemClock())
        engine = Accounting(world, limits)
        mock = create_mock(world, shopify=Server(engine).routes())
        address = await stack.enter_async_context(serving(mock))
        app = create_app(McpSettings(data_dir=folder, mock_url=address, rate_limit="off", log_level="error"))
        url = await stack.enter_async_context(running(app))
        yield Stage(url, app.state.mcp.toolbox, keys.read_token(folder, "agent") or "", mock, engine)


def milliseconds(seconds: list[float]) -> str:
    """Median and p99 of so many."""
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return f"median {statistics.median(ordered) * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms"


def show(what: str, figure: str, goal: str = "") -> None:
    """Print one line of the table."""
    print(f"| {what} | {figure} | {goal} |", flush=True)
