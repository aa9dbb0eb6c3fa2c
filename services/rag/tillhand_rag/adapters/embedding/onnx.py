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

        def run(ids: TokenIds, mask: TokenIds) -> Vectors:
            vectors: Vectors = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
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
            # Batches differ in shape, so the arena would keep the largest of each tensor for good.
            options.enable_cpu_mem_arena = False
            options.enable_mem_pattern = False
            # Spin while a call runs, not after it: the cores belong to the rest of the service then.
            options.add_session_config_entry("session.force_spinning_stop", "1")
            self._session = onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        return self._session
