"""What the service's processes hold: memory, file descriptors, threads. Linux tells."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.5
STEADY_S = 6
SETTLES_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Footprint:
    """A moment of the service: `children_mb` is its vector process's, `anonymous_mb` what is in no file."""

    service_mb: float
    anonymous_mb: float
    children_mb: float
    children: int
    descriptors: int
    threads: int

    @property
    def total_mb(self) -> float:
        """Resident memory of all its processes."""
        return self.service_mb + self.children_mb


def footprint(pid: int) -> Footprint:
    """What a process and its children hold now."""
    children = [child for task in _tasks(pid) for child in _text(task / "children").split()]
    service = _memory(Path(f"/proc/{pid}"))
    return Footprint(
        service_mb=service.get("Rss", 0.0),
        anonymous_mb=service.get("Anonymous", 0.0),
        children_mb=sum(_memory(Path(f"/proc/{child}")).get("Rss", 0.0) for child in children),
        children=len(children),
        descriptors=sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
        threads=len(_tasks(pid)),
    )


def median(samples: Sequence[Footprint]) -> Footprint:
    """The usual one of several moments, each figure for itself."""
    columns = zip(
        *((s.service_mb, s.anonymous_mb, s.children_mb, s.children, s.descriptors, s.threads) for s in samples),
        strict=True,
    )
    service_mb, anonymous_mb, children_mb, *counts = (statistics.median(column) for column in columns)
    return Footprint(service_mb, anonymous_mb, children_mb, *map(round, counts))


def at_rest(pid: int) -> Footprint:
    """What a process holds once it has not changed for some seconds: whatever waits for a pause has been done."""
    deadline = time.monotonic() + SETTLES_WITHIN_S
    last, same = footprint(pid), 0
    time.sleep(2 * STEADY_S)  # writes must have rested for ten seconds before anything is tidied up
    while same < STEADY_S and time.monotonic() < deadline:
        time.sleep(1)
        now = footprint(pid)
        same = same + 1 if _counts(now) == _counts(last) else 0
        last = now
    return last


@contextmanager
def watched(pid: int) -> Iterator[list[Footprint]]:
    """What a process holds from now on, twice a second, while the block runs."""
    seen, ended = list[Footprint](), threading.Event()

    def watch() -> None:
        while True:
            seen.append(footprint(pid))
            if ended.wait(EVERY_S):
                return

    thread = threading.Thread(target=watch, name="footprint")
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _counts(seen: Footprint) -> tuple[int, int, int, int]:
    return seen.children, seen.descriptors, seen.threads, round(seen.total_mb / 4)


def _tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


def _memory(process: Path) -> dict[str, float]:
    """The figures of smaps_rollup, in MB; nothing of a process that has just ended."""
    lines = (line.split() for line in _text(process / "smaps_rollup").splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 / 1e6 for words in lines if words[-1] == "kB"}


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
