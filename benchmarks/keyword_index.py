"""The keyword index beside SQLite FTS5, over the same passages and questions: what each finds, and what it costs.

    python -m benchmarks.keyword_index [--data BEIR_FOLDER]

FTS5 as one would set it up: porter over unicode61, the title weighted, ranked by bm25, the words of a question joined
by OR; once with all of them, once without English stop words. It keeps no text of its own (contentless), and commits as
durably as the store's truth does. Without a folder the sample shop is used: its golden questions, and the sources that
they name. nDCG@10 counts documents, by their best passage; times are of 200 passages, the depth that the service asks
for. An addition is visible when a search for its word returns it.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Final, Protocol

import numpy as np
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from benchmarks.rag_peers.corpus import LONGEST_WORDS, ROOT
from tillhand_rag.adapters.beir import BeirData, BeirDocument, load_beir
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.domain.evaluation import JudgedQuery
from tillhand_rag.domain.metrics import distinct, ndcg, percentile
from tillhand_rag.service.search import LIST_DEPTH
from tillhand_rag.store.keyword_index import KeywordIndex
from tillhand_rag.store.records import Indexable, Passage
from tillhand_rag.store.schema import chunk_key, document_of

TOGETHER: Final = 200
"""Documents in one commit."""
ADDITIONS: Final = 30
NO_VECTORS: Final = np.zeros((0, 1), dtype=np.float32)


class Index(Protocol):
    """What is compared: `add` commits, visible and durable; `search` gives chunks, best first."""

    def add(self, documents: Sequence[Indexable]) -> None: ...
    def search(self, text: str) -> list[int]: ...
    def close(self) -> None: ...


class Ours:
    """The knowledge base's own index."""

    def __init__(self, folder: Path) -> None:
        self._index = KeywordIndex.create(folder, "benchmark")

    def add(self, documents: Sequence[Indexable]) -> None:
        self._index.apply({document.key: document for document in documents})

    def search(self, text: str) -> list[int]:
        return [chunk for chunk, _ in self._index.search(text, LIST_DEPTH)]

    def close(self) -> None:
        self._index.close()


class Fts5:
    """SQLite's full-text index."""

    def __init__(self, folder: Path, stop_words: Filter) -> None:
        folder.mkdir()
        words = TextAnalyzerBuilder(Tokenizer.regex(r"[\p{L}\p{N}]+")).filter(Filter.lowercase())
        self._words = words.filter(stop_words).build()
        self._connection = sqlite3.connect(folder / "fts5.db")
        self._connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE VIRTUAL TABLE words USING fts5(title, text, content='', tokenize='porter unicode61');"
            "INSERT INTO words(words, rank) VALUES ('rank', 'bm25(3.0, 1.0)');"
        )

    def add(self, documents: Sequence[Indexable]) -> None:
        rows = [(passage.chunk, doc.title, passage.text) for doc in documents for passage in doc.passages]
        with self._connection:
            self._connection.executemany("INSERT INTO words(rowid, title, text) VALUES (?, ?, ?)", rows)

    def search(self, text: str) -> list[int]:
        asked = " OR ".join(f'"{word}"' for word in dict.fromkeys(self._words.analyze(text)))
        query = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?"
        return [chunk for (chunk,) in self._connection.execute(query, (asked, LIST_DEPTH))] if asked else []

    def close(self) -> None:
        self._connection.close()


INDEXES: Final[dict[str, Callable[[Path], Index]]] = {
    "tantivy (ours)": Ours,
    "FTS5": lambda folder: Fts5(folder, Filter.custom_stopword([])),
    "FTS5, no stop words": lambda folder: Fts5(folder, Filter.stopword("english")),
}
COLUMNS: Final = f"{'':<20}{'nDCG@10':>9}{'p50 ms':>9}{'p95 ms':>9}{'add s':>8}{'visible ms':>12}{'disk MB':>9}"


def measured(index: Index, folder: Path, data: BeirData) -> str:
    """One line of the table: fill the index, ask everything twice, the second time by the clock, and add a little."""
    documents = [indexable(key, document) for key, document in enumerate(data.documents, start=1)]
    started = time.perf_counter()
    for first in range(0, len(documents), TOGETHER):
        index.add(documents[first : first + TOGETHER])
    add_s = time.perf_counter() - started
    scores, times_ms = [], []
    for query in data.queries:
        index.search(query.text)
        started = time.perf_counter()
        found = index.search(query.text)
        times_ms.append((time.perf_counter() - started) * 1e3)
        ranking = distinct([data.documents[document_of(chunk) - 1].id for chunk in found])
        scores.append(ndcg(ranking, data.qrels[query.id], 10))
    visible_ms = median(until_visible(index, len(documents) + number) for number in range(1, ADDITIONS + 1))
    index.close()
    megabytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    searched = f"{fmean(scores):>9.4f}{percentile(times_ms, 50):>9.2f}{percentile(times_ms, 95):>9.2f}"
    return f"{searched}{add_s:>8.2f}{visible_ms:>12.1f}{megabytes:>9.2f}"


def until_visible(index: Index, key: int) -> float:
    """Milliseconds from handing over a document to having found it."""
    word = f"benchmarkword{key}"
    added = indexable(key, BeirDocument(word, word, f"An addition that holds {word}."))
    started = time.perf_counter()
    index.add([added])
    found = index.search(word)
    elapsed_ms = (time.perf_counter() - started) * 1e3
    assert found == [chunk_key(key, 0)]
    return elapsed_ms


def indexable(key: int, document: BeirDocument) -> Indexable:
    """A document in passages of whole words, as an index takes it."""
    words = re.findall(r"\S+\s*", document.text) or [document.title]
    pieces = ["".join(words[start : start + LONGEST_WORDS]) for start in range(0, len(words), LONGEST_WORDS)]
    passages = [Passage(chunk_key(key, ordinal), (), piece) for ordinal, piece in enumerate(pieces)]
    return Indexable(key, document.title, {}, passages, NO_VECTORS)


def samples() -> BeirData:
    """The sample shop's Markdown and products, and the golden questions that are answered there."""
    documents = list(_sample_documents(ROOT / "samples"))
    known = {document.id for document in documents}
    goldens = load_goldens(ROOT / "samples" / "goldens.yaml")
    qrels = {golden.id: {source: 1 for source in golden.sources if source in known} for golden in goldens}
    queries = [JudgedQuery(golden.id, golden.question) for golden in goldens if qrels[golden.id]]
    return BeirData(documents, queries, qrels)


def _sample_documents(folder: Path) -> Iterator[BeirDocument]:
    for path in sorted((folder / "documents").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        yield BeirDocument(path.relative_to(folder).as_posix(), text.partition("\n")[0].lstrip("# "), text)
    for line in (folder / "products.jsonl").read_text(encoding="utf-8").splitlines():
        product = json.loads(line)
        yield BeirDocument(f"products.jsonl#{product['id']}", product["title"], product["description"])


def main() -> None:
    """Measure each index on the same data and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="BEIR folder; without it the sample shop is used")
    given = parser.parse_args().data
    data = load_beir(given) if given else samples()
    print(f"{given.name if given else 'samples'}: {len(data.documents)} documents, {len(data.queries)} queries")
    print(COLUMNS)
    with tempfile.TemporaryDirectory(prefix="tillhand-bench-") as scratch:
        for number, (name, make) in enumerate(INDEXES.items()):
            folder = Path(scratch) / str(number)
            print(f"{name:<20}{measured(make(folder), folder, data)}", flush=True)


if __name__ == "__main__":
    main()
