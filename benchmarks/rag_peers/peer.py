"""One peer in a process of its own, run by the interpreter of `.venv-peers`.

usage: peer.py SYSTEM PHASE CORPUS MODEL STORE; prints one JSON object a line.

Phases: `ingest` builds the index and asks every query; `restart` opens the index that `ingest` left and asks one;
`filtered` asks with a filter that one passage in ten passes, over 20,000 passages with made-up vectors.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks.rag_peers.corpus import Corpus, load  # the path had to be set first

TOP_K = 10
FILLED = 20_000
GROUPS = 10
BATCH = 4_000
DIMENSION = 384


class Peer(Protocol):
    """What the benchmark asks of a system."""

    def ingest(self, passages: Sequence[str]) -> None: ...
    def query(self, text: str) -> object: ...
    def fill(self, vectors: np.ndarray[Any, Any]) -> None: ...
    def filtered(self, text: str) -> object: ...


class LlamaIndex:
    """LlamaIndex over Chroma, as its guide sets it up."""

    def __init__(self, model: str, store: Path, dtype: str | None) -> None:
        import chromadb  # noqa: PLC0415  # importing is part of what is measured
        from llama_index.core import StorageContext, VectorStoreIndex  # noqa: PLC0415
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding  # noqa: PLC0415
        from llama_index.vector_stores.chroma import ChromaVectorStore  # noqa: PLC0415

        kwargs = {"torch_dtype": dtype} if dtype else {}
        self.embedding = HuggingFaceEmbedding(model_name=model, device="cpu", model_kwargs=kwargs)
        client = chromadb.PersistentClient(path=str(store))
        self.vectors = ChromaVectorStore(chroma_collection=client.get_or_create_collection("peer"))
        self.storage = StorageContext.from_defaults(vector_store=self.vectors)
        self.make = VectorStoreIndex
        self.index = VectorStoreIndex.from_vector_store(self.vectors, embed_model=self.embedding)

    def ingest(self, passages: Sequence[str]) -> None:
        from llama_index.core.schema import TextNode  # noqa: PLC0415

        nodes = [TextNode(text=text, id_=str(number)) for number, text in enumerate(passages)]
        self.make(nodes, storage_context=self.storage, embed_model=self.embedding)

    def query(self, text: str) -> object:
        return self.index.as_retriever(similarity_top_k=TOP_K).retrieve(text)

    def fill(self, vectors: np.ndarray[Any, Any]) -> None:
        from llama_index.core.schema import TextNode  # noqa: PLC0415

        for start in range(0, len(vectors), BATCH):
            self.vectors.add(
                [
                    TextNode(
                        text=f"passage {start + row}",
                        id_=str(start + row),
                        embedding=vector.tolist(),
                        metadata={"group": (start + row) % GROUPS},
                    )
                    for row, vector in enumerate(vectors[start : start + BATCH])
                ]
            )

    def filtered(self, text: str) -> object:
        from llama_index.core.vector_stores import MetadataFilter, MetadataFilters  # noqa: PLC0415

        only = MetadataFilters(filters=[MetadataFilter(key="group", value=3)])
        return self.index.as_retriever(similarity_top_k=TOP_K, filters=only).retrieve(text)


class LangChain:
    """LangChain over Chroma, as its guide sets it up."""

    def __init__(self, model: str, store: Path, dtype: str | None) -> None:
        from langchain_chroma import Chroma  # noqa: PLC0415
        from langchain_huggingface import HuggingFaceEmbeddings  # noqa: PLC0415

        kwargs = {"model_kwargs": {"torch_dtype": dtype}} if dtype else {}
        embedding = HuggingFaceEmbeddings(model_name=model, model_kwargs={"device": "cpu", **kwargs})
        self.store = Chroma("peer", embedding, persist_directory=str(store))

    def ingest(self, passages: Sequence[str]) -> None:
        self.store.add_texts(list(passages))

    def query(self, text: str) -> object:
        return self.store.similarity_search(text, k=TOP_K)

    def fill(self, vectors: np.ndarray[Any, Any]) -> None:
        import chromadb  # noqa: PLC0415

        assert chromadb.__version__
        for start in range(0, len(vectors), BATCH):
            rows = range(start, min(start + BATCH, len(vectors)))
            self.store._collection.add(  # noqa: SLF001  # the wrapper itself takes no vectors
                ids=[str(row) for row in rows],
                embeddings=vectors[rows.start : rows.stop],
                documents=[f"passage {row}" for row in rows],
                metadatas=[{"group": row % GROUPS} for row in rows],
            )

    def filtered(self, text: str) -> object:
        return self.store.similarity_search(text, k=TOP_K, filter={"group": 3})


class Txtai:
    """txtai with stored content, as its guide sets it up; it takes no vectors made elsewhere beside a model."""

    def __init__(self, model: str, store: Path, dtype: str | None) -> None:
        from txtai import Embeddings  # noqa: PLC0415

        kwargs = {"vectors": {"model_kwargs": {"torch_dtype": dtype}}} if dtype else {}
        self.path = store / "txtai"
        self.index = Embeddings(path=model, method="sentence-transformers", content=True, gpu=False, **kwargs)
        if self.path.exists():
            self.index.load(str(self.path))

    def ingest(self, passages: Sequence[str]) -> None:
        self.index.index(enumerate(passages))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.index.save(str(self.path))

    def query(self, text: str) -> object:
        return self.index.search(text, TOP_K)


PEERS: dict[str, Callable[..., Any]] = {"llamaindex": LlamaIndex, "langchain": LangChain, "txtai": Txtai}


def quantiles_ms(ask: Callable[[str], object], queries: Sequence[str], warm: int = 5) -> dict[str, float]:
    """p50 and p95 in milliseconds over the queries, after a few that are not counted."""
    for text in queries[:warm]:
        ask(text + " ?")
    times = []
    for text in queries:
        started = time.perf_counter()
        found = ask(text)
        times.append((time.perf_counter() - started) * 1e3)
        assert found
    return {"p50_ms": float(np.percentile(times, 50)), "p95_ms": float(np.percentile(times, 95))}


def made_up_vectors(rows: int) -> np.ndarray[Any, Any]:
    """Unit vectors with a fixed seed, shape (rows, 384)."""
    vectors = np.random.default_rng(7).standard_normal((rows, DIMENSION), dtype=np.float32)
    unit: np.ndarray[Any, Any] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def plain(model: str, corpus: Corpus, dtype: str | None) -> dict[str, float]:
    """sentence-transformers alone: chunks per second of `encode` as it comes."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    encoder = SentenceTransformer(model, device="cpu", model_kwargs={"torch_dtype": dtype} if dtype else {})
    encoder.encode(corpus.passages[:32])
    started = time.perf_counter()
    encoder.encode(corpus.passages)
    return {"chunks_per_s": len(corpus.passages) / (time.perf_counter() - started)}


def main() -> None:
    """Run one phase of one system and print what it measured."""
    system, phase, corpus_file, model, store = sys.argv[1:6]
    name, _, dtype = system.partition("+")
    corpus = load(Path(corpus_file))
    if name == "plain":
        print(json.dumps(plain(model, corpus, dtype or None)))
        return
    peer = PEERS[name](model, Path(store), dtype or None)
    if phase == "restart":
        assert peer.query(corpus.queries[0])
        print(json.dumps({"first": True}), flush=True)
        return
    if phase == "filtered":
        peer.fill(made_up_vectors(FILLED))
        print(json.dumps({"filtered": quantiles_ms(peer.filtered, corpus.queries)}))
        return
    started = time.perf_counter()
    peer.ingest(corpus.passages)
    rate = len(corpus.passages) / (time.perf_counter() - started)
    query = quantiles_ms(peer.query, corpus.queries)
    rss = int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) * 1024 / 1e6
    print(json.dumps({"chunks_per_s": rate, "query": query, "rss_mb": rss}))


if __name__ == "__main__":
    main()
