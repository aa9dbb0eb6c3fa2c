"""Fills a store with passages and made-up vectors, without embedding anything.

usage: python -m benchmarks.rag_peers.fill DATA_DIR PASSAGES GROUPS
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.rag_peers.peer import made_up_vectors
from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding import build_embedder
from tillhand_rag.domain.documents import Chunk, IndexedDocument, ParsedDocument
from tillhand_rag.settings import RagSettings
from tillhand_rag.store import open_store

BATCH = 500
WORDS = ("returns", "delivery", "warranty", "kettle", "gasket", "voltage", "refund", "colour", "pressure", "weight")


async def fill(data_dir: Path, passages: int, groups: int) -> None:
    """Put `passages` documents of one chunk each into the collection `default`."""
    settings = RagSettings(data_dir=data_dir)
    embedder = build_embedder(settings, Metrics("fill"))
    await embedder.start()
    store = await open_store(settings.store_dir, embedder.space)
    vectors = made_up_vectors(passages)
    for start in range(0, passages, BATCH):
        rows = range(start, min(start + BATCH, passages))
        await store.put("default", [_document(row, groups, vectors[row].tobytes()) for row in rows])
    await store.settled()
    await store.close()
    await embedder.close()


def _document(row: int, groups: int, vector: bytes) -> IndexedDocument:
    text = f"Passage {row} is about {WORDS[row % 10]} and {WORDS[row // 10 % 10]} of part {row // 100}."
    parsed = ParsedDocument(f"Passage {row}", text, "text/plain", attributes={"group": row % groups})
    return IndexedDocument(f"p{row}", f"p{row}", parsed, [Chunk(0, 0, len(text), (), None, "", 24)], vector)


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
