"""The run: warm up, rest, ten tenths, forget, rest, and a look at what is left."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from benchmarks.rag_peers.corpus import build
from benchmarks.rag_peers.ours import Service, service
from benchmarks.soak import asking, erring, keeping, warming
from benchmarks.soak.footprint import Footprint, at_rest, median, watched
from benchmarks.soak.visitor import Kind, Visitor
from benchmarks.under_load import free_port

CLIENTS = 4
PARTS = 10
WARM_UP = "warm-up"
PASSAGES = 2_000
PROMISED = 0.05
JOBS_END_WITHIN_S = 120

KINDS: Mapping[Kind, int] = {
    asking.search: 300,
    asking.answer: 150,
    asking.streamed: 60,
    asking.left: 40,
    asking.completion: 30,
    asking.feedback: 40,
    asking.insights: 6,
    keeping.document: 150,
    keeping.lines: 4,
    keeping.repeated: 8,
    keeping.read: 80,
    keeping.correction: 30,
    keeping.trial: 15,
    keeping.ingestion: 6,
    keeping.evaluation: 1,
    keeping.goldens: 2,
    erring.bad: 50,
    erring.keyless: 8,
    erring.probe: 40,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the run, and what the processes usually held meanwhile."""

    name: str
    requests: int
    seconds: float
    held: Footprint


@dataclass(frozen=True, slots=True)
class Result:
    """What came out. `left` says what should not be there any more."""

    parts: list[Part]
    before: Footprint
    after: Footprint
    statuses: Counter[tuple[str, int]]
    wrong: list[str]
    left: list[str]

    @property
    def growth_at_rest(self) -> float:
        """Of all processes, as a share."""
        return self.after.total_mb / self.before.total_mb - 1

    @property
    def growth_at_work(self) -> float:
        """Of the service, as a share: in the last tenth, against the end of the warm-up."""
        warm = next(part for part in reversed(self.parts) if part.name == WARM_UP)
        return self.parts[-1].held.service_mb / warm.held.service_mb - 1

    @property
    def passed(self) -> bool:
        """Whether the promise was kept."""
        return not self.wrong and not self.left and max(self.growth_at_rest, self.growth_at_work) <= PROMISED


@dataclass(frozen=True, slots=True)
class _Soak:
    """The service and its clients, each in a thread of its own."""

    running: Service
    visitors: Sequence[Visitor]
    pool: Executor

    def part(self, name: str, requests: int) -> Part:
        """Send so many mixed requests; the second half of the time is what is looked at."""
        done, began = self._sent(), time.monotonic()
        with watched(self.running.process.pid) as seen:
            list(self.pool.map(lambda visitor: visitor.visit(KINDS, requests // CLIENTS), self.visitors))
        sent = self._sent() - done
        print(f"{name}: {sent} requests", file=sys.stderr, flush=True)
        return Part(name, sent, time.monotonic() - began, median(seen[len(seen) // 2 :]))

    def warmed(self, requests: int) -> tuple[list[Part], Footprint]:
        """Fill what is bounded; the parts, and what is held at rest before the last of them.

        Each rest lets go of what only work needs and begins what waits for a rest, as the vector process does.
        """
        begin = self.part("begin", requests // 3)
        self.rested()
        warming.questions(self.visitors[0])
        list(self.pool.map(warming.novelties, self.visitors, repeat(warming.QUESTIONS // CLIENTS)))
        going_on = self.part("go on", requests // 3)
        at_rest = self.rested()
        list(self.pool.map(warming.passages, self.visitors[:2]))  # they have two workers with kernels of their own
        return [begin, going_on, self.part(WARM_UP, requests // 3)], at_rest

    def forgotten(self) -> None:
        """Delete all that was put, and wait for the end of every job."""
        list(self.pool.map(keeping.forget, self.visitors))
        deadline = time.monotonic() + JOBS_END_WITHIN_S
        while _jobs_under_way(self.running) and time.monotonic() < deadline:
            time.sleep(0.5)

    def rested(self) -> Footprint:
        """What is held while nothing is asked."""
        return at_rest(self.running.process.pid)

    def _sent(self) -> int:
        return sum(visitor.sent for visitor in self.visitors)


def soaked(options: argparse.Namespace, scratch: Path) -> Result:
    """The whole run."""
    corpus = build(options.data, PASSAGES, PASSAGES)
    with service(scratch / "data", free_port()) as running, ThreadPoolExecutor(CLIENTS) as pool:
        running.ingest(corpus.passages)
        start = _holdings(running)
        chances = [random.Random(f"{options.seed}-{number}") for number in range(CLIENTS)]  # noqa: S311  # the same each time
        visitors = [Visitor(n, running.port, running.key(), corpus, chance) for n, chance in enumerate(chances)]
        soak = _Soak(running, visitors, pool)
        parts, before = soak.warmed(options.warm_up)
        parts += [soak.part(f"{100 * (n + 1) // PARTS} %", options.requests // PARTS) for n in range(PARTS)]
        soak.forgotten()
        after, end = soak.rested(), _holdings(running)
    return Result(
        parts=parts,
        before=before,
        after=after,
        statuses=sum((visitor.statuses for visitor in visitors), Counter[tuple[str, int]]()),
        wrong=[line for visitor in visitors for line in visitor.wrong],
        left=[f"{name}: {end[name]}, {start[name]} at the start" for name in start if end[name] != start[name]],
    )


def _holdings(running: Service) -> dict[str, int]:
    """What the service has, and what it is at."""
    collections = _got(running, "/v1/collections")["items"]
    metrics = _content(running, "/metrics").decode()
    return {
        "collections": len(collections),
        "documents": sum(each["documents"] for each in collections),
        "passages": sum(each["chunks"] for each in collections),
        "corrections": len(_got(running, "/v1/corrections")["items"]),
        "jobs under way": _jobs_under_way(running),
        "open streams": _metric(metrics, "sse_streams_open"),
        "requests in flight": _metric(metrics, "http_requests_in_flight"),
        "refused samples": _metric(metrics, "tillhand_metrics_refused_total"),
    }


def _jobs_under_way(running: Service) -> int:
    jobs = [job for path in ("/v1/ingestions", "/v1/evaluations") for job in _got(running, path)["items"]]
    return sum(job["finished_at"] is None for job in jobs)


def _metric(metrics: str, name: str) -> int:
    return round(sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", metrics, re.MULTILINE)))


def _got(running: Service, path: str) -> Any:  # noqa: ANN401  # JSON is any of its types
    return json.loads(_content(running, path))


def _content(running: Service, path: str) -> bytes:
    connection = running.connect()
    connection.request("GET", path, headers={"authorization": f"Bearer {running.key_cached}"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status == 200, f"{path}: {response.status}"
    return content
