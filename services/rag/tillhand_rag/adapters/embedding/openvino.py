"""The exported model on OpenVINO, in float32 or, where the processor has it, bfloat16."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tillhand_rag.adapters.embedding.encoder import MAX_BULK_WORKERS, MAX_INTERACTIVE_THREADS, Precision, Run, TokenIds
from tillhand_rag.adapters.embedding.quiet_openvino import openvino
from tillhand_rag.ports.embedding import Vectors

_HINTS: Final[dict[Precision, str]] = {"float32": "f32", "bfloat16": "bf16"}
_SHAPES_KEPT: Final = 256
"""Kernels are compiled per shape; this many are kept, about 0.3 MB each."""


@functools.cache
def _core() -> Any:  # noqa: ANN401  # the library is untyped to mypy
    return openvino.Core()


def native_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself; elsewhere it would be slower than float32."""
    return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class OpenVinoEncoder:
    """Compiled twice, once for each way, from weights that are mapped from disk in 16 bits."""

    compiles_shapes = True

    def __init__(self, model: Path, *, precision: Precision, threads: int) -> None:
        # Read once: two readings would map the same weights twice.
        self._model = _core().read_model(model)
        self._threads = threads
        self.precision: Precision = precision if native_bfloat16() else "float32"

    def open_interactive(self) -> Run:
        return self._compile(streams=1, threads=min(self._threads, MAX_INTERACTIVE_THREADS))[0]

    def open_bulk(self) -> Sequence[Run]:
        return self._compile(streams=min(self._threads, MAX_BULK_WORKERS), threads=self._threads)

    def _compile(self, *, streams: int, threads: int) -> list[Run]:
        compiled = _core().compile_model(
            self._model,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": _HINTS[self.precision],
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": streams,
                # Both ways share the cores, and the service's other threads want them too.
                "ENABLE_CPU_PINNING": False,
                "CPU_RUNTIME_CACHE_CAPACITY": _SHAPES_KEPT,
            },
        )
        return [_runner(compiled.create_infer_request()) for _ in range(streams)]


def _runner(request: Any) -> Run:  # noqa: ANN401  # the library is untyped to mypy
    def run(ids: TokenIds, mask: TokenIds) -> Vectors:
        # Inputs are read in place; the output is copied, since the next call writes over it.
        vectors: Vectors = request.infer([ids, mask], share_inputs=True, share_outputs=False)[0]
        return vectors

    return run
