"""The knowledge base as its users meet it: a service process, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rag_peers.corpus import Corpus
from benchmarks.rag_peers.peer import GROUPS, TOP_K, quantiles_ms
from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding.loading import load_model
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.settings import RagSettings

STOP_WITHIN_S = 20
READY_WITHIN_S = 120
CLIENTS = 8
WRITERS = 2
LINES_TOGETHER = 250
SINGLY = 500


class Service:
    """A running knowledge base and one kept-alive connection to it."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.key_cached = ""
        self.data_dir = data_dir
        self.port = port
        environment = {
            **os.environ,
            "TILLHAND_DATA_DIR": str(data_dir),
            "TILLHAND_PORT": str(port),
            "TILLHAND_RATE_LIMIT": "off",
            "TILLHAND_LOG_LEVEL": "warning",
        }
        self.process = subprocess.Popen([sys.executable, "-m", "tillhand_rag"], env=environment)
        self.connection = self.connect()

    def connect(self) -> http.client.HTTPConnection:
        """Another connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def key(self) -> str:
        """The operator's token of this data folder."""
        return (self.data_dir / "keys" / "operator.key").read_text().strip()

    def post(self, path: str, body: dict[str, Any], connection: http.client.HTTPConnection | None = None) -> Any:  # noqa: ANN401  # JSON is any of its types
        """The decoded answer. Raises RuntimeError for anything but 2xx."""
        return self.send(json.dumps(body), "application/json", connection or self.connection, path)

    def send(
        self, body: str, content_type: str, connection: http.client.HTTPConnection, path: str = "/v1/documents"
    ) -> Any:  # noqa: ANN401  # as above
        """The decoded answer to a body of this type. Raises RuntimeError for anything but 2xx."""
        headers = {"content-type": content_type, "authorization": f"Bearer {self.key_cached}"}
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{path}: {response.status} {content[:300]!r}")
        return json.loads(content)

    def wait(self) -> None:
        """Until the first request can be answered."""
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            try:
                self.connection.request("GET", "/ready?for=traffic")
                response = self.connection.getresponse()
                response.read()
                if response.status == 200:
                    self.key_cached = self.key()
                    return
            except OSError:
                self.connection.close()
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended with {self.process.returncode}")
            time.sleep(0.005)
        raise RuntimeError("the service did not become ready")

    def rss_mb(self) -> float:
        """Resident memory of the service and of its vector index's process, in MB."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        pids = [str(self.process.pid), *(child for task in tasks for child in task.read_text().split())]
        return sum(_resident_kib(pid) for pid in pids) * 1024 / 1e6

    def ingest(self, passages: Sequence[str], collection: str = "default") -> None:
        """Put every passage in as a document of its own, many to a request, from two clients."""

        def stripe(connection: http.client.HTTPConnection, first: int) -> None:
            for start in range(first * LINES_TOGETHER, len(passages), WRITERS * LINES_TOGETHER):
                some = range(start, min(start + LINES_TOGETHER, len(passages)))
                lines = [json.dumps(_document(passages[number], number, collection)) for number in some]
                assert not self.send("\n".join(lines), "application/x-ndjson", connection)["refused"]

        self._side_by_side(stripe, WRITERS)

    def ingest_singly(self, passages: Sequence[str], collection: str = "default") -> None:
        """The same with a request for each passage, from eight clients."""

        def stripe(connection: http.client.HTTPConnection, first: int) -> None:
            for number in range(first, len(passages), CLIENTS):
                self.post("/v1/documents", _document(passages[number], number, collection), connection)

        self._side_by_side(stripe, CLIENTS)

    def _side_by_side(self, work: Callable[[http.client.HTTPConnection, int], None], clients: int) -> None:
        connections = [self.connect() for _ in range(clients)]
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(work, connections, range(clients)))
        self.connection.close()  # the service may have closed it, idle as it was; the next request opens it again

    def searcher(self, mode: str, filters: dict[str, Any] | None = None) -> Callable[[str], object]:
        """A function that searches over HTTP."""
        return lambda text: self.post(
            "/v1/search", {"query": text, "mode": mode, "top_k": TOP_K, "filters": filters or {}}
        )["hits"]

    def stop(self) -> None:
        """Drain and end."""
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_WITHIN_S)


def _resident_kib(pid: str) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0])


def _document(passage: str, number: int, collection: str) -> dict[str, str]:
    return {"source": f"passage-{number}", "text": passage, "media_type": "text/plain", "collection": collection}


@contextmanager
def service(data_dir: Path, port: int) -> Iterator[Service]:
    """A service on this folder, stopped at the end."""
    running = Service(data_dir, port)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def measure(corpus: Corpus, data_dir: Path, port: int) -> dict[str, Any]:
    """Ingestion, queries that miss and hit the embedding cache, memory; then a restart to its first answer."""
    with service(data_dir, port) as running:
        started = time.perf_counter()
        running.ingest(corpus.passages)
        rate = len(corpus.passages) / (time.perf_counter() - started)
        hybrid = running.searcher("hybrid")
        miss = quantiles_ms(hybrid, corpus.queries)
        hit = quantiles_ms(hybrid, corpus.queries)
        dense = quantiles_ms(running.searcher("dense"), [f"{query} " for query in corpus.queries])
        rss = running.rss_mb()
    started = time.perf_counter()
    with service(data_dir, port) as running:
        assert running.searcher("hybrid")(corpus.queries[0] + " again")
        first = time.perf_counter() - started
    return {
        "chunks_per_s": rate,
        "query": miss,
        "cache_hit": hit,
        "dense": dense,
        "rss_mb": rss,
        "start_to_first_answer_s": first,
    }


def measure_singly(corpus: Corpus, data_dir: Path, port: int) -> dict[str, Any]:
    """Ingestion with a request for each passage, over the first of them."""
    some = corpus.passages[:SINGLY]
    with service(data_dir, port) as running:
        started = time.perf_counter()
        running.ingest_singly(some)
        return {"chunks_per_s_singly": len(some) / (time.perf_counter() - started)}


async def measure_embedder(corpus: Corpus, data_dir: Path) -> dict[str, Any]:
    """The embedder by itself, in this process: what ingestion could reach if all else took no time."""
    model = load_model(RagSettings(data_dir=data_dir), EmbeddingMetrics(Metrics("bench")))
    await model.start()
    await model.embed(corpus.passages[:32])
    started = time.perf_counter()
    await model.embed(corpus.passages)
    rate = len(corpus.passages) / (time.perf_counter() - started)
    await model.close()
    return {"embedder_chunks_per_s": rate, "route": f"{model.space.backend}-{model.space.precision}"}


def measure_filtered(corpus: Corpus, data_dir: Path, port: int, vectors: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Hybrid search with a 10 % filter over passages with made-up vectors, put into the store directly."""
    fill = [sys.executable, "-m", "benchmarks.rag_peers.fill", str(data_dir), str(len(vectors)), str(GROUPS)]
    subprocess.run(fill, check=True)
    with service(data_dir, port) as running:
        filtered = quantiles_ms(running.searcher("hybrid", {"group": 3}), corpus.queries)
        unfiltered = quantiles_ms(running.searcher("hybrid"), [f"{query} " for query in corpus.queries])
    return {"filtered": filtered, "unfiltered": unfiltered}
