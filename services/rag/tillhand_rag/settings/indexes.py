"""How documents are embedded and indexed, and where that is kept."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, field_validator

from tillhand_common.settings import MIB, CommonSettings, Texts

COLLECTION: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
DEFAULT_MODEL: Final = "sentence-transformers/all-MiniLM-L6-v2"


class IndexSettings(CommonSettings):
    """Settings of models, indexes and backups."""

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
    backup_dir: Path | None = Field(
        default=None, description="Folder of the backups; by default `backups` in the data folder."
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

    @field_validator("collection_models", mode="before")
    @classmethod
    def _split_models(cls, value: object) -> object:
        return split(value)

    @field_validator("collection_models")
    @classmethod
    def _paired(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            collection, equals, model = pair.partition("=")
            if not equals or not model or not COLLECTION.fullmatch(collection):
                raise ValueError("each must be collection=model")
        return value

    @property
    def models_by_collection(self) -> dict[str, str]:
        """The model of each collection that has one of its own."""
        return dict(pair.split("=", 1) for pair in self.collection_models)

    @property
    def backups(self) -> Path:
        """Folder of the backups."""
        return self.backup_dir or self.data_dir / "backups"

    @property
    def store_dir(self) -> Path:
        """Folder of the store, owned by one process."""
        return self.data_dir / "rag"


def split(value: object) -> object:
    """Several values in one variable, separated by commas, as a tuple."""
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
