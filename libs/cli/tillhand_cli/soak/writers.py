"""Writers: each takes proposals through their life, and remembers what it was told."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

from tillhand_cli.errors import CommandError, ExitCode
from tillhand_common.approvals_client import ApprovalsClient, Refused
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_common.http import Resilience, UpstreamClient

EXECUTOR: Final = "soak"
TOOL: Final[Mapping[str, Any]] = {
    "name": "stock_set",
    "version": "1",
    "risk": "medium",
    "schema": {"type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}}},
}
BULK: Final = 16_000
"""Characters of a large proposal."""
BULK_RATE: Final = 20.0
"""Large proposals a second at least, so that the buffers of who reads nothing are full within the minute."""
NOTED: Final = 0.25
"""The share of proposals that get a note."""
_PAUSE_S: Final = 0.2


@dataclass(slots=True)
class Acknowledged:
    """What the service said that it has done: the type of a record, and of which proposal. And how often it said no."""

    told: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0

    def add(self, type_: str, proposal: str) -> None:
        """One more."""
        self.told.append((type_, proposal))


class Writer:
    """Proposes, decides, runs and comments, at most `rate` changes a second; what is lost midway is left there."""

    def __init__(self, url: str, keys: Mapping[str, str], told: Acknowledged, rate: float) -> None:
        again = Resilience("approvals", reset_timeout_s=_PAUSE_S)  # else they are away for longer than the service is
        self._agent = ApprovalsClient(url, SecretStr(keys["agent"]), resilience=again)
        self._executor = ApprovalsClient(url, SecretStr(keys["service"]), resilience=again)
        self._person = UpstreamClient("approvals", url, bearer=SecretStr(keys["operator"]), resilience=again)
        self._told = told
        self._every_s = 1 / rate
        self._due = time.monotonic()

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(self._agent.aclose(), self._executor.aclose(), self._person.aclose())

    async def run(self) -> None:
        """One proposal after the other, until cancelled; a service that is away is waited for."""
        while True:
            try:
                await self._one()
            except (Refused, UpstreamRejected):
                self._told.refused += 1
            except UpstreamError:
                self._told.unanswered += 1
                await asyncio.sleep(_PAUSE_S)

    async def bulk(self) -> None:
        """Propose what is large, without end."""
        evidence = [{"sku": "A" * BULK}]  # a field that nothing personal is looked for in
        while True:
            with contextlib.suppress(UpstreamError, Refused):
                made = await self._agent.propose("stock_set", {"sku": "A-1", "count": 1}, evidence=evidence)
                self._told.add("proposal.created", made.id)
            await self._paced()

    async def _paced(self) -> None:
        """Wait until the next change is due; what is late is not made up for."""
        self._due = max(self._due + self._every_s, time.monotonic())
        await asyncio.sleep(max(0.0, self._due - time.monotonic()))

    async def _one(self) -> None:
        arguments = {"sku": f"A-{random.randrange(1_200)}", "count": random.randrange(50)}  # noqa: S311  # any will do
        made = await self._agent.propose("stock_set", arguments, justification="Counted.")
        self._told.add("proposal.created", made.id)
        await self._paced()
        if random.random() < NOTED:  # noqa: S311  # as above
            await self._note(made.id)
            await self._paced()
        verb = random.choice(("approve", "approve", "approve", "reject"))  # noqa: S311  # as above
        body = {"decision": verb, "note": "Not today.", "digest": made.digest}
        await self._decide(made.id, body)
        await self._paced()
        if verb == "reject":
            return
        leased = await self._executor.lease(made.id, EXECUTOR)
        self._told.add("execution.started", made.id)
        await self._paced()
        await self._executor.report(leased, "executed", {"count": arguments["count"]})
        self._told.add("execution.finished", made.id)
        await self._paced()

    async def _note(self, proposal: str) -> None:
        await self._person.request("POST", f"/v1/proposals/{proposal}/notes", json={"text": "Counted by hand."})
        self._told.add("note.added", proposal)

    async def _decide(self, proposal: str, body: Mapping[str, Any]) -> None:
        path, key = f"/v1/proposals/{proposal}/decisions", secrets.token_hex(16)
        await self._person.request("POST", path, json=body, idempotency_key=key)
        self._told.add("decision.made", proposal)


async def register(url: str, key: str) -> None:
    """Have the tool be known. Raises `CommandError`."""
    async with ApprovalsClient(url, SecretStr(key)) as client:
        try:
            await client.register(EXECUTOR, [TOOL])
        except (UpstreamError, Refused) as error:
            reason = f"The tool could not be registered: {type(error).__name__}."
            raise CommandError(reason, code=ExitCode.UNREACHABLE) from error


async def unacknowledged(url: str, key: str, told: Acknowledged) -> tuple[int, int]:
    """How many of these acknowledgements the record does not hold, and its last number."""
    kept: set[tuple[str, str]] = set()
    after: int | None = 0
    head = 0
    async with UpstreamClient("approvals", url, bearer=SecretStr(key)) as client:
        while after is not None:
            page = (await client.request("GET", "/v1/audit", params={"after": after, "limit": 500})).json()
            kept.update((each["type"], each["subject"]) for each in page["items"])
            head = max([head, *(each["sequence"] for each in page["items"])])
            after = page["next_after"]
    return len(set(told.told) - kept), head


async def verified(url: str, key: str) -> bool:
    """Whether the whole record verifies."""
    async with UpstreamClient("approvals", url, bearer=SecretStr(key)) as client:
        with contextlib.suppress(UpstreamError):
            return bool((await client.request("POST", "/v1/audit/verify", timeout_s=120.0)).json()["ok"])
    return False


async def cut_off(url: str, within_s: float) -> bool:
    """Whether the service says, within this time, that it has ended a stream whose client does not read.

    The client cannot tell: the end waits behind what it does not take.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s), UpstreamClient("approvals", url) as client:
            while not _counts_slow((await client.request("GET", "/metrics")).text):  # noqa: ASYNC110  # another process's
                await asyncio.sleep(1.0)
            return True
    return False


def _counts_slow(metrics: str) -> bool:
    """Whether a stream has ended for its client's slowness."""
    lines = (line for line in metrics.splitlines() if line.startswith("sse_streams_ended_total"))
    return any('"slow_client"' in line and float(line.rpartition(" ")[2]) > 0 for line in lines)
