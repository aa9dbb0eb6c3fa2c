"""The embedding model: exported and checked at set-up, served in batches by the fastest route, cached on disk."""

from tillhand_rag.adapters.embedding.loading import EmbeddingSettings
from tillhand_rag.adapters.embedding.manifest import Manifest
from tillhand_rag.adapters.embedding.model_files import ModelMissing
from tillhand_rag.adapters.embedding.pool import Build, EmbedderPool, model_builder
from tillhand_rag.adapters.embedding.served import ServedEmbedder, build_embedder

__all__ = [
    "Build",
    "EmbedderPool",
    "EmbeddingSettings",
    "Manifest",
    "ModelMissing",
    "ServedEmbedder",
    "build_embedder",
    "model_builder",
]
