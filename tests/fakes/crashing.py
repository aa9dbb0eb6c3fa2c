"""A program that writes to a store until it is killed, and what it would have written: run as
`python -m tests.fakes.crashing FOLDER SEED FIRST`, it says the number of each operation once it is acknowledged.
"""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.shelved import document, opened
from tillhand_rag.domain.documents import IndexedDocument

NAMES = [f"doc{number}" for number in range(12)]
MOST_WORDS = 60


@dataclass(frozen=True)
class Step:
    """One call: documents put, and documents removed."""

    put: list[IndexedDocument]
    remove: list[str]


def step(seed: int, number: int) -> Step:
    """The operation with this number."""
    chance = random.Random(f"{seed}-{number}")  # noqa: S311  # the same operations in both processes
    names = chance.sample(NAMES, chance.randint(1, 4))
    kept = names[: chance.randint(0, len(names))]
    return Step([_document(name, number, chance.randint(1, MOST_WORDS)) for name in kept], names[len(kept) :])


def state(seed: int, steps: int) -> dict[str, str]:
    """What a store holds after so many operations: text by document."""
    held: dict[str, str] = {}
    for number in range(steps):
        done = step(seed, number)
        for name in done.remove:
            held.pop(name, None)
        held.update({written.document_id: written.parsed.text for written in done.put})
    return held


def _document(name: str, number: int, words: int) -> IndexedDocument:
    return document(name, " ".join([name, f"step{number}", *[f"{name}s{number}w{word}" for word in range(words)]]))


async def _write(folder: Path, seed: int, first: int) -> None:
    async with opened(folder, erase_after_s=0.05, vectors_in="process", vectors_after_s=0.0) as store:
        print("open", flush=True)  # noqa: T201  # the other process reads it
        for number in range(first, first + 10_000):
            done = step(seed, number)
            await store.put("default", done.put, remove=done.remove)
            print(number, flush=True)  # noqa: T201  # as above


if __name__ == "__main__":
    asyncio.run(_write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
