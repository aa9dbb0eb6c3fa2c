"""The exported model on ONNX Runtime, in float32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnxruntime

from tillhand_rag.adapters.embedding.encoder import MAX_BULK_WORKERS, MAX_INTERACTIVE_THREADS, Precision, Run, TokenIds
from tillhand_rag.ports.embedding import Vectors

_FATAL_ONLY = 4


class OnnxEncoder:
    """A session for each way: one thread for each of two passages is faster than both threads for one after the other.

    The bulk workers share one session. Its pool holds the threads beyond theirs, where there are more threads than
    workers.
    """

    precision: Precision = "float32"
    compiles_shapes = False

    def __init__(self, model: Path, *, threads: int) -> None:
        self._model = model
        self._threads = threads

    def open_interactive(self) -> Run:
        return self._open(min(self._threads, MAX_INTERACTIVE_THREADS))

    def open_bulk(self) -> Sequence[Run]:
        workers = min(self._threads, MAX_BULK_WORKERS)
        return [self._open(self._threads - workers + 1)] * workers  # one session, which holds the weights once

    def _open(self, threads: int) -> Run:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL_ONLY  # failures come as exceptions
        options.enable_mem_pattern = False  # one is kept for every shape, and batches differ in shape
        # Spin while a call runs, not after it: the cores belong to the rest of the service then.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        session = onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        shrinking = onnxruntime.RunOptions()
        # The arena would keep the memory of the largest batch for good.
        shrinking.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

        def run(ids: TokenIds, mask: TokenIds) -> Vectors:
            vectors: Vectors = session.run(None, {"input_ids": ids, "attention_mask": mask}, shrinking)[0]
            return vectors

        return run
