"""A model that is quick to load and can be held, broken and looked at."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from weakref import WeakSet

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.fakes.embedder import fake_space
from tillhand_rag.adapters.embedding.encoder import Precision, Run, TokenIds
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer
from tillhand_rag.ports.embedding import EmbeddingSpace, Vectors

WORDS = 2_000
DIMENSION = 32
MAX_TOKENS = 64


class ModelFailed(Exception):
    """What a runtime raises when it cannot go on."""


class FakeEncoder:
    """An `Encoder` whose vectors depend on the ids under the mask alone.

    `batches` holds the shape of each batch by lane, `openings` the lane of each `Run` that was opened, `loaded` the
    bulk lane's that are still referenced. While the gate of a lane is cleared, its batches wait inside the model;
    `entered` counts those that have arrived there. `broken` makes the next batches fail, `missing` the next opening.
    """

    precision: Precision = "float32"
    compiles_shapes = False

    def __init__(self, *, bulk_workers: int = 2) -> None:
        self.batches: dict[str, list[tuple[int, int]]] = {"interactive": [], "bulk": []}
        self.gates = {"interactive": threading.Event(), "bulk": threading.Event()}
        self.entered = threading.Semaphore(0)
        self.openings: list[str] = []
        self.loaded: WeakSet[Run] = WeakSet()
        self.broken = False
        self.missing = False
        self._bulk_workers = bulk_workers
        for gate in self.gates.values():
            gate.set()

    def open_interactive(self) -> Run:
        return self._opened("interactive")

    def open_bulk(self) -> Sequence[Run]:
        runs = [self._opened("bulk") for _ in range(self._bulk_workers)]
        self.loaded.update(runs)
        return runs

    def _opened(self, lane: str) -> Run:
        self.openings.append(lane)
        if self.missing:
            raise ModelFailed("no such file")

        def run(ids: TokenIds, mask: TokenIds) -> Vectors:
            self.entered.release()
            assert self.gates[lane].wait(timeout=10), "the test never opened the gate"
            if self.broken:
                raise ModelFailed("out of memory")
            self.batches[lane].append(ids.shape)
            return expected_vectors(ids, mask)

        return run


def expected_vectors(ids: TokenIds, mask: TokenIds) -> Vectors:
    """The vectors that the fake model gives, shape (texts, 32)."""
    vectors = np.zeros((len(ids), DIMENSION), dtype=np.float32)
    for row, text, seen in zip(vectors, ids, mask, strict=True):
        np.add.at(row, text[seen == 1] % DIMENSION, text[seen == 1].astype(np.float32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def word_tokenizer(max_tokens: int = MAX_TOKENS) -> ModelTokenizer:
    """A real tokenizer of the words w0, w1, …; one token each, two special tokens around."""
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3}
    vocabulary |= {f"w{number}": number + 4 for number in range(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return ModelTokenizer(tokenizer, max_tokens=max_tokens)


def encoder_space() -> EmbeddingSpace:
    """The space of the fake model."""
    return fake_space("fake-model", dimension=DIMENSION, max_tokens=MAX_TOKENS)
