"""How the knowledge base holds up: searches while documents are read in, and eight clients beside one, over HTTP.

    python -m benchmarks.under_load [--data BEIR_FOLDER] [--passages 1000] [--documents 1000] [--seconds 8]
                                    [--rounds 3] [--json]

The service runs as a process of its own with the default model. Every question is asked once, so that it has to be
embedded. Without a folder the corpus is the sample shop, its texts and questions multiplied by a number in each.

1. Searches by one client, before and while a thousand documents are uploaded into the same collection, line by line.
   The bound that we promise: the p95 grows at most 3 times; the goal is 2.
2. Searches per second by eight clients and by one, in turn: at least twice as many; the goal is 2.5.

Each round does both. Prints every round, and the best: on a machine that others use, the one disturbed least.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.rag_peers.corpus import build
from benchmarks.rag_peers.ours import Service, service

CLIENTS = 8
WARM_UP = 20
IDLE_QUESTIONS = 200
TOP_K = 10

Figures = dict[str, float]


class Questions:
    """Questions of which none is ever asked twice, from any thread."""

    def __init__(self, questions: Sequence[str]) -> None:
        self._questions = questions
        self._numbers: Iterator[int] = itertools.count()
        self._lock = threading.Lock()

    def new(self) -> str:
        """The next one; its number makes it new without making it another question."""
        with self._lock:
            number = next(self._numbers)
        return f"{self._questions[number % len(self._questions)]} ({number})"


def multiplied(texts: Sequence[str], count: int) -> list[str]:
    """So many texts, those that are needed more than once with a number."""
    return [
        texts[number % len(texts)] + (f"\nVariation {number}." if number >= len(texts) else "")
        for number in range(count)
    ]


def asked(running: Service, questions: Questions, more: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each search by one client, while there are to be more after so many."""
    connection, times = running.connect(), list[float]()
    while more(len(times)):
        body = {"query": questions.new(), "top_k": TOP_K}
        started = time.perf_counter()
        assert running.post("/v1/search", body, connection)["hits"]
        times.append((time.perf_counter() - started) * 1e3)
    connection.close()
    return times


def while_reading(running: Service, questions: Questions, documents: Sequence[str]) -> Figures:
    """One client's percentiles without and with an upload beside it, and how the p95 grows."""
    idle = asked(running, questions, lambda done: done < IDLE_QUESTIONS)
    with ThreadPoolExecutor(1) as pool:
        started = time.perf_counter()
        reading = pool.submit(running.ingest, documents)
        busy = asked(running, questions, lambda _: not reading.done())
        reading.result()
    seconds = time.perf_counter() - started
    figures = {
        f"{name}_p{percentile}_ms": float(np.percentile(times, percentile))
        for name, times in (("idle", idle), ("busy", busy))
        for percentile in (50, 95)
    }
    figures |= {"busy_searches": len(busy), "documents_per_s": len(documents) / seconds}
    return figures | {"p95_growth": figures["busy_p95_ms"] / figures["idle_p95_ms"]}


def side_by_side(running: Service, questions: Questions, seconds: float) -> Figures:
    """Searches per second by one client and by eight, in turn, one after the other's half of the time."""
    rates: dict[int, list[float]] = {1: [], CLIENTS: []}
    for _ in range(2):
        for clients, found in rates.items():
            found.append(rate(running, questions, clients, seconds / 2))
    one, eight = (float(np.mean(found)) for found in rates.values())
    return {"one_per_s": one, "eight_per_s": eight, "speed_up": eight / one}


def rate(running: Service, questions: Questions, clients: int, seconds: float) -> float:
    """Searches per second by so many clients."""
    started = time.perf_counter()
    ends = started + seconds
    with ThreadPoolExecutor(clients) as pool:
        done = list(
            pool.map(lambda _: len(asked(running, questions, lambda _: time.perf_counter() < ends)), range(clients))
        )
    return sum(done) / (time.perf_counter() - started)


def measured(options: argparse.Namespace, scratch: Path) -> list[Figures]:
    """The figures of each round."""
    corpus = build(options.data, options.passages + options.rounds * options.documents, 1_000)
    texts = multiplied(corpus.passages, options.passages + options.rounds * options.documents)
    questions = Questions(corpus.queries)
    rounds = []
    with service(scratch / "data", free_port()) as running:
        running.ingest(texts[: options.passages])
        asked(running, questions, lambda done: done < WARM_UP)
        for start in range(options.passages, len(texts), options.documents):
            figures = side_by_side(running, questions, options.seconds)
            figures |= while_reading(running, questions, texts[start : start + options.documents])
            rounds.append(figures | {"load_average": os.getloadavg()[0]})
    return rounds


def best(rounds: Sequence[Figures]) -> Figures:
    """The best ratios."""
    return {
        "p95_growth": min(figures["p95_growth"] for figures in rounds),
        "speed_up": max(figures["speed_up"] for figures in rounds),
    }


def table(rounds: Sequence[Figures]) -> str:
    """The figures as text."""
    lines = [f"{name:<18}" + "".join(f"{figures[name]:>10.2f}" for figures in rounds) for name in rounds[0]]
    found = best(rounds)
    lines += ["", f"p95 while reading in, against idle: {found['p95_growth']:.2f} times (promised 3, goal 2)"]
    return "\n".join([*lines, f"8 clients against 1: {found['speed_up']:.2f} times (promised 2, goal 2.5)"])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="BEIR_FOLDER", help="without it the sample shop is used")
    parser.add_argument("--passages", type=int, default=1_000, help="held before anything is measured")
    parser.add_argument("--documents", type=int, default=1_000, help="uploaded in each round")
    parser.add_argument("--seconds", type=float, default=8.0, help="for one client, and for eight, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tillhand-bench-") as scratch:
        rounds = measured(options, Path(scratch))
    print(json.dumps({"rounds": rounds, "best": best(rounds)}, indent=2) if options.json else table(rounds))


if __name__ == "__main__":
    main()
