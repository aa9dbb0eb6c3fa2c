"""The exported model on ONNX Runtime, in float32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnxruntime

from tillhand_rag.adapters.embedding.encoder import Precision, Run, TokenIds
from tillhand_rag.ports import Vectors

_FATAL_ONLY = 4


class OnnxEncoder:
    """One session for both ways: it runs calls side by side, and a second one would hold the weights twice."""

    precision: Precision = "float32"

    def __init__(self, model: Path, *, threads: int) -> None:
        self._model = model
        self._threads = threads
        self._session: Any = None

    def open_interactive(self) -> Run:
        session = self._open()
        options = onnxruntime.RunOptions()
        # The arena would keep the memory of the largest batch for good.
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

        def run(ids: TokenIds, mask: TokenIds) -> Vectors:
            vectors: Vectors = session.run(None, {"input_ids": ids, "attention_mask": mask}, options)[0]
            return vectors

        return run

    def open_bulk(self) -> Sequence[Run]:
        return [self.open_interactive()]

    def _open(self) -> Any:  # noqa: ANN401  # the library has no types
        if self._session is None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self._threads
            options.inter_op_num_threads = 1
            options.log_severity_level = _FATAL_ONLY  # failures come as exceptions
            options.enable_mem_pattern = False  # one is kept for every shape, and batches differ in shape
            # Spin while a call runs, not after it: the cores belong to the rest of the service then.
            options.add_session_config_entry("session.force_spinning_stop", "1")
            self._session = onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        return self._session
