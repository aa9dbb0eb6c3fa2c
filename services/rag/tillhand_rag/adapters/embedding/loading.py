"""From settings to a loaded model: the exported one by its best route here, or any other through the reference."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, Literal, Protocol

import structlog

from tillhand_rag.adapters.embedding.allocator import limit_memory
from tillhand_rag.adapters.embedding.cores import available_cores
from tillhand_rag.adapters.embedding.encoder import Precision
from tillhand_rag.adapters.embedding.manifest import (
    TOKENIZER_FILE,
    Manifest,
    RouteName,
    artefact_folder,
    read_manifest,
)
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.model import ModelEmbedder
from tillhand_rag.adapters.embedding.model_files import (
    DEFAULT_MODEL,
    RECIPE,
    REVISION,
    ModelMissing,
    find_default_model,
)
from tillhand_rag.adapters.embedding.reference import load_reference
from tillhand_rag.adapters.embedding.routes import Backend, backend_of, files_of, open_route, serving_route
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer
from tillhand_rag.errors import EmbedderUnavailable
from tillhand_rag.ports.embedding import EmbeddingSpace

PRECISION_CLASS: Final = "float"
"""float32 and bfloat16 of the same weights differ by less than .0001 in cosine: a store of one serves the other.

Cached vectors are kept apart all the same."""

_PREPARE: Final = "run `tillhand rag prepare`"
_log: Final = structlog.get_logger(__name__)


class EmbeddingSettings(Protocol):
    """The settings that the embedder reads."""

    @property
    def embedder(self) -> Literal["auto", "onnxruntime", "openvino", "sentence-transformers"]: ...
    @property
    def embedding_model(self) -> str: ...
    @property
    def model_dir(self) -> Path: ...
    @property
    def embedding_threads(self) -> int: ...
    @property
    def embedding_cache_bytes(self) -> int: ...
    @property
    def data_dir(self) -> Path: ...


def load_model(settings: EmbeddingSettings, metrics: EmbeddingMetrics) -> ModelEmbedder:
    """The model without a cache. Blocks for what it imports. Raises `EmbedderUnavailable`."""
    limit_memory()
    threads = settings.embedding_threads or available_cores()
    try:
        if settings.embedder == "sentence-transformers" or _only_reference(settings):
            return _reference(settings.embedding_model, threads, metrics)
        return _exported(settings, settings.embedder, threads, metrics)
    except ModelMissing as missing:
        raise EmbedderUnavailable(str(missing)) from missing


def _only_reference(settings: EmbeddingSettings) -> bool:
    """Whether the route is left to us, and the model has only one."""
    return settings.embedder == "auto" and settings.embedding_model != DEFAULT_MODEL


def _exported(
    settings: EmbeddingSettings, wanted: Literal["auto"] | Backend, threads: int, metrics: EmbeddingMetrics
) -> ModelEmbedder:
    if settings.embedding_model != DEFAULT_MODEL:
        raise ModelMissing(
            f"Only {DEFAULT_MODEL} is exported at set-up; another model needs TILLHAND_EMBEDDER=sentence-transformers."
        )
    folder = artefact_folder(settings.model_dir)
    manifest = read_manifest(folder)
    if manifest is None:
        raise ModelMissing(f"The default model has not been prepared under {settings.model_dir}: {_PREPARE}.")
    route = serving_route(manifest, wanted)
    if route is None:
        raise ModelMissing(f"No checked route to the model with the runtime {wanted} is installed here: {_PREPARE}.")
    if not manifest.intact(folder, *files_of(route), TOKENIZER_FILE):
        raise ModelMissing(f"The exported model under {folder} is damaged: {_PREPARE}.")
    if route != manifest.chosen:
        _log.warning("embedding_route_fallback", chosen=manifest.chosen, serving=route)
    encoder = open_route(route, folder, threads=threads)
    tokenizer = ModelTokenizer.load(folder / TOKENIZER_FILE, max_tokens=manifest.max_tokens)
    return ModelEmbedder(encoder, tokenizer, space_of(manifest, route, encoder.precision, threads), metrics)


def space_of(manifest: Manifest, route: RouteName, precision: Precision, threads: int) -> EmbeddingSpace:
    """The space that a route of the exported model serves."""
    return EmbeddingSpace(
        id=_space_id(RECIPE),
        model=manifest.model,
        revision=manifest.revision,
        backend=backend_of(route),
        precision=precision,
        dimension=manifest.dimension,
        max_tokens=manifest.max_tokens,
        threads=threads,
    )


def _reference(name: str, threads: int, metrics: EmbeddingMetrics) -> ModelEmbedder:
    default = name == DEFAULT_MODEL
    reference = load_reference(find_default_model().folder if default else name, threads=threads)
    recipe = RECIPE if default else reference.digest()
    space = EmbeddingSpace(
        id=_space_id(recipe),
        model=name,
        revision=REVISION if default else recipe[:12],
        backend="sentence-transformers",
        precision=reference.precision,
        dimension=reference.dimension,
        max_tokens=reference.max_tokens,
        threads=threads,
    )
    return ModelEmbedder(reference, reference.tokenizer, space, metrics)


def _space_id(recipe: str) -> str:
    """Digest of weights, pooling and normalisation (all in `recipe`) and precision class."""
    return hashlib.sha256(f"{recipe}:{PRECISION_CLASS}".encode()).hexdigest()
