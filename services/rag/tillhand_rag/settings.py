"""What the knowledge base can be told, beside what every service can."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, field_validator

from tillhand_common.settings import MIB, CommonSettings, Texts

_COLLECTION: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")

DEFAULT_MODEL: Final = "sentence-transformers/all-MiniLM-L6-v2"


class RagSettings(CommonSettings):
    """Settings of services/rag."""

    port: int = Field(default=8001, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    embedder: Literal["auto", "onnxruntime", "openvino", "sentence-transformers"] = Field(
        default="auto",
        description="Route that serves the embedding model: the one that measured fastest at set-up (auto), "
        "or a named one; sentence-transformers serves any model directly.",
    )
    embedding_model: str = Field(
        default=DEFAULT_MODEL,
        description="Embedding model by its sentence-transformers name or folder; others than the default "
        "are served by sentence-transformers. A change takes effect with `tillhand rag rebuild`.",
    )
    collection_models: Texts = Field(
        default=(),
        description="Collections with an embedding model of their own, as collection=model, comma-separated; a change "
        "takes effect with `tillhand rag rebuild`.",
    )
    chunk_tokens: int = Field(
        default=0,
        ge=0,
        le=8192,
        description="Tokens that long passages are cut at; 0 takes what the embedding model reads at once. A change "
        "takes effect with `tillhand rag rebuild`.",
    )
    rebuild_tolerance: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Share of the golden questions that a rebuilt index may answer worse than the live one.",
    )
    model_dir: Path = Field(
        default=Path(sys.prefix) / "share" / "tillhand" / "models",
        description="Folder of the exported model; by default inside the installation.",
    )
    embedding_threads: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Threads that compute embeddings; 0 takes every core that the process may use.",
    )
    embedding_cache_bytes: int = Field(
        default=512 * MIB, ge=MIB, description="Largest size of the persisted embedding cache, in bytes."
    )
    max_document_bytes: int = Field(
        default=32 * MIB, ge=1024, description="Largest file that becomes a document, in bytes, also when unpacked."
    )
    max_document_characters: int = Field(
        default=5_000_000, ge=1_000, description="Longest canonical text of one document, in characters."
    )
    default_currency: str = Field(
        default="",
        pattern=r"^([A-Z]{3})?$",
        description="ISO 4217 code of prices that name no currency; without it such a price cannot be filtered by.",
    )
    ingest_deadline_s: float = Field(
        default=600.0, gt=0, le=3600, description="Seconds after which an upload is answered with 504."
    )

    @field_validator("collection_models", mode="before")
    @classmethod
    def _split_models(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("collection_models")
    @classmethod
    def _paired(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            collection, equals, model = pair.partition("=")
            if not equals or not model or not _COLLECTION.fullmatch(collection):
                raise ValueError("each must be collection=model")
        return value

    @property
    def models_by_collection(self) -> dict[str, str]:
        """The model of each collection that has one of its own."""
        return dict(pair.split("=", 1) for pair in self.collection_models)

    def of_model(self, model: str) -> RagSettings:
        """These settings with another embedding model."""
        return self.model_copy(update={"embedding_model": model})

    @property
    def store_dir(self) -> Path:
        """Folder of the store, owned by one process."""
        return self.data_dir / "rag"
