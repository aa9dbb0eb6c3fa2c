"""The approvals killed at a random moment under load: what was acknowledged is there, and nothing is run twice.

`TILLHAND_CRASH_ROUNDS` sets how often; twice by default.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path
from typing import Any, Final

import httpx

from tests.approvals.shop import ARGUMENTS, TOOL
from tillhand_common import keys
from tillhand_common.testing import service_process

ROUNDS: Final = int(os.environ.get("TILLHAND_CRASH_ROUNDS", "2"))
CLIENTS: Final = 4


class Load:
    """Agents that propose, people who decide, executors that run, and what each was told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.decided: dict[str, str] = {}
        self.leased: list[str] = []
        self.executed: set[str] = set()
        self.enough = asyncio.Event()
        self.wanted = 0

    async def call(self, http: httpx.AsyncClient, who: keys.Kind, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # what the service says
        headers = {"authorization": f"Bearer {keys.read_token(self._folder, who)}"}
        answer = await http.request(method, path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
        return answer.json()

    async def client(self, http: httpx.AsyncClient) -> None:
        """One proposal after the other, from its beginning to its end, until the connection breaks."""
        while True:
            body = {"tool": "stock_set", "arguments": ARGUMENTS}
            made = await self.call(http, "agent", "POST", "/v1/proposals", body)
            told = {"decision": "approve", "digest": made["digest"]}
            path = f"/v1/proposals/{made['id']}"
            self.decided[made["id"]] = (await self.call(http, "operator", "POST", f"{path}/decisions", told))["state"]
            if len(self.decided) >= self.wanted:
                self.enough.set()
            lease = await self.call(http, "service", "POST", f"{path}/execution/lease", {"executor": "mcp"})
            self.leased.append(made["id"])
            result = {"token": lease["token"], "outcome": "executed"}
            await self.call(http, "service", "POST", f"{path}/execution/result", result)
            self.executed.add(made["id"])


async def test_a_service_killed_under_load_has_all_that_it_acknowledged(tmp_path: Path) -> None:
    environment = {"TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_RATE_LIMIT": "off", "TILLHAND_UNDO_S": "0"}
    chance, load, slowest = random.SystemRandom(), Load(tmp_path), 0.0
    for _ in range(ROUNDS):
        load.enough.clear()
        load.wanted = len(load.decided) + chance.randint(1, 12)
        async with service_process("tillhand_approvals", environment) as service:
            async with httpx.AsyncClient(base_url=service.base_url, timeout=30) as http:
                await load.call(http, "service", "PUT", "/v1/executors/mcp/tools", {"tools": [TOOL]})
                clients = [asyncio.create_task(load.client(http)) for _ in range(CLIENTS)]
                async with asyncio.timeout(30):
                    await load.enough.wait()
                service.process.kill()
                ends = await asyncio.gather(*clients, return_exceptions=True)
            assert all(isinstance(end, httpx.TransportError) for end in ends), ends
        begun = time.monotonic()
        async with (
            service_process("tillhand_approvals", environment) as service,
            httpx.AsyncClient(base_url=service.base_url, timeout=30) as http,
        ):
            slowest = max(slowest, time.monotonic() - begun)
            await whole(load, http)
    print(f"{ROUNDS} kills, {len(load.decided)} decisions kept, slowest start {slowest:.2f} s")  # noqa: T201  # for `make prove`


async def whole(load: Load, http: httpx.AsyncClient) -> None:
    """Every decision that was acknowledged stands, no proposal has two leases, and the record verifies."""
    assert len(load.leased) == len(set(load.leased))
    for name in list(load.decided)[-3 * CLIENTS :]:
        kept = await load.call(http, "operator", "GET", f"/v1/proposals/{name}")
        assert kept["state"] in ({"executed"} if name in load.executed else {"approved", "executing", "executed"})
    records: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = await load.call(http, "operator", "GET", f"/v1/audit?limit=500&after={after}")
        records += page["items"]
        after = page["next_after"]
    decided = {record["subject"] for record in records if record["type"] == "decision.made"}
    assert load.decided.keys() <= decided
    begun = [record["subject"] for record in records if record["type"] == "execution.started"]
    assert len(begun) == len(set(begun))
    report = await load.call(http, "operator", "POST", "/v1/audit/verify", {})
    assert report["ok"], report
