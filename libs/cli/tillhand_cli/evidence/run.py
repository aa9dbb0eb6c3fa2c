"""One run: a platform is started, every criterion is judged, and what was found is written."""

from __future__ import annotations

import asyncio
import os
import platform as machine
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tillhand_cli.evidence.criteria import CRITERIA
from tillhand_cli.evidence.judging import STATES, Criterion, Judged, State, judge
from tillhand_cli.evidence.platform import OwnPlatform
from tillhand_cli.evidence.scene import Scene
from tillhand_common.clock import Clock, SystemClock, rfc3339

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the report goes, where the source tree is (if it is here), and how long to soak (None: not at all)."""

    out: Path
    project: Path | None
    soak_minutes: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has found."""

    begun: datetime
    seconds: float
    judged: Sequence[Judged]

    def counts(self) -> dict[State, int]:
        """How many criteria are of each colour."""
        states = [each.finding.state for each in self.judged]
        return {state: states.count(state) for state in STATES}

    @property
    def state(self) -> State:
        """The worst colour: red, else amber, else green."""
        return next((state for state in reversed(STATES) if self.counts()[state]), "amber")

    def as_json(self) -> dict[str, Any]:
        """The report as a program reads it."""
        return {
            "version": VERSION,
            "state": self.state,
            "counts": self.counts(),
            "measured_at": rfc3339(self.begun),
            "seconds": round(self.seconds, 1),
            "machine": f"{machine.machine()}, {os.cpu_count()} cores",
            "criteria": [each.as_json() for each in self.judged],
        }


async def collected(wanted: Wanted, folder: Path, say: Callable[[str], None]) -> Report:
    """Start a platform in this folder and judge every criterion on it; it is gone afterwards, whatever happens."""
    if (task := asyncio.current_task()) is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        own = OwnPlatform(folder)
        stack.push_async_callback(own.aclose)
        say("Starting a platform of its own: five services, with mocks …")
        begun = clock.now(), clock.monotonic()
        ready_s = await own.start()
        scene = Scene(own, wanted.out, wanted.project, wanted.soak_minutes, own.keys(), ready_s)
        judged = await judged_in_turn(CRITERIA, scene, clock, say)
        return Report(begun[0], clock.monotonic() - begun[1], judged)


async def judged_in_turn(
    criteria: Sequence[Criterion], scene: Scene, clock: Clock, say: Callable[[str], None]
) -> list[Judged]:
    """Each criterion, and a line about it before and after."""
    judged = []
    for number, criterion in enumerate(criteria, 1):
        say(f"[{number}/{len(criteria)}] {criterion.title} …")
        each = await judge(criterion, scene, clock)
        say(f"        {each.finding.state} after {each.seconds:.0f} s: {each.finding.summary}")
        judged.append(each)
    return judged
