"""Proposes, decides and breaks things, wave after wave, until everything has come to its end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.writes import faults
from benchmarks.writes.stage import Stage, opened
from benchmarks.writes.upstream import made_up
from benchmarks.writes.verdict import Verdict, judged
from benchmarks.writes.wishes import POLICIES, Wish, Wishes

WAVE: Final = 60
AT_ONCE: Final = 8
BACKLOG: Final = 150
"""Approved proposals that may wait before more is proposed."""
SETTLED_WITHIN_S: Final = 180.0
LOOK_S: Final = 0.5
BATCH: Final = 100
MOST_NICKED: Final = 3
"""Connections that break at once: fewer than it takes the breaker to open, which would end the test of all else."""
MANY_KILLS: Final = 4
"""Before one of so many kills of the executor the approvals are killed as well."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much, and how hostile."""

    writes: int
    kills: int
    seed: int = 1
    share: float = 0.08
    skus: int = 400
    silences: int = 0


@dataclass
class Told:
    """What happened on the way."""

    answers: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    faults: int = 0
    took_s: float = 0.0


@dataclass
class Proof:
    """One run."""

    plan: Plan
    stage: Stage
    chance: random.Random
    wishes: Wishes
    told: Told = field(default_factory=Told)
    made: list[Wish] = field(default_factory=list)
    proposed: int = 0

    async def play(self) -> None:
        """All waves, while others cut and kill."""
        stage = self.stage
        await stage.asked("operator", "PUT", "/v1/policies", POLICIES)
        await self._registered()
        begun = time.perf_counter()
        others = [asyncio.create_task(each) for each in (self._kill(), self._cut())]
        try:
            while self.proposed < self.plan.writes:
                await self._wave(min(WAVE, self.plan.writes - self.proposed))
                await self._below(BACKLOG)
            await others[0]
        finally:
            for each in others:
                each.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        await stage.well()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLED_WITHIN_S):
                await self._below(1)
        self.told.took_s = time.perf_counter() - begun
        self.told.cuts = stage.wire.cuts

    async def judge(self) -> Verdict:
        """What came of it."""
        by_digest: dict[str, Mapping[str, Any]] = {}
        for wish in self.made:
            by_digest[wish.digest] = wish.arguments
            if wish.plan == "edit":
                changed = Wish(0, wish.tool, wish.edited(), "edit")
                by_digest[changed.digest] = changed.arguments
        verdict = judged(await self._proposals(), await self.stage.journal(), by_digest)
        report = await self.stage.asked("operator", "POST", "/v1/audit/verify", {})
        verdict.audit_ok = bool(report.get("ok"))
        return verdict

    async def _registered(self) -> None:
        while "shopify_price_change" not in str(await self.stage.asked("operator", "GET", "/v1/tools")):  # noqa: ASYNC110  # another process
            await asyncio.sleep(LOOK_S)

    async def _wave(self, count: int) -> None:
        scripts = faults.drawn(self.chance, count, self.plan.share)
        self.told.faults += len(scripts)
        await self.stage.script(scripts)
        wishes = [self.wishes.wish(len(self.made) + place) for place in range(count)]
        self.made += wishes
        waiting = iter(wishes)

        async def propose() -> None:
            for wish in waiting:
                await self._propose(wish)

        await asyncio.gather(*(propose() for _ in range(AT_ONCE)))
        await self._decide([wish for wish in wishes if wish.id])

    async def _propose(self, wish: Wish) -> None:
        answer = await self.stage.called(wish.tool, wish.arguments, "Counted and compared.")
        if answer is None:
            self.told.answers["connection broke"] += 1
            return
        told = answer.json()
        reason = str(told.get("reason", answer.status_code))
        self.told.answers[reason] += 1
        if answer.status_code == 202:
            wish.id = told["id"]
            self.proposed += 1
        elif reason == "approvals-unavailable":
            await asyncio.sleep(LOOK_S)
        else:
            self.wishes.learn(wish, reason, told)

    async def _decide(self, wishes: list[Wish]) -> None:
        """In batches where that is possible; what was approved in advance is refused, which is as it should be."""
        for verb in ("approve", "reject"):
            items = [{"id": wish.id, "digest": wish.digest} for wish in wishes if wish.plan == verb]
            body: dict[str, object] = {
                "decision": verb,
                "proposals": items,
                "note": "Not now." if verb == "reject" else "",
            }
            if items:
                await self.stage.asked("operator", "POST", "/v1/decisions", body)
        for wish in wishes:
            if wish.plan == "edit":
                body = {"decision": "edit", "digest": wish.digest, "arguments": wish.edited()}
                await self.stage.asked("operator", "POST", f"/v1/proposals/{wish.id}/decisions", body)

    async def _below(self, most: int) -> None:
        while True:
            counts = (await self.stage.asked("operator", "GET", "/v1/proposals/counts")).get("counts", {})
            if counts.get("approved", 0) + counts.get("executing", 0) < most:
                return
            await asyncio.sleep(LOOK_S)

    async def _kill(self) -> None:
        """At random moments of the run; every other time in the middle of an outage of the shop."""
        moments = sorted(self.chance.sample(range(self.plan.writes // 10, self.plan.writes), self.plan.kills))
        for place, moment in enumerate(moments):
            while self.proposed < moment:  # noqa: ASYNC110  # a count, not a state
                await asyncio.sleep(0.01)
            if place < self.plan.silences:
                await self.stage.script(faults.silence())
            if place % 2 == 0:
                await self.stage.script(faults.outage(self.chance))
                await asyncio.sleep(self.chance.uniform(0.5, 2))
            await asyncio.sleep(self.chance.uniform(0, 0.3))
            if place % MANY_KILLS == 1:
                await self.stage.wire.cut(self.chance.uniform(0, 1))
            await self._end(place)

    async def _end(self, place: int) -> None:
        """Kill the executor; before it now and then the approvals, which it would otherwise give a long rest."""
        ending = [self.stage.mcp]
        if place % MANY_KILLS == MANY_KILLS - 1:
            ending = [self.stage.approvals, self.stage.mcp]
        for service in ending:
            await service.kill()
            self.told.kills[service.member.package] += 1
        await self.stage.well()  # or what is left of the outage would meet a breaker that nobody resets

    async def _cut(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 3))
            self.stage.wire.nick(self.chance, MOST_NICKED)

    async def _proposals(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            page = await self.stage.asked("operator", "GET", f"/v1/proposals?limit=200&order=oldest{more}")
            found += page["items"]
            cursor = page["next_cursor"]
        return found


async def proved(folder: Path, plan: Plan) -> tuple[Verdict, Told]:
    """Play the whole of it in a folder, and judge."""
    chance = random.Random(plan.seed)  # noqa: S311  # the same run for the same seed
    async with opened(folder, plan.skus) as stage:
        proof = Proof(plan, stage, chance, Wishes(made_up(plan.skus), chance))
        await proof.play()
        return await proof.judge(), proof.told
