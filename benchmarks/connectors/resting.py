"""What the service holds in memory while nothing is asked of it, everything mocked."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

import httpx

from benchmarks.connectors.stage import show
from tillhand_cli.soak.service import resident_mb
from tillhand_common import keys
from tillhand_common.testing import service_process

SETTLED_S: Final = 3.0
AGAIN_S: Final = 0.5
MOST_REFUSED: Final = 100


async def resting() -> None:
    """Print the memory of the service before and after the first call, and that of the mock."""
    with tempfile.TemporaryDirectory(prefix="tillhand-connectors-") as scratch:
        folder = Path(scratch)
        keys.bootstrap(folder)
        environment = {"TILLHAND_DATA_DIR": scratch, "TILLHAND_MOCK_PORT": "0", "TILLHAND_LOG_LEVEL": "info"}
        async with service_process("tillhand_mcp", environment) as service:
            await asyncio.sleep(SETTLED_S)
            show("memory of the service, nothing asked yet", f"{resident_mb(service.pid):.0f} MB")
            token = keys.read_token(folder, "agent")
            async with httpx.AsyncClient(timeout=60, headers={"authorization": f"Bearer {token}"}) as http:
                begun, refused = perf_counter(), 0
                url = f"{service.base_url}/v1/tools/shopify_products"
                while not (await http.post(url, json={"arguments": {}})).is_success and refused < MOST_REFUSED:
                    refused += 1
                    await asyncio.sleep(AGAIN_S)
            took = perf_counter() - begun
            show("the first call, which starts the mock", f"{took:.1f} s, refused {refused} times before", "0 times")
            await asyncio.sleep(SETTLED_S)
            show("… after the first calls", f"{resident_mb(service.pid):.0f} MB")
            mock = int(str(service.events("mock_upstream_started")[0]["pid"]))
            show("memory of the mock's process", f"{resident_mb(mock):.0f} MB")
