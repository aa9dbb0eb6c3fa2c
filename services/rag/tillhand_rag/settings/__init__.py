"""What the knowledge base can be told, beside what every service can."""

from __future__ import annotations

from pydantic import Field

from tillhand_rag.settings.answers import AnswerSettings
from tillhand_rag.settings.chat import ChatSettings
from tillhand_rag.settings.indexes import DEFAULT_MODEL, IndexSettings
from tillhand_rag.settings.ingestion import IngestionSettings
from tillhand_rag.settings.insight import InsightSettings

__all__ = ["DEFAULT_MODEL", "RagSettings"]


class RagSettings(AnswerSettings, ChatSettings, InsightSettings, IngestionSettings, IndexSettings):
    """Settings of services/rag."""

    port: int = Field(default=8001, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")

    def of_model(self, model: str) -> RagSettings:
        """These settings with another embedding model."""
        return self.model_copy(update={"embedding_model": model})
