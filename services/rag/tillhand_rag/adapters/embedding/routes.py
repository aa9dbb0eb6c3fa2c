"""The routes to the exported model: which of them this machine has, and how each is opened."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import Final, Literal

from tillhand_rag.adapters.embedding.encoder import Encoder, Precision
from tillhand_rag.adapters.embedding.manifest import (
    ONNX_FILE,
    OPENVINO_FILE,
    OPENVINO_WEIGHTS,
    Manifest,
    RouteName,
)

Backend = Literal["onnxruntime", "openvino"]

RUNTIMES: Final[tuple[Backend, ...]] = ("onnxruntime", "openvino")
_PARTS: Final[dict[RouteName, tuple[Backend, Precision]]] = {
    "onnxruntime-float32": ("onnxruntime", "float32"),
    "openvino-float32": ("openvino", "float32"),
    "openvino-bfloat16": ("openvino", "bfloat16"),
}
_FILES: Final[dict[Backend, tuple[str, ...]]] = {
    "onnxruntime": (ONNX_FILE,),
    "openvino": (OPENVINO_FILE, OPENVINO_WEIGHTS),
}


def backend_of(route: RouteName) -> Backend:
    """The runtime that a route needs."""
    return _PARTS[route][0]


def files_of(route: RouteName) -> tuple[str, ...]:
    """The files that a route reads."""
    return _FILES[backend_of(route)]


def installed_runtimes() -> dict[str, str]:
    """Each runtime that can be imported, with its version."""
    return {name: importlib.metadata.version(name) for name in RUNTIMES if importlib.util.find_spec(name)}


def works_here(route: RouteName) -> bool:
    """Whether the route's runtime is installed and this processor has its arithmetic."""
    backend, precision = _PARTS[route]
    return importlib.util.find_spec(backend) is not None and (precision == "float32" or _has_bfloat16())


def candidates() -> list[RouteName]:
    """The routes that work here."""
    return [route for route in _PARTS if works_here(route)]


def open_route(route: RouteName, folder: Path, *, threads: int) -> Encoder:
    """The encoder of a route. Imports its runtime."""
    backend, precision = _PARTS[route]
    if backend == "openvino":
        from tillhand_rag.adapters.embedding.openvino import OpenVinoEncoder  # noqa: PLC0415  # an optional runtime

        return OpenVinoEncoder(folder / OPENVINO_FILE, precision=precision, threads=threads)
    from tillhand_rag.adapters.embedding.onnx import OnnxEncoder  # noqa: PLC0415  # not loaded where it is not used

    return OnnxEncoder(folder / ONNX_FILE, threads=threads)


def serving_route(manifest: Manifest, wanted: Literal["auto"] | Backend) -> RouteName | None:
    """The fastest accepted route of the wanted runtime among those that work here; None where there is none.

    The manifest lists routes fastest first. A route that needs arithmetic which this processor lacks, as when an
    image was built on another machine, or a runtime that has been removed since, is passed over.
    """
    fitting = (
        figures.route
        for figures in manifest.routes
        if figures.accepted and wanted in ("auto", backend_of(figures.route)) and works_here(figures.route)
    )
    return next(fitting, None)


def _has_bfloat16() -> bool:
    from tillhand_rag.adapters.embedding.openvino import native_bfloat16  # noqa: PLC0415  # an optional runtime

    return native_bfloat16()
