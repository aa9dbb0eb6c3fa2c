"""Killed at any moment, a store comes back with all that it acknowledged, and no document half there.

`TILLHAND_CRASH_ROUNDS` sets how often it is killed; a few times by default.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.fakes.crashing import state
from tests.fakes.shelved import opened, vector
from tillhand_rag.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("TILLHAND_CRASH_ROUNDS", "2"))
MOST_ACKNOWLEDGED = 12
LONGEST_PAUSE_S = 0.15
MANY = 10_000


def killed(folder: Path, seed: int, first: int, chance: random.Random) -> int:
    """Let the program write from operation `first` on, kill it, and return how many operations it was told are done."""
    command = [sys.executable, "-m", "tests.fakes.crashing", str(folder), str(seed), str(first)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        lines = [process.stdout.readline() for _ in range(chance.randint(0, MOST_ACKNOWLEDGED))]
        time.sleep(chance.uniform(0, LONGEST_PAUSE_S))  # the moment of the kill is what is random here
        process.kill()
        lines += process.stdout.readlines()
    acknowledged = [int(line) for line in lines if line.endswith("\n")]
    return acknowledged[-1] + 1 if acknowledged else first


async def whole(store: Store) -> dict[str, str]:
    """What the store holds; every view of it agrees with every other."""
    records = await store.list("default", after=None, limit=MANY)
    near = await store.dense("default", vector("any"), where=(), limit=MANY)
    chunks = await store.chunks("default", [candidate.chunk_id for candidate in near])
    held: dict[str, str] = {}
    for record in records:
        stored = await store.text("default", record.document_id)
        own = sorted((c for c in chunks if c.document_id == record.document_id), key=lambda c: c.ordinal)
        assert stored is not None
        assert stored.version == record.version
        assert [chunk.ordinal for chunk in own] == list(range(record.chunks))
        assert all(stored.text[chunk.start : chunk.end] == chunk.text for chunk in own)
        assert " ".join(chunk.text for chunk in own) == stored.text
        worded = await store.keyword("default", stored.text.split(" ")[1], where=(), limit=MANY)
        assert own[0].chunk_id in {candidate.chunk_id for candidate in worded}
        assert (await store.similarity("default", vector(own[0].text), [own[0].chunk_id]))[own[0].chunk_id] > 0.999
        held[record.document_id] = stored.text
    assert len(chunks) == len(near) == sum(record.chunks for record in records)
    words = await store.keyword("default", " ".join(held), where=(), limit=MANY)
    assert {chunk.document_id for chunk in await store.chunks("default", [c.chunk_id for c in words])} == held.keys()
    return held


async def test_a_killed_store_loses_nothing_acknowledged_and_shows_nothing_by_halves(tmp_path: Path) -> None:
    seed = random.SystemRandom().randint(0, 10**9)
    chance = random.Random(seed)  # noqa: S311  # moments to be killed at, not secrets
    done = 0
    for round_number in range(ROUNDS):
        acknowledged = max(done, killed(tmp_path, seed, done, chance))
        async with opened(tmp_path) as store:
            held = await whole(store)
            possible = {steps: state(seed, steps) for steps in (acknowledged, acknowledged + 1)}
            matching = [steps for steps, expected in possible.items() if held == expected]
            assert matching, f"seed {seed}, round {round_number}: neither before nor after operation {acknowledged}"
            done = matching[-1]
            await store.settled()
            assert store.status().vector_index == "ready"
